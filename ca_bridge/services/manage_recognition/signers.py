"""Those who sign are judged by this very engine: the signature by the one door, the certificate as any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons.model import Indication, SubIndication
from ca_bridge.core.request import Parameters, Purpose
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, Certificate, SignedBytes
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.errors import ConfigurationError, UnusableQuestion
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import (
    SIGNATURE_INVALID,
    SIGNATURE_MALFORMED,
    SIGNER_INDETERMINATE,
    SIGNER_REFUSED,
    ReleaseRefused,
)
from ca_bridge.services.release_ports import SignedStatement
from ca_bridge.services.validate_certificate import Answer, Question, ValidateCertificate

ValidateUnder = Callable[[PolicyDocuments], ValidateCertificate]
"""The use case as it would judge if these documents were in force; ConfigurationError when it could not."""


class EngineSigners:
    """Signers (release_ports.py) over the engine; ``domain`` is the trust domain of those who sign."""

    def __init__(
        self,
        *,
        validate: ValidateCertificate,
        validate_under: ValidateUnder,
        domain: str,
    ) -> None:
        self._validate = validate
        self._validate_under = validate_under
        self._domain = domain

    def check(self, signed: SignedStatement, at: datetime) -> None:
        """Refuses unless the certificate passes for digital signature and its key made the signature."""
        certificate, algorithm = _read(signed)
        answer = self._answer(self._validate, signed.certificate, signed.evidence, at)
        parameters = answer.parameters
        # Under the algorithm table of what judged the certificate: the release in force.
        problem = answer.trust.signatures.verify(
            SignedBytes(signed.statement, algorithm, signed.signature),
            certificate.spki,
            profile=parameters.algorithm_profile,
            at=at,
            sm2_user_ids=parameters.sm2_user_ids,
        )
        if problem is not None:
            raise ReleaseRefused(SIGNATURE_INVALID, cause=problem.reason.code)
        self._check_verdict(answer)

    def accepted_under(self, documents: PolicyDocuments | None, certificate: bytes, at: datetime) -> bool:
        """Whether ``certificate`` passes at ``at`` under ``documents`` (None = as now), but for its status.

        Evidence of its status at a time to come cannot be had yet, and counts against nobody.
        """
        try:
            validate = self._validate if documents is None else self._validate_under(documents)
            answer = self._answer(validate, certificate, Evidence(), at)
        except (ReleaseRefused, ConfigurationError):
            return False
        return all(f.reason.sub_indication is SubIndication.TRY_LATER for f in answer.verdict.findings)

    def _answer(
        self, validate: ValidateCertificate, certificate: bytes, evidence: Evidence, at: datetime
    ) -> Answer:
        question = Question(
            certificate=certificate,
            evidence=evidence,
            parameters=Parameters(validation_time=at, purpose=Purpose.DIGITAL_SIGNATURE),
            domain=self._domain,
        )
        try:
            return validate.answer(question)
        except UnusableQuestion as error:
            raise ReleaseRefused(SIGNER_INDETERMINATE, reason=error.finding.reason.code) from error

    def _check_verdict(self, answer: Answer) -> None:
        findings = answer.verdict.findings
        if findings:
            failed = answer.verdict.indication is Indication.TOTAL_FAILED
            refusal = SIGNER_REFUSED if failed else SIGNER_INDETERMINATE
            raise ReleaseRefused(refusal, reason=findings[0].reason.code)


def _read(signed: SignedStatement) -> tuple[Certificate, AlgorithmIdentifier]:
    try:
        certificate = parse_certificate(signed.certificate)
        algorithm, end = decode_algorithm_identifier(signed.algorithm, 0, len(signed.algorithm))
    except Malformed as error:
        raise ReleaseRefused(SIGNATURE_MALFORMED, cause=error.reason.code) from error
    if end != len(signed.algorithm):
        raise ReleaseRefused(SIGNATURE_MALFORMED, cause="algorithm")
    return certificate, algorithm
