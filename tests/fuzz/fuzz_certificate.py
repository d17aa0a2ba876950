"""Fuzz parse_certificate: a certificate that cryptography reads alike, or Malformed with its parameters.

By hand: ``python tests/fuzz/fuzz_certificate.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_certificate.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from tests import certificate_der as d
from tests.fuzz import campaign
from tests.properties.certificate_oracle import read_alike

_URI = d.tlv(0x86, b"http://ca.example/crl")
SEEDS = (
    d.certificate(version=b""),
    d.certificate(
        d.extension("2.5.29.19", d.seq(d.TRUE, d.integer(2)), critical=d.TRUE),
        d.extension("2.5.29.15", d.bits(b"\x06", 1), critical=d.TRUE),
        d.extension("2.5.29.14", d.tlv(0x04, b"key")),
        d.extension("2.5.29.35", d.seq(d.tlv(0x80, b"key"))),
        d.extension("2.5.29.32", d.seq(d.seq(d.oid("1.2.156.1")), d.seq(d.oid("2.5.29.32.0")))),
        d.extension("2.5.29.33", d.seq(d.seq(d.oid("1.2.156.1"), d.oid("2.16.344.8")))),
        d.extension("2.5.29.36", d.seq(d.integer(0, 0x80), d.integer(1, 0x81))),
        d.extension("2.5.29.54", d.integer(3)),
        d.extension(
            "2.5.29.30",
            d.seq(d.tlv(0xA0, d.seq(d.tlv(0x82, b"example.cn"))), d.tlv(0xA1, d.seq(d.tlv(0x87, bytes(8))))),
            critical=d.TRUE,
        ),
    ),
    d.certificate(
        d.extension("2.5.29.37", d.seq(d.oid("1.3.6.1.5.5.7.3.1")), critical=d.FALSE),
        d.extension("2.5.29.19", d.seq(d.FALSE)),
        d.extension(
            "2.5.29.17",
            d.seq(
                d.tlv(0x82, b"a.example.cn"),
                d.tlv(0x81, b"a@example.cn"),
                d.tlv(0x87, bytes(4)),
                d.tlv(0xA4, d.name("证书")),
                d.tlv(0x88, b"\x2a\x03"),
                d.tlv(0xA0, d.oid("1.2.3"), d.tlv(0xA0, d.tlv(0x0C, b"x"))),
            ),
        ),
        d.extension("2.5.29.31", d.seq(d.seq(d.tlv(0xA0, d.tlv(0xA0, _URI)), d.bits(b"\x60", 5, 0x81)))),
        d.extension("2.5.29.46", d.seq(d.seq(d.tlv(0xA0, d.tlv(0xA1, d.attribute("CRL")))))),
        d.extension("1.3.6.1.5.5.7.1.1", d.seq(d.seq(d.oid("1.3.6.1.5.5.7.48.1"), _URI))),
        d.extension("1.3.6.1.5.5.7.48.1.5", d.NULL),
        subject=d.seq(d.rdn(d.attribute("CN", 0x13, "2.5.4.6")), d.rdn(d.attribute(b"\xd6\xa4", 0x14))),
        validity=d.seq(d.time("2401010000Z"), d.time("20990101000000Z", 0x18)),
    ),
)


def check(data: bytes) -> None:
    """Anything but Malformed that escapes, and any reading that is not cryptography's, is a defect."""
    try:
        parsed = parse_certificate(data)
    except Malformed as error:
        problem = {name for name, _ in error.params} ^ set(error.reason.params)
        if problem:
            raise AssertionError(error.reason.code, problem) from error
        return
    if parsed.der != data or parsed.self_issued is not (parsed.issuer == parsed.subject):
        raise AssertionError("not the certificate it was read from")
    read_alike(data)


def test_seeds_and_their_single_edits() -> None:
    for seed in SEEDS:
        assert parse_certificate(seed).der == seed
        for at in range(len(seed)):
            check(seed[:at])
            for octet in (0x00, 0x80, 0xFF, seed[at] ^ 1, seed[at] ^ 0x20):
                check(seed[:at] + bytes((octet,)) + seed[at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
