"""x509-limbo and BetterTLS: 150 cases through ``decide``, with every difference written down.

A case whose outcome differs from what the suite expects must stand in limbo_divergences.json
with our reason code and why; one that stands there and no longer differs fails too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.sm2_engine import select_sm2_engine
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.request import Parameters, Purpose, Request, RevocationRule
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.trust import Engine, SuppliedTrust
from tests.shared_data import shared_data

POLICIES = Path(__file__).parents[2] / "policies"
DIVERGENCES: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("limbo_divergences.json").read_text("utf-8")
)
PURPOSES = {
    "serverAuth": Purpose.SERVER_AUTH,
    "clientAuth": Purpose.CLIENT_AUTH,
    "codeSigning": Purpose.CODE_SIGNING,
    "emailProtection": Purpose.EMAIL_PROTECTION,
    "timeStamping": Purpose.TIME_STAMPING,
    "OCSPSigning": Purpose.OCSP_SIGNING,
}
WHEN_NOT_GIVEN = "2024-01-01T00:00:00+00:00"
KINDS = {"SERVER": Purpose.SERVER_AUTH, "CLIENT": Purpose.CLIENT_AUTH}


@cache
def cases() -> dict[str, dict[str, Any]]:
    text = shared_data("limbo", "cases.json").read_text("utf-8")
    return {case["id"]: case for case in json.loads(text)["testcases"]}


@cache
def trust() -> SuppliedTrust:
    rules = read_algorithm_rules(POLICIES / "algorithms.yaml", POLICIES / "schema" / "algorithms.schema.json")
    signatures = SignatureChecker(select_sm2_engine(), rules)
    return SuppliedTrust(Engine(signatures=signatures, pool=Pool(), rules_id="limbo"))


def der(pems: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(
        base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))
        for pem in pems
    )


def parameters(case: dict[str, Any]) -> Parameters:
    name = case["expected_peer_name"]
    purposes = [PURPOSES[eku] for eku in case["extended_key_usage"] if eku in PURPOSES]
    return Parameters(
        validation_time=datetime.fromisoformat(case["validation_time"] or WHEN_NOT_GIVEN),
        purpose=purposes[0] if purposes else KINDS[case["validation_kind"]],
        dns_name=name["value"] if name and name["kind"] in {"DNS", "IP"} else None,
        revocation=RevocationRule.REQUIRE_TARGET if case["crls"] else RevocationRule.IF_AVAILABLE,
        max_path_length=case["max_chain_depth"],
    )


def refusal(case: dict[str, Any]) -> str:
    """The leading reason code, or "" when the target is relied on."""
    (target,) = der([case["peer_certificate"]])
    evidence = Evidence(certificates=der(case["untrusted_intermediates"]), crls=der(case["crls"]))
    request = Request(target=target, parameters=parameters(case))
    try:
        anchors = trust().snapshot(der(case["trusted_certs"]))
    except UnusableQuestion as error:
        return error.finding.reason.code
    verdict = decide(request, evidence, anchors)
    return verdict.findings[0].reason.code if verdict.findings else ""


def test_every_case_ends_as_expected_or_as_written_down() -> None:
    wrong = []
    for identity, case in cases().items():
        code = refusal(case)
        actual = "FAILURE" if code else "SUCCESS"
        written = DIVERGENCES.get(identity)
        if written is None:
            if actual != case["expected_result"]:
                wrong.append(f"{identity}: expected {case['expected_result']}, got {actual} {code}")
        elif (written["expected"], written["actual"], written["code"]) != (
            case["expected_result"],
            actual,
            code,
        ):
            wrong.append(f"{identity}: written {written['actual']} {written['code']}, got {actual} {code}")
    assert not wrong, "\n".join(wrong)


def test_there_are_150_cases_and_every_divergence_is_one() -> None:
    assert len(cases()) == 150
    assert DIVERGENCES.keys() <= cases().keys()


@pytest.mark.parametrize("identity", sorted(DIVERGENCES))
def test_a_divergence_is_one_and_says_why(identity: str) -> None:
    written = DIVERGENCES[identity]
    assert written["expected"] != written["actual"]
    assert written["reason"]
    assert not written["code"] or written["code"] in CATALOGUE
