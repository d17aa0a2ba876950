"""Fuzz decode_bundle and decode_binary: objects within the bytes sent, or Malformed.

By hand: ``python tests/fuzz/fuzz_bundle.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_bundle.py``.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.x509.bundle import decode_binary, decode_bundle
from ca_bridge.core.x509.errors import Malformed
from tests import certificate_der as d
from tests.fuzz import campaign

_CERTIFICATE = d.certificate(version=b"")
_PKCS7 = d.seq(
    d.oid("1.2.156.10197.6.1.4.2.2"),
    d.tlv(0xA0, d.seq(d.integer(1), d.tlv(0x31), d.seq(), d.tlv(0xA0, _CERTIFICATE), d.tlv(0x31))),
)
_TEXT = base64.encodebytes(_CERTIFICATE)
SEEDS = (
    _CERTIFICATE,
    _PKCS7,
    _TEXT,
    b"s:/CN=a\n-----BEGIN CERTIFICATE-----\r\n" + _TEXT + b"-----END CERTIFICATE-----\n",
    b"-----BEGIN PKCS7-----\n" + base64.encodebytes(_PKCS7) + b"-----END PKCS7-----\n",
)


def check(data: bytes) -> None:
    """Anything but Malformed that escapes, and any object larger than what was sent, is a defect."""
    try:
        items = decode_bundle(data)
        if sum(len(item.der) for item in items) > len(data):
            raise AssertionError("more than was sent")
    except Malformed as error:
        _check_params(error)
    try:
        decode_binary(data.decode("utf-8", "surrogateescape"))
    except Malformed as error:
        _check_params(error)


def _check_params(error: Malformed) -> None:
    problem = {name for name, _ in error.params} ^ set(error.reason.params)
    if problem:
        raise AssertionError(error.reason.code, problem)


def test_seeds_and_their_single_edits() -> None:
    for seed in SEEDS:
        assert decode_bundle(seed)[0].der == _CERTIFICATE
        for at in range(len(seed)):
            check(seed[:at])
            for octet in (0x00, 0x2D, 0x80, 0xFF, seed[at] ^ 1):
                check(seed[:at] + bytes((octet,)) + seed[at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
