"""The use case: one question judged under its own anchors or under a trust domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.reasons.service import (
    DOMAIN_UNKNOWN,
    PROFILE_NEEDS_TRUST_ANCHORS,
    PURPOSE_NOT_IN_DOMAIN,
)
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.recognition.two_models import combine
from ca_bridge.core.request import Parameters, Purpose, Request, tighten
from ca_bridge.core.verdict import Finding, TrustModel, Verdict
from ca_bridge.services.errors import UnknownDomain, UnusableQuestion
from ca_bridge.services.policy_documents import ReleaseId
from ca_bridge.services.ports import Clock, DomainSnapshot, DomainSource, EvidenceSource
from ca_bridge.services.printable import printable
from ca_bridge.services.trust import SuppliedTrust

_LEGACY = "legacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as read. ``trust_anchors`` None = judge under ``domain``, None = the default one.

    With anchors the question is judged against exactly these; an empty tuple trusts nothing,
    unless a domain is named. ``site`` is the caller's label for where it asks from; it decides nothing.
    """

    certificate: bytes
    evidence: Evidence
    parameters: Parameters
    trust_anchors: tuple[bytes, ...] | None = None
    domain: str | None = None
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A verdict, and what it was reached under; ``release`` None = the caller's own anchors."""

    verdict: Verdict
    trust: TrustSnapshot
    parameters: Parameters
    release: ReleaseId | None = None
    rules: RecognitionRules | None = None


AfterAnswer = Callable[[DomainSnapshot, Question, Answer], None]
"""Hears the domain, the question and its answer."""


def each(*hooks: AfterAnswer | None) -> AfterAnswer | None:
    """One that tells all of ``hooks`` that there are; None when there are none."""
    present = tuple(hook for hook in hooks if hook is not None)
    if not present:
        return None

    def hear(domain: DomainSnapshot, question: Question, answer: Answer) -> None:
        for hook in present:
            hook(domain, question, answer)

    return hear


class SuppliedOnly:
    """EvidenceSource that knows no more than the caller: nothing is fetched."""

    def gather(self, certificate: bytes, supplied: Evidence) -> Evidence:  # noqa: ARG002 - the port's shape
        """``supplied`` as it is."""
        return supplied


class ValidateCertificate:
    """Answers questions; holds no state of its own but what it was given."""

    def __init__(
        self,
        *,
        supplied_trust: SuppliedTrust,
        domains: DomainSource,
        default_domain: str,
        clock: Clock,
        evidence_source: EvidenceSource | None = None,
        after: AfterAnswer | None = None,
    ) -> None:
        """``after`` hears of every answer under a domain; it must neither fail nor wait."""
        self._supplied_trust = supplied_trust
        self._domains = domains
        self._default_domain = default_domain
        self.clock = clock
        self._evidence_source = evidence_source or SuppliedOnly()
        self._after = after

    def answer(self, question: Question) -> Answer:
        """The verdict on one question; raises UnusableQuestion when it cannot be judged as sent."""
        anchors = question.trust_anchors
        if anchors or (anchors is not None and question.domain is None):
            trust = self._supplied_trust.snapshot(anchors)
            return self._judge(question, trust, question.parameters)
        return self._answer_under_domain(question)

    def _answer_under_domain(self, question: Question) -> Answer:
        if question.parameters.algorithm_profile == _LEGACY:
            raise UnusableQuestion(PROFILE_NEEDS_TRUST_ANCHORS, profile=_LEGACY)
        name = self._default_domain if question.domain is None else question.domain
        try:
            domain = self._domains.snapshot(name)
        except UnknownDomain as error:
            raise UnusableQuestion(DOMAIN_UNKNOWN, domain=printable(name)) from error
        answer = answer_under(domain, question, self._evidence_source)
        if self._after is not None:
            self._after(domain, question, answer)
        return answer

    def _judge(self, question: Question, trust: TrustSnapshot, parameters: Parameters) -> Answer:
        request = Request(target=question.certificate, parameters=parameters)
        evidence = self._evidence_source.gather(question.certificate, question.evidence)
        return Answer(verdict=decide(request, evidence, trust), trust=trust, parameters=parameters)


def answer_under(domain: DomainSnapshot, question: Question, source: EvidenceSource) -> Answer:
    """The answer under one compiled domain, and so under exactly one release."""
    parameters = tighten(domain.base, question.parameters)
    trust = domain.trust if domain.listed is None else domain.listed.trust
    if parameters.purpose not in domain.purposes:
        params = (("domain", domain.name), ("purpose", parameters.purpose.value))
        verdict = Verdict(findings=(Finding(reason=PURPOSE_NOT_IN_DOMAIN, params=params),))
    else:
        evidence = source.gather(question.certificate, question.evidence)
        answers = _under_each_model(question, evidence, domain, parameters)
        verdict = combine(tuple((model, _of_domain(verdict, domain)) for model, verdict in answers))
    return Answer(
        verdict=verdict, trust=trust, parameters=parameters, release=domain.release, rules=domain.rules
    )


def _of_domain(verdict: Verdict, domain: DomainSnapshot) -> Verdict:
    """The verdict with no purpose that the domain does not answer for."""
    if verdict.basis is None:
        return verdict
    purposes = tuple(p for p in verdict.basis.purposes if Purpose(p) in domain.purposes)
    return replace(verdict, basis=replace(verdict.basis, purposes=purposes))


def _under_each_model(
    question: Question, evidence: Evidence, domain: DomainSnapshot, parameters: Parameters
) -> Iterator[tuple[TrustModel, Verdict]]:
    """The answer under cross-certification and, where the domain relies on any, under trust lists.

    Policies that the domain itself asks for are in its own terms; an entry of a list says what it asks.
    """
    if domain.cross_certification or domain.listed is None:
        request = Request(target=question.certificate, parameters=parameters)
        yield TrustModel.CROSS_CERTIFICATION, decide(request, evidence, domain.trust, domain.rules)
    if domain.listed is not None:
        asked = question.parameters
        listed = replace(
            parameters,
            user_initial_policy_set=asked.user_initial_policy_set,
            initial_explicit_policy=asked.initial_explicit_policy,
        )
        request = Request(target=question.certificate, parameters=listed)
        yield TrustModel.TRUST_LIST, decide(request, evidence, domain.listed.trust, domain.listed.rules)
