"""NIST PKITS: 249 of 249 through ``decide`` under the legacy profile, each twice.

Once with the case's own certificates and CRLs, once with the whole directory as the pool.
Refusals that path validation and revocation decide end in the reason of pkits_reasons.json.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import cryptography_vectors

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.sm2_engine import select_sm2_engine
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, Request, RevocationRule
from ca_bridge.core.verdict import RevocationStatus, Verdict
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.trust import Engine, SuppliedTrust
from tests.shared_data import shared_data

PKITS = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
POLICIES = Path(__file__).parents[2] / "policies"
REASONS: dict[str, str] = json.loads(Path(__file__).with_name("pkits_reasons.json").read_text("utf-8"))


@cache
def cases() -> dict[str, dict[str, Any]]:
    text = shared_data("pkits", "manifest.json").read_text("utf-8")
    return {case["id"]: case for case in json.loads(text)["cases"]}


@cache
def trust() -> SuppliedTrust:
    rules = read_algorithm_rules(POLICIES / "algorithms.yaml", POLICIES / "schema" / "algorithms.schema.json")
    signatures = SignatureChecker(select_sm2_engine(), rules)
    return SuppliedTrust(Engine(signatures=signatures, pool=Pool(), rules_id="pkits"))


@cache
def read(name: str) -> bytes:
    return (PKITS / name).read_bytes()


def own_evidence(case: dict[str, Any]) -> Evidence:
    return Evidence(certificates=tuple(map(read, case["certs"])), crls=tuple(map(read, case["crls"])))


@cache
def pool() -> Evidence:
    return Evidence(
        certificates=tuple(p.read_bytes() for p in sorted(PKITS.glob("certs/*.crt"))),
        crls=tuple(p.read_bytes() for p in sorted(PKITS.glob("crls/*.crl"))),
    )


def verdict(case: dict[str, Any], evidence: Evidence) -> Verdict:
    inputs = case["inputs"]
    parameters = Parameters(
        validation_time=datetime.fromisoformat(case["time"]),
        revocation=RevocationRule.REQUIRE_ALL,
        algorithm_profile="legacy",
        user_initial_policy_set=frozenset(inputs["initial_policy_set"]),
        initial_explicit_policy=inputs["initial_explicit_policy"],
        initial_policy_mapping_inhibit=inputs["initial_policy_mapping_inhibit"],
        initial_any_policy_inhibit=inputs["initial_any_policy_inhibit"],
    )
    request = Request(target=read(case["end_entity"]), parameters=parameters)
    return decide(request, evidence, trust().snapshot((read(case["trust_anchor"]),)))


def mistakes(case: dict[str, Any], answer: Verdict) -> list[str]:
    """How the answer differs from what the suite expects."""
    expected = case["expected"]
    leading = answer.findings[0].reason.code if answer.findings else ""
    if expected["valid"] != (leading == ""):
        return [f"{case['id']} {case['title']}: {leading or 'accepted'}"]
    if leading:
        return []
    found = []
    if sorted(answer.user_constrained_policy_set) != sorted(expected["user_constrained_policy_set"]):
        found.append(f"{case['id']}: policies {answer.user_constrained_policy_set}")
    if {s.status for s in answer.revocation} != {RevocationStatus.GOOD}:
        found.append(f"{case['id']}: statuses {answer.revocation}")
    return found


def test_there_are_249() -> None:
    assert len(cases()) == 249
    assert all(not cases()[identity]["expected"]["valid"] for identity in REASONS)


def test_each_case_with_its_own_certificates_and_crls() -> None:
    wrong = []
    for identity, case in cases().items():
        answer = verdict(case, own_evidence(case))
        wrong += mistakes(case, answer)
        if identity in REASONS and answer.findings[0].reason.code != REASONS[identity]:
            wrong.append(f"{identity}: {answer.findings[0].reason.code}, written {REASONS[identity]}")
    assert not wrong, "\n".join(wrong)


def test_each_case_with_the_whole_directory_as_the_pool() -> None:
    wrong = [found for case in cases().values() for found in mistakes(case, verdict(case, pool()))]
    assert not wrong, "\n".join(wrong)
