"""Every reason of the catalogue is what at least one case of the test PKI ends in, or names."""

from __future__ import annotations

import json
from pathlib import Path

from ca_bridge.core.reasons import CATALOGUE

CASES = Path(__file__).resolve().parents[2] / "certs-test" / "cases"


def _codes_of_cases() -> set[str]:
    found: set[str] = set()
    for path in CASES.glob("*.json"):
        for case in json.loads(path.read_text("utf-8")):
            expect = case["expect"]
            found |= {expect["reason"], expect.get("cause"), *expect.get("also", ())} - {None}
    return found


def test_every_reason_has_a_case() -> None:
    assert sorted(set(CATALOGUE) - _codes_of_cases()) == []


def test_every_case_names_a_reason_of_the_catalogue() -> None:
    assert sorted(_codes_of_cases() - set(CATALOGUE)) == []
