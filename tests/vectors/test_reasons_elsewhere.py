"""Reasons that no line under the shipped policies can end in: each is made to happen here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ca_bridge import wiring
from ca_bridge.adapters.sm2_engine import try_sm2_engines
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.request import Parameters, Purpose
from ca_bridge.services.batch import LineJudge
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.ports import DomainSnapshot
from ca_bridge.services.question import QuestionReader
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate
from tests.fakes.recognition import NO_RULES, RELEASE

CASES = Path(__file__).resolve().parents[2] / "certs-test" / "cases"
NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)


class _Clock:
    def now(self) -> datetime:
        return NOW


class _OneDomain:
    """A trust domain that vouches for signatures only."""

    def current(self) -> _OneDomain:
        return self

    def names(self) -> tuple[str, ...]:
        return ("signatures",)

    def snapshot(self, name: str) -> DomainSnapshot:
        trust = SuppliedTrust(wiring.gateway().engine).snapshot(())
        return DomainSnapshot(
            release=RELEASE,
            rules=NO_RULES,
            name=name,
            title_zh="签名",
            title_en="Signatures",
            trust=trust,
            base=Parameters(validation_time=NOW),
            purposes=frozenset({Purpose.DIGITAL_SIGNATURE}),
        )


def _line() -> dict[str, Any]:
    cases = json.loads((CASES / "accepted.json").read_text("utf-8"))
    return next(case["line"] for case in cases if case["id"] == "accepted-sm2-direct-a")


def _validate(supplied_trust: SuppliedTrust | None = None) -> ValidateCertificate:
    trust = supplied_trust or SuppliedTrust(wiring.gateway().engine)
    return ValidateCertificate(
        supplied_trust=trust, domains=_OneDomain(), default_domain="signatures", clock=_Clock()
    )


def _leading(validate: ValidateCertificate, line: dict[str, Any]) -> tuple[str, str]:
    out = LineJudge(validate).judge_line(json.dumps(line).encode())
    return out["reasons"][0]["code"], out["sub_indication"]


def test_purpose_not_in_domain() -> None:
    line = _line() | {"purpose": "code_signing"}
    del line["trust_anchors"]
    assert _leading(_validate(), line) == ("PURPOSE_NOT_IN_DOMAIN", "CHAIN_CONSTRAINTS_FAILURE")


def test_engine_stopped() -> None:
    class Stumbling(ValidateCertificate):
        def answer(self, question: object) -> Any:
            raise RuntimeError("a defect")

    validate = Stumbling(
        supplied_trust=SuppliedTrust(wiring.gateway().engine),
        domains=_OneDomain(),
        default_domain="signatures",
        clock=_Clock(),
    )
    assert _leading(validate, _line()) == ("ENGINE_STOPPED", "TRY_LATER")


def test_field_not_taken() -> None:
    with pytest.raises(UnusableQuestion) as refusal:
        QuestionReader().read_request(_line(), NOW)
    assert refusal.value.finding.reason.code == "FIELD_NOT_TAKEN"


def test_signature_algorithm_no_longer_acceptable() -> None:
    rows = {
        "signatures": [{"scheme": "SM2", "hash": "SM3", "until": "2025-12-31", "source": "a test"}],
        "keys": [{"type": "SM2", "min_bits": 256, "max_bits": 256, "source": "a test"}],
    }
    rules = AlgorithmRules.from_data({"profiles": {"default": rows}})
    checker = SignatureChecker(try_sm2_engines().engine, rules)
    engine = replace(wiring.gateway().engine, signatures=checker)
    line = _line()
    validate = _validate(SuppliedTrust(engine))
    assert _leading(validate, line) == (
        "SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE",
        "CRYPTO_CONSTRAINTS_FAILURE",
    )
    passed = LineJudge(validate).judge_line(
        json.dumps(line | {"validation_time": "2025-12-31T23:59:59Z"}).encode()
    )
    assert passed["indication"] == "TOTAL_PASSED"
