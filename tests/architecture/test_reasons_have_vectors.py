"""Every reason of the catalogue is what at least one case of the test PKI ends in, or names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ca_bridge.core.reasons import CATALOGUE

TESTS = Path(__file__).resolve().parents[1]
CASES = TESTS.parent / "certs-test" / "cases"

# Reasons no case can be written for, and the test that makes each of them happen.
ELSEWHERE = {
    "BATCH_TIME_SPENT": "api/test_rest_problems.py",  # the REST batch only, and only when time ran out
    "CRL_ENTRIES_TOO_COMPLEX": "unit/test_revoked_index.py",  # millions of bytes, seconds to read
    "CRL_TOO_LARGE": "unit/test_crl_parser.py",  # a line that held such a CRL would itself be too large
    "ENGINE_STOPPED": "vectors/test_reasons_elsewhere.py",  # a defect of ours
    "FIELD_NOT_TAKEN": "vectors/test_reasons_elsewhere.py",  # remote callers only
    "ISSUER_NAME_MISMATCH": "unit/test_validation.py",  # path building never makes such a candidate
    "PURPOSE_NOT_IN_DOMAIN": "vectors/test_reasons_elsewhere.py",  # no shipped domain limits purposes
    "SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE": "vectors/test_reasons_elsewhere.py",  # no shipped row ends
}


# Reasons that a policy of agreements, trust lists and blocks gives: the vectors that hit them hold one.
_UNDER_A_POLICY = {
    "recognition/test_cross_certification.py": (
        "AGREEMENT_EXPIRED",
        "AGREEMENT_MISSING",
        "AGREEMENT_NOT_YET_EFFECTIVE",
        "AGREEMENT_SUSPENDED",
        "AGREEMENT_TERMINATED",
        "ASSURANCE_LEVEL_NOT_REACHED",
        "LICENCE_EXPIRED",
        "LICENCE_NOT_YET_VALID",
        "POLICY_MAPPING_NOT_AGREED",
        "RECOGNITION_KEY_ALGORITHM",
        "RECOGNITION_NAME",
        "RECOGNITION_PURPOSE_NOT_COVERED",
        "RECOGNITION_STATUS_MISSING",
        "RECOGNITION_SUBJECT_KIND",
    ),
    "recognition/test_cross_recognition.py": (
        "RECOGNITION_STATUS_TOO_OLD",
        "TRUST_LIST_ENTRY_SUSPENDED",
        "TRUST_LIST_ENTRY_TERMINATED",
        "TRUST_LIST_FORMER_UNDATED",
        "TRUST_LIST_ISSUER_FORMER",
        "TRUST_LIST_ISSUER_OTHER",
        "TRUST_LIST_NOT_YET_RECOGNISED",
        "TRUST_LIST_NO_LONGER_RECOGNISED",
        "TRUST_LIST_POLICY_NOT_ON_PATH",
        "TRUST_LIST_POLICY_OTHER",
        "TRUST_LIST_ROOT_FORMER",
        "TRUST_LIST_ROOT_OTHER",
        "TRUST_LIST_STALE",
        "TRUST_LIST_TYPE_OTHER",
        "TRUST_LIST_WITHOUT_ENTRY",
    ),
    "recognition/test_blocked.py": (
        "CA_BLOCKED",
        "CERTIFICATE_BLOCKED",
        "KEY_BLOCKED",
        "SUBJECT_BLOCKED",
    ),
}
ELSEWHERE |= {code: file for file, codes in _UNDER_A_POLICY.items() for code in codes}


def _codes_of_cases() -> set[str]:
    found: set[str] = set()
    for path in CASES.glob("*.json"):
        for case in json.loads(path.read_text("utf-8")):
            expect = case["expect"]
            found |= {expect["reason"], expect.get("cause"), *expect.get("also", ())} - {None}
    return found


def test_every_reason_has_a_case() -> None:
    assert sorted(set(CATALOGUE) - _codes_of_cases() - set(ELSEWHERE)) == []


def test_every_case_names_a_reason_of_the_catalogue() -> None:
    assert sorted(_codes_of_cases() - set(CATALOGUE)) == []


@pytest.mark.parametrize("code", sorted(ELSEWHERE))
def test_exceptions_are_real(code: str) -> None:
    assert code in CATALOGUE
    assert code not in _codes_of_cases(), "has a case now: take it off the list"
    assert code in (TESTS / ELSEWHERE[code]).read_text("utf-8")
