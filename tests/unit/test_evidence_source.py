"""The port through which more evidence than the caller's will come."""

from __future__ import annotations

from datetime import UTC, datetime

from ca_bridge import wiring
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import Question, ValidateCertificate


class _Source:
    def __init__(self) -> None:
        self.asked: list[tuple[bytes, Evidence]] = []

    def gather(self, certificate: bytes, supplied: Evidence) -> Evidence:
        self.asked.append((certificate, supplied))
        return Evidence(crls=(b"unreadable",))


def test_what_the_source_gathers_is_judged_with() -> None:
    gateway, source = wiring.gateway(), _Source()
    validate = ValidateCertificate(
        supplied_trust=SuppliedTrust(gateway.engine),
        domains=gateway.domains,
        default_domain=gateway.default_domain,
        clock=gateway.clock,
        evidence_source=source,
    )
    parameters = Parameters(validation_time=datetime(2026, 1, 1, tzinfo=UTC))
    question = Question(certificate=b"x", evidence=Evidence(), parameters=parameters, trust_anchors=())
    assert validate.answer(question).verdict.findings[0].reason.code == "NOT_A_CERTIFICATE"
    assert source.asked == [(b"x", Evidence())]
