"""Fuzz parse_ocsp_response: a response or Malformed with the parameters of its reason.

By hand: ``python tests/fuzz/fuzz_ocsp.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_ocsp.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp_parser import parse_ocsp_response
from tests import status_der as d
from tests.fuzz import campaign

SEEDS = (
    d.ocsp(d.single(), extensions=(d.extension(d.NONCE, d.octets(b"n" * 16)),)),
    d.ocsp(
        d.single(d.tlv(0xA1, d.generalized(), d.tlv(0xA0, d.enumerated(1))), d.tlv(0xA0, d.generalized())),
        d.single(d.UNKNOWN, d.tlv(0xA1, d.seq(d.reason_code(1)))),
        responder=d.tlv(0xA1, d.ISSUER),
        certificates=d.tlv(0xA0, d.seq(d.seq(d.integer(1)))),
    ),
    d.seq(d.enumerated(3)),
)


def check(data: bytes) -> None:
    """Anything but Malformed that escapes, and any response half filled, is a defect."""
    try:
        response = parse_ocsp_response(data)
    except Malformed as error:
        problem = {name for name, _ in error.params} ^ set(error.reason.params)
        if problem:
            raise AssertionError(error.reason.code, problem) from error
        return
    if response.response_status != "successful":
        if response.signed is not None or response.responses:
            raise AssertionError("an error with a response")
    elif (response.responder_name is None) is (response.responder_key_hash is None):
        raise AssertionError("one responder")


def test_seeds_and_their_single_edits() -> None:
    for seed in SEEDS:
        assert parse_ocsp_response(seed).der == seed
        for at in range(len(seed)):
            for octet in (0x00, 0x30, 0x7F, 0x80, 0xFF):
                check(seed[:at] + bytes((octet,)) + seed[at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
