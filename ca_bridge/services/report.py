"""A verdict with everything a person or another system asks next, as plain data."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.verdict import Finding, RejectedPath
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.answer import answer_fields
from ca_bridge.services.certificate_summary import certificate_summary, holder_summary
from ca_bridge.services.describe import name_text
from ca_bridge.services.messages import Language, message, parameters, remedy
from ca_bridge.services.printable import printable
from ca_bridge.services.validate_certificate import Answer, Question

_MAX_REJECTED = 50


def report_fields(identity: str | int | None, question: Question, answer: Answer) -> dict[str, Any]:
    """The batch fields, elapsed_us aside, and what explains them.

    Who the certificate is, the certificates on the path, rejected candidates (50 at most), messages and
    remedies in both languages, and the snapshot the verdict was reached under.
    """
    verdict, trust = answer.verdict, answer.trust
    known = Known(question, answer)
    fields = answer_fields(identity, verdict, answer.release)
    fields["reasons"] = [reason_in_full(finding) for finding in verdict.findings]
    fields["domain"] = trust.domain
    fields["snapshot_id"] = trust.snapshot_id
    fields["validation_time"] = time_text(answer.parameters.validation_time)
    fields["purpose"] = answer.parameters.purpose.value
    fields["revocation_rule"] = answer.parameters.revocation.value
    fields["authorities_constrained_policy_set"] = (
        list(verdict.authorities_constrained_policy_set)
        if verdict.indication is Indication.TOTAL_PASSED
        else []
    )
    fields |= _about_target(known.target, answer.rules)
    fields["certificates"] = [known.summary(fingerprint) for fingerprint in verdict.path]
    anchor = known.certificate(verdict.trust_anchor) if verdict.trust_anchor else None
    fields["trust_anchor_certificate"] = None if anchor is None else certificate_summary(anchor)
    fields["rejected_paths"] = [_rejected(path) for path in verdict.rejected_paths[:_MAX_REJECTED]]
    fields["rejected_path_count"] = len(verdict.rejected_paths)
    fields["notes"] = [
        {"position": position, "code": note.code, "detail": printable(note.detail)}
        for position, note in verdict.notes
    ]
    return fields


def reason_in_full(finding: Finding) -> dict[str, Any]:
    """One finding with its clause, actor, and both languages."""
    reason = finding.reason
    return {
        "code": reason.code,
        "position": finding.position,
        "message": message(finding, Language.EN),
        "message_zh": message(finding, Language.ZH),
        "remedy": remedy(finding, Language.EN),
        "remedy_zh": remedy(finding, Language.ZH),
        "actor": reason.actor.value,
        "clause": reason.clause,
        "params": parameters(finding),
    }


class Known:
    """The certificates one question and its trust speak of, by fingerprint."""

    def __init__(self, question: Question, answer: Answer) -> None:
        pool = answer.trust.pool
        self._by_fingerprint: dict[str, Certificate] = {}
        for der in (*question.evidence.certificates, question.certificate):
            try:
                certificate = pool.certificate(der)
            except Malformed:
                continue
            self._by_fingerprint[certificate.fingerprint] = certificate
        try:
            self.target: Certificate | None = pool.certificate(question.certificate)
        except Malformed:
            self.target = None
        self._trust = answer.trust

    def certificate(self, fingerprint: str) -> Certificate | None:
        """The certificate, None when it is none of these (a CRL's fingerprint, an unreadable one)."""
        found = self._by_fingerprint.get(fingerprint)
        if found is not None:
            return found
        return _trusted_material(self._trust).get(fingerprint)

    def summary(self, fingerprint: str) -> dict[str, Any]:
        """The certificate's summary, or its bare fingerprint."""
        certificate = self.certificate(fingerprint)
        return {"fingerprint": fingerprint} if certificate is None else certificate_summary(certificate)


@lru_cache(maxsize=16)
def _trusted_material(trust: TrustSnapshot) -> dict[str, Certificate]:
    """Anchors and known CA certificates of a snapshot by fingerprint; snapshots compare by identity."""
    anchors = (a.certificate for a in trust.anchors)
    return {c.fingerprint: c for c in (*trust.graph.certificates, *anchors)}


def _about_target(target: Certificate | None, rules: RecognitionRules | None) -> dict[str, Any]:
    if target is None:
        return dict.fromkeys(("subject", "issuer", "validity", "identity"))
    return {
        "subject": name_text(target.subject),
        "issuer": name_text(target.issuer),
        "validity": {"not_before": time_text(target.not_before), "not_after": time_text(target.not_after)},
        "identity": holder_summary(target)
        if rules is None
        else holder_summary(target, rules.registry, digest=rules.digest),
    }


def _rejected(path: RejectedPath) -> dict[str, Any]:
    return {
        "path": list(path.certificates),
        "trust_anchor": path.trust_anchor,
        "reasons": [reason_in_full(finding) for finding in path.findings],
    }
