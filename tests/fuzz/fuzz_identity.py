"""Fuzz identity values: nothing escapes, and no personal number is ever shown in clear.

By hand: ``python tests/fuzz/fuzz_identity.py -max_total_time=600``.
As a test: ``pytest tests/fuzz/fuzz_identity.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ca_bridge.core.x509.identity_numbers import resident_check
from ca_bridge.core.x509.identity_registry import PERSONAL_KINDS, REGISTRY
from ca_bridge.core.x509.identity_value import read_numbers, subject_value
from tests import status_der as d
from tests.fuzz import campaign

_RESIDENT = b"11010519491231002X"
SEEDS = tuple(
    bytes((rule,)) + value
    for rule in range(len(REGISTRY))
    for value in (
        d.tlv(0xA0, d.tlv(0x13, _RESIDENT)),
        d.tlv(0x31, d.tlv(0xA0, d.tlv(0x0C, b"91350100M000100Y43"))),
        d.tlv(0x0C, b"1@5009SF0" + _RESIDENT),
        d.tlv(0x0C, b"00011@0006PO1OTEzNTAxMDBNMDAwMTAwWTQz"),
        b"SF" + _RESIDENT,
    )
)


def check(data: bytes) -> None:
    """The first octet picks the registry's row, the rest is the extension's value."""
    if not data:
        return
    fields = [reading.shown() for reading in read_numbers(data[1:], REGISTRY[data[0] % len(REGISTRY)])]
    fragment = subject_value(data[1:].decode("utf-8", "replace"))
    for field in (*fields, *([fragment] if fragment else [])):
        shown = field.clear or ""
        if field.kind in PERSONAL_KINDS and shown:
            raise AssertionError("a personal kind in clear")
        if any(resident_check(shown[at : at + 18]) for at in range(len(shown))):
            raise AssertionError("a resident number in clear")


def test_seeds_and_their_single_edits() -> None:
    for seed in SEEDS:
        assert read_numbers(seed[1:], REGISTRY[seed[0]])
        for at in range(len(seed)):
            for octet in (0x00, 0x30, 0x7F, 0x80, 0xFF):
                check(seed[:at] + bytes((octet,)) + seed[at + 1 :])


if __name__ == "__main__":
    campaign.run(check, SEEDS)
