"""Changes for reasons about agreements: their time, their standing, and that there is none."""

from __future__ import annotations

from typing import Any

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.rules import UNKNOWN_DOMAIN
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import Edit, find_document, setting
from ca_bridge.services.minimal_fix.for_validity import earlier
from ca_bridge.services.minimal_fix.making import Changes, before, later, next_midnight, policy_change
from ca_bridge.services.minimal_fix.model import Change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.policy_pairs import Pair, crossings_of, pairs_at
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.recognition_reading.scalars import time_of

_MAX_PAIRS = 4
_MAX_STEM = 56
"""Of 63 characters that an identifier has; the rest is for a number."""


def not_yet_effective(case: Case) -> Changes:
    """Wait until it is, or let it begin earlier."""
    yield from later(case, time_of(case.param("effective_from")))
    document = _agreement(case, "agreement")
    if document is not None:
        since = time_text(case.at)
        edit = setting(document, "effective_from", value=since)
        yield policy_change(
            case, changes.AGREEMENT_BEGUN_EARLIER, edit, agreement=case.param("agreement"), since=since
        )


def expired(case: Case) -> Changes:
    """Renew it; or judge an act from its time at that time."""
    yield from earlier(case, before(time_of(case.param("effective_until"))))
    document = _agreement(case, "agreement")
    if document is not None:
        until = time_text(next_midnight(case.at))
        edit = setting(document, "effective_until", value=until)
        yield policy_change(
            case, changes.AGREEMENT_EXTENDED, edit, agreement=case.param("agreement"), until=until
        )


def suspended(case: Case) -> Changes:
    """Resume it."""
    document = _agreement(case, "agreement")
    if document is not None:
        edit = setting(document, "status", value=RecognitionStatus.ACTIVE.value)
        yield policy_change(case, changes.AGREEMENT_RESUMED, edit, agreement=case.param("agreement"))


def terminated(case: Case) -> Changes:
    """Conclude it anew, under an identifier of its own: what was terminated stays so."""
    document, former = _agreement(case, "agreement"), case.param("agreement")
    if document is None:
        return
    data: dict[str, Any] = dict(case.data[document])
    data.pop("effective_until", None)
    identifier = _free_identifier(case, f"{former}-renewed")
    data |= {
        "agreement": identifier,
        "status": RecognitionStatus.ACTIVE.value,
        "effective_from": time_text(case.at),
    }
    edit = setting(f"agreements/{identifier}.yaml", value=data)
    yield policy_change(case, changes.AGREEMENT_CONCLUDED_ANEW, edit, agreement=identifier, former=former)


def missing(case: Case) -> Changes:
    """Make a draft between the two domains active, or conclude an agreement with one mapping."""
    issuer, subject = case.param("issuer_domain"), case.param("subject_domain")
    if UNKNOWN_DOMAIN in (issuer, subject):
        return  # nobody says whose key it is: there is no party to agree with
    yield from _drafts(case, issuer, subject)
    for crossing in crossings_of(case):
        if crossing.position == case.finding.position:
            for pair in pairs_at(crossing, case)[:_MAX_PAIRS]:
                yield _concluded(case, issuer, subject, pair)


def _drafts(case: Case, issuer: str, subject: str) -> Changes:
    for name, data in of_kind(case.data, DocumentKind.AGREEMENT):
        if data["status"] != RecognitionStatus.DRAFT.value:
            continue
        mutual = data["kind"] == "mutual"
        parties = (data["issuer_domain"], data["subject_domain"])
        if parties != (issuer, subject) and not (mutual and parties == (subject, issuer)):
            continue
        edits: tuple[Edit, ...] = (setting(name, "status", value=RecognitionStatus.ACTIVE.value),)
        if time_of(data["effective_from"]) > case.at:
            edits += (setting(name, "effective_from", value=time_text(case.at)),)
        yield policy_change(case, changes.AGREEMENT_ACTIVATED, *edits, agreement=data["agreement"])


def _concluded(case: Case, issuer: str, subject: str, pair: Pair) -> Change:
    identifier = _free_identifier(case, f"{issuer}-{subject}")
    data = {
        "agreement": identifier,
        "title": {"zh": f"{issuer} 承认 {subject}", "en": f"{issuer} recognises {subject}"},
        "kind": "unilateral",
        "issuer_domain": issuer,
        "subject_domain": subject,
        "status": RecognitionStatus.ACTIVE.value,
        "effective_from": time_text(case.at),
        "mappings": [
            {
                "issuer_domain_policy": pair.issuer_policy,
                "subject_domain_policy": pair.subject_policy,
                "level": pair.level,
            }
        ],
        "conditions": {"purposes": [case.parameters.purpose.value]},
    }
    return policy_change(
        case,
        changes.AGREEMENT_CONCLUDED,
        setting(f"agreements/{identifier}.yaml", value=data),
        agreement=identifier,
        issuer_domain=issuer,
        subject_domain=subject,
        policy=pair.issuer_policy,
        subject_policy=pair.subject_policy,
        level=pair.level,
    )


def _agreement(case: Case, param: str) -> str | None:
    return find_document(case.data, DocumentKind.AGREEMENT, case.param(param))


def _free_identifier(case: Case, wanted: str) -> str:
    taken = {data["agreement"] for _, data in of_kind(case.data, DocumentKind.AGREEMENT)}
    stem = wanted[:_MAX_STEM]
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)
