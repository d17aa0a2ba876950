"""Fuzz parse_crl: a CRL or Malformed with the parameters of its reason, and lookups that agree with the list.

By hand: ``python tests/fuzz/fuzz_crl.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_crl.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from tests import status_der as d
from tests.fuzz import campaign

SEEDS = (
    d.crl(d.entry(7), d.entry(8, d.reason_code(1))),
    d.crl(
        d.entry(1, d.certificate_issuer(d.name("A"))),
        d.entry(2, d.extension(d.INVALIDITY_DATE, d.generalized()), d.reason_code(4)),
        d.entry(3, d.extension("2.999.1", b"\x05\x00", critical=d.CRITICAL), date=d.generalized()),
        extensions=(
            d.distribution_point(d.tlv(0xA0, d.tlv(0xA0, d.tlv(0x86, b"http://a"))), d.INDIRECT),
            d.extension("2.5.29.20", d.integer(9)),
            d.extension("2.5.29.27", d.integer(8), critical=d.CRITICAL),
            d.extension("2.5.29.35", d.seq(d.tlv(0x80, b"key"))),
        ),
    ),
    d.crl(version=b"", times=d.utc("2401010000Z")),
)


def check(data: bytes) -> None:
    """Anything but Malformed that escapes, and any entry that can't be found, is a defect."""
    try:
        crl = parse_crl(data)
    except Malformed as error:
        problem = {name for name, _ in error.params} ^ set(error.reason.params)
        if problem:
            raise AssertionError(error.reason.code, problem) from error
        return
    entries = list(crl.revoked)
    if len(entries) != len(crl.revoked):
        raise AssertionError("entries")
    for entry in entries[:50]:
        if entry not in crl.revoked.find(entry.serial_number):
            raise AssertionError("an entry that is not found")


def test_seeds_and_their_single_edits() -> None:
    for seed in SEEDS:
        assert len(parse_crl(seed).revoked) >= 0
        for at in range(len(seed)):
            for octet in (0x00, 0x30, 0x7F, 0x80, 0xFF):
                check(seed[:at] + bytes((octet,)) + seed[at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
