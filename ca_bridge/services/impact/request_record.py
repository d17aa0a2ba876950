"""A request as it is kept: when, under what, from where, and a record of what was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ca_bridge.core.path.host_names import check_host_name
from ca_bridge.core.reasons.building import BUDGET_EXHAUSTED
from ca_bridge.core.reasons.target import HOST_NAME_MISMATCH
from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable, RecordedQuestion, RecordedTarget
from ca_bridge.core.recognition.replay.recording import record_question
from ca_bridge.core.recognition.replay.target import HOSTS
from ca_bridge.core.recognition.replay.vocabulary import Digest
from ca_bridge.core.request import Parameters
from ca_bridge.core.verdict import Verdict
from ca_bridge.services.impact.outcome import Outcome, outcome_of
from ca_bridge.services.impact.situations import situations
from ca_bridge.services.ports import DomainSnapshot
from ca_bridge.services.validate_certificate import Question

MAX_SITE_CHARS = 64
_SOME_HOST, _NO_HOST = "host.invalid", ".."
"""Stand for a host name, and for what is none, that is compared with nothing recorded (RFC 2606 §2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """``what`` is the record, or why there can be none. ``answered``: as the caller was answered.

    ``parameters`` are those asked, before the domain's own.
    """

    time: datetime
    domain: str
    site: str
    parameters: Parameters
    answered: Outcome
    what: RecordedQuestion | Cause


def store_request(
    question: Question,
    verdict: Verdict,
    domain: DomainSnapshot,
    *,
    time: datetime,
    site: str,
    digest: Digest,
) -> StoredRequest:
    """The record of ``question``, answered by ``verdict`` under ``domain``, or why there is none."""
    what: RecordedQuestion | Cause
    try:
        under = situations(domain, question.parameters)
        what = record_question(question.certificate, question.evidence, under, digest)
    except NotReplayable as error:
        what = error.cause
    if _is_cut_short(verdict):
        what = Cause.BUDGET
    return StoredRequest(
        time=time,
        domain=domain.name,
        site=site[:MAX_SITE_CHARS],
        parameters=_without_host(question.parameters, what),
        answered=outcome_of(verdict),
        what=what,
    )


def _is_cut_short(verdict: Verdict) -> bool:
    """Whether a search ran out of its budget, under any trust model."""
    outcomes = () if verdict.recognition is None else verdict.recognition.outcomes
    found = (*verdict.findings, *(finding for outcome in outcomes for finding in outcome.findings))
    return any(finding.reason is BUDGET_EXHAUSTED for finding in found)


def _without_host(parameters: Parameters, what: RecordedQuestion | Cause) -> Parameters:
    """The host asked for only where the hosts it is compared with are recorded: it may be a person's."""
    if parameters.dns_name is None or not isinstance(what, RecordedQuestion):
        return replace(parameters, dns_name=None)
    target = what.target
    stated = target.extensions.subject_alt_name
    hidden = target.hidden if isinstance(target, RecordedTarget) else frozenset()
    compared = {name.kind for name in stated} - hidden
    if compared & HOSTS:
        return parameters
    found = check_host_name((), parameters.dns_name)
    readable = found is not None and found.reason is HOST_NAME_MISMATCH
    return replace(parameters, dns_name=_SOME_HOST if readable else _NO_HOST)
