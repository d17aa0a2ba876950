"""One world judged by the engine itself: its documents compiled, its question answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.minimal_fix.stand_ins import StandInSignatures, good_response, renewed_certificate
from ca_bridge.services.minimal_fix.steps import World
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.ports import DomainSnapshot, DomainSource
from ca_bridge.services.recognition_reading import meaning_problems
from ca_bridge.services.validate_certificate import Answer, Question, SuppliedOnly, answer_under

CompileDocuments = Callable[[PolicyDocuments], DomainSource]
"""The domains of policy documents; GatewayError when they cannot be compiled."""


class JudgementsSpent(Exception):
    """No more judgements are allowed in this search. Caught where the search is driven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A world, its domain compiled, the question with what stands in for evidence, and the answer."""

    world: World
    data: Mapping[str, Any]
    domain: DomainSnapshot
    question: Question
    answer: Answer

    @property
    def passed(self) -> bool:
        """Whether the question passes in this world."""
        return self.answer.verdict.indication is Indication.TOTAL_PASSED


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Documents as plain data, and the domain they make; None: they are wrong in meaning."""

    data: Mapping[str, Any]
    domain: DomainSnapshot | None


class Judge:
    """Judges worlds, at most ``most`` times; equal documents are compiled once."""

    def __init__(self, compile_documents: CompileDocuments, domain: str, *, most: int) -> None:
        self._compile = compile_documents
        self._domain = domain
        self._most = most
        self._compiled: dict[PolicyDocuments, _Compiled] = {}
        self._known_problems: frozenset[DocumentProblem] = frozenset()
        self.spent = 0

    def allow(self, more: int) -> None:
        """Let ``more`` judgements be made from here on, whatever was left."""
        self._most = self.spent + more

    def asked(self, world: World) -> Judged:
        """The answer as it stands. The documents in force are taken as they are.

        Raises UnknownDomain, and another GatewayError when the documents cannot be compiled.
        """
        data = world.documents.data()
        self._known_problems = frozenset(meaning_problems(data))
        domain = self._compile(world.documents).snapshot(self._domain)
        self._compiled[world.documents] = _Compiled(data, domain)
        return self._judged(world, data, domain)

    def judge(self, world: World) -> Judged | None:
        """The world's answer; None when its documents contradict themselves. Raises JudgementsSpent."""
        compiled = self._known(world.documents)
        return None if compiled.domain is None else self._judged(world, compiled.data, compiled.domain)

    def _judged(self, world: World, data: Mapping[str, Any], compiled: DomainSnapshot) -> Judged:
        question, domain = _with_stand_ins(world, compiled)
        answer = self.answer(domain, question)
        return Judged(world=world, data=data, domain=domain, question=question, answer=answer)

    def answer(self, domain: DomainSnapshot, question: Question) -> Answer:
        """The engine's answer under ``domain``; counted. Raises JudgementsSpent."""
        if self.spent >= self._most:
            raise JudgementsSpent
        self.spent += 1
        return answer_under(domain, question, SuppliedOnly())

    def _known(self, documents: PolicyDocuments) -> _Compiled:
        known = self._compiled.get(documents)
        if known is None:
            known = self._compiled[documents] = self._read(documents)
        return known

    def _read(self, documents: PolicyDocuments) -> _Compiled:
        """Edited documents must bring no new mistake."""
        data = documents.data()
        if not self._known_problems.issuperset(meaning_problems(data)):
            return _Compiled(data, None)
        try:
            return _Compiled(data, self._compile(documents).snapshot(self._domain))
        except GatewayError:
            return _Compiled(data, None)


def _with_stand_ins(world: World, domain: DomainSnapshot) -> tuple[Question, DomainSnapshot]:
    """The question with what is assumed as evidence, and the domain whose engine looks at the originals."""
    if not world.assumes:
        return world.question, domain
    question, at = world.question, world.question.parameters.validation_time
    originals: dict[bytes, SignedBytes] = {}
    target, certificates, responses = question.certificate, list(question.evidence.certificates), []
    for renewal in world.renewed:
        renewed, covered = renewed_certificate(renewal, at)
        originals[covered] = renewal.certificate.signed
        if renewal.certificate.der == question.certificate:
            target = renewed
        else:
            certificates.append(renewed)
    for fresh in world.fresh:
        response, covered = good_response(fresh, at)
        originals[covered] = fresh.certificate.signed
        responses.append(response)
    evidence = Evidence(
        certificates=tuple(certificates),
        crls=question.evidence.crls,
        ocsp_responses=(*question.evidence.ocsp_responses, *responses),
    )
    changed = replace(question, certificate=target, evidence=evidence)
    return changed, _looking_at_originals(domain, originals)


def _looking_at_originals(domain: DomainSnapshot, originals: Mapping[bytes, SignedBytes]) -> DomainSnapshot:
    def eased(trust: TrustSnapshot) -> TrustSnapshot:
        return replace(trust, signatures=StandInSignatures(trust.signatures, originals))

    listed = domain.listed
    return replace(
        domain,
        trust=eased(domain.trust),
        listed=None if listed is None else replace(listed, trust=eased(listed.trust)),
    )
