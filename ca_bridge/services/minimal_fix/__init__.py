"""Minimal fix: the smallest set of changes that turns a refusal, and who makes each of them."""

from __future__ import annotations

from collections.abc import Iterable

from ca_bridge.core.reasons.service import DOMAIN_UNKNOWN, PROFILE_NEEDS_TRUST_ANCHORS
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.errors import UnknownDomain, UnusableQuestion
from ca_bridge.services.minimal_fix.candidates import all_barred, all_wanted, fatal
from ca_bridge.services.minimal_fix.judging import CompileDocuments, Judge, Judged, JudgementsSpent
from ca_bridge.services.minimal_fix.library import Library, library_of
from ca_bridge.services.minimal_fix.model import Bar, Barred, MinimalFix, Outcome
from ca_bridge.services.minimal_fix.obstacles import Obstacle, obstacles_of
from ca_bridge.services.minimal_fix.safety import revocations_told
from ca_bridge.services.minimal_fix.search import Search
from ca_bridge.services.minimal_fix.steps import World
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.printable import printable
from ca_bridge.services.validate_certificate import Question

__all__ = ["CompileDocuments", "FindMinimalFix", "MinimalFix", "Outcome"]

MAX_JUDGEMENTS = 3_000
"""A judgement takes a millisecond or so; a search that needs more has lost its way."""
MAX_FIXES = 10
_LEGACY = "legacy"


class FindMinimalFix:
    """The use case, over the policy in force. Nothing it assumes or changes leaves it."""

    def __init__(
        self,
        *,
        documents: PolicyDocuments,
        compile_documents: CompileDocuments,
        default_domain: str,
        certificates: Iterable[bytes] = (),
        max_judgements: int = MAX_JUDGEMENTS,
    ) -> None:
        """``certificates``: CA certificates (DER) known beside the domains', such as imported ones."""
        self._documents = documents
        self._compile = compile_documents
        self._default_domain = default_domain
        self._certificates = tuple(certificates)
        self._max_judgements = max_judgements

    def find(self, question: Question) -> MinimalFix:
        """What would make ``question`` pass under its domain.

        Raises UnusableQuestion when it cannot be judged as sent, GatewayError when the documents in force
        cannot be compiled.
        """
        if question.parameters.algorithm_profile == _LEGACY:
            raise UnusableQuestion(PROFILE_NEEDS_TRUST_ANCHORS, profile=_LEGACY)
        domain = self._default_domain if question.domain is None else question.domain
        judge = Judge(self._compile, domain, most=self._max_judgements)
        try:
            asked = judge.asked(World(documents=self._documents, question=question))
        except UnknownDomain as error:
            raise UnusableQuestion(DOMAIN_UNKNOWN, domain=printable(domain)) from error
        if asked.passed:
            return MinimalFix(outcome=Outcome.PASSES, answer=asked.answer, judgements=judge.spent)
        return self._of_refusal(asked, judge)

    def _of_refusal(self, asked: Judged, judge: Judge) -> MinimalFix:
        try:
            obstacles = obstacles_of(asked, judge)
        except JudgementsSpent:
            return _undecided(asked, judge)
        hopeless = fatal(obstacles)
        if hopeless:
            return MinimalFix(
                outcome=Outcome.BEYOND_REPAIR, answer=asked.answer, barred=hopeless, judgements=judge.spent
            )
        library = self._library(asked)
        found = Search(judge, library).run(asked, obstacles)
        if found.fixes:
            return MinimalFix(
                outcome=Outcome.FIXABLE,
                answer=asked.answer,
                fixes=found.fixes[:MAX_FIXES],
                judgements=judge.spent,
                complete=found.complete,
            )
        revoked = _told_revoked(asked, obstacles)
        is_final = any(barred.finding.position == 0 for barred in revoked)
        wanted = () if is_final else all_wanted(asked, obstacles, library)
        complete = found.complete or is_final
        return MinimalFix(
            outcome=Outcome.BEYOND_REPAIR if complete and not wanted else Outcome.UNDECIDED,
            answer=asked.answer,
            barred=tuple(dict.fromkeys((*revoked, *all_barred(obstacles)))),
            wanted=wanted,
            judgements=judge.spent,
            complete=complete,
        )

    def _library(self, asked: Judged) -> Library:
        pool = asked.domain.trust.pool
        known: list[Certificate] = []
        for der in self._certificates:
            try:
                known.append(pool.certificate(der))
            except Malformed:
                continue
        return library_of(self._compile(self._documents), known)


def _told_revoked(asked: Judged, obstacles: Iterable[Obstacle]) -> tuple[Barred, ...]:
    """What evidence at hand says against certificates of the paths, though the engine found no use for it."""
    evidence, pool = asked.question.evidence, asked.domain.trust.pool
    placed = {
        (position, certificate)
        for obstacle in obstacles
        for position, certificate in enumerate(obstacle.certificates)
    }
    told = (
        finding
        for position, certificate in sorted(placed, key=lambda p: (p[0], p[1].fingerprint))
        for finding in revocations_told(certificate, evidence, pool, position)
    )
    return tuple(Barred(finding, Bar.REVOKED) for finding in told)


def _undecided(asked: Judged, judge: Judge) -> MinimalFix:
    return MinimalFix(outcome=Outcome.UNDECIDED, answer=asked.answer, judgements=judge.spent, complete=False)
