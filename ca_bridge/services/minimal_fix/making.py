"""How generators write a change down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.describe import name_text
from ca_bridge.services.minimal_fix.edits import Edit, with_before
from ca_bridge.services.minimal_fix.model import Change, ChangeType
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.other_changes import TIME_LATER
from ca_bridge.services.minimal_fix.stand_ins import shifted
from ca_bridge.services.minimal_fix.steps import AskStep, PolicyStep, RenewStep, StatusStep, SupplyStep
from ca_bridge.services.printable import printable

Changes = Iterator[Change]
_MAX_PIN_NAME = 300
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta(0)


def policy_change(case: Case, type_: ChangeType, *edits: Edit, **params: str) -> Change:
    """A change of policy documents: all ``edits`` together."""
    known = tuple(with_before(edit, case.data) for edit in edits)
    where = "; ".join(edit.where for edit in known)
    return Change(
        type=type_,
        params=_shown(params),
        where=where,
        before="; ".join(edit.before for edit in known).strip("; "),
        after="; ".join(edit.text for edit in known).strip("; "),
        answers=case.finding.reason,
        slot=where if not where.endswith("[+]") else f"{where}{known[-1].text}",
        step=PolicyStep(known),
    )


def question_change(
    case: Case, type_: ChangeType, field: str, value: Any, *, before: str, after: str, **params: str
) -> Change:
    """A change of one field of the question."""
    return Change(
        type=type_,
        params=_shown(params),
        where=field,
        before=before,
        after=after,
        answers=case.finding.reason,
        slot=field,
        step=AskStep(((field, value),)),
    )


def evidence_change(
    case: Case,
    type_: ChangeType,
    step: SupplyStep | StatusStep | RenewStep,
    *about: Certificate,
    **params: str,
) -> Change:
    """A change of what is sent along about the certificates ``about``."""
    after = ", ".join(certificate.fingerprint for certificate in about)
    where = {SupplyStep: "intermediates", StatusStep: "crls, ocsp_responses", RenewStep: "certificate"}[
        type(step)
    ]
    return Change(
        type=type_,
        params=_shown(params),
        where=where,
        before="",
        after=after,
        answers=case.finding.reason,
        slot=f"{type_.code} {after}",
        step=step,
    )


def time_change(case: Case, type_: ChangeType, time: datetime) -> Change:
    """The same question at another time; wholly before or after the one asked, as the type says."""
    return question_change(
        case,
        type_,
        "validation_time",
        time,
        before=time_text(case.at),
        after=time_text(time),
        time=time_text(time),
    )


def later(case: Case, time: datetime) -> Changes:
    """To ask again from ``time`` on."""
    whole = time if time.microsecond == 0 else shifted(time.replace(microsecond=0), _SECOND)
    if whole > case.at:
        yield time_change(case, TIME_LATER, whole)


def next_midnight(time: datetime) -> datetime:
    """The first midnight, UTC, after ``time``: the shortest end that a person would write."""
    return shifted(time.replace(hour=0, minute=0, second=0, microsecond=0), _DAY)


def before(time: datetime) -> datetime:
    """The last whole second before ``time``."""
    return shifted(time.replace(microsecond=0), -_SECOND if time.microsecond == 0 else _NOTHING)


def pin_of(certificate: Certificate) -> dict[str, str]:
    """A certificate as documents pin it: by SHA-256, with its name for readers."""
    return {"sha256": certificate.fingerprint, "name": certificate_name(certificate)[:_MAX_PIN_NAME]}


def certificate_name(certificate: Certificate) -> str:
    """A CA's name as people read it."""
    return name_text(certificate.subject)


def _shown(params: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, printable(value)) for name, value in params.items()))
