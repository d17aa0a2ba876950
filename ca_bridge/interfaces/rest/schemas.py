"""All schemas of the OpenAPI document by name."""

from __future__ import annotations

from ca_bridge.interfaces.rest import answer_schema as answers
from ca_bridge.interfaces.rest import certificate_schema as certificates
from ca_bridge.interfaces.rest import directory_schema as directory
from ca_bridge.interfaces.rest import question_schema as questions
from ca_bridge.interfaces.rest import receipt_schema as receipts
from ca_bridge.interfaces.rest import recognition_directory_schema as recognition
from ca_bridge.interfaces.rest import release_schema as releases
from ca_bridge.interfaces.rest.schema_parts import Schema


def components() -> Schema:
    """In the order the documentation shows them."""
    return _judging() | receipts.components() | releases.components() | recognition.components()


def _judging() -> Schema:
    return {
        "Question": questions.question(),
        "QuestionBatch": questions.question_batch(),
        "Answer": answers.answer(),
        "Unjudged": answers.unjudged(),
        "AnswerBatch": answers.answer_batch(),
        "Reason": answers.reason(),
        "CertificateSummary": certificates.certificate_summary(),
        "BareFingerprint": certificates.bare_fingerprint(),
        "Identity": certificates.identity(),
        "Note": certificates.note(),
        "Material": questions.material(),
        "Inspection": certificates.inspection(),
        "InspectedCertificate": certificates.inspected_certificate(),
        "InspectedCrl": certificates.inspected_crl(),
        "InspectedOcsp": certificates.inspected_ocsp(),
        "Unreadable": certificates.unreadable(),
        "Domains": directory.domains(),
        "Domain": directory.domain(),
        "Reasons": directory.reasons(),
        "ReasonRow": directory.reason_row(),
        "ReasonCode": directory.reason_code(),
        "Problem": directory.problem(),
        "ProblemKind": directory.problem_row(),
        "Live": directory.live(),
        "Readiness": directory.readiness(),
    }
