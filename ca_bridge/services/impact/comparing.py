"""Requests judged under the live and the draft policy: stored ones by replay, sent ones by the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable, RecordedQuestion
from ca_bridge.core.recognition.replay.vocabulary import Digest
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.answer import refusal
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.authority import Authorities
from ca_bridge.services.impact.comparison import Compared, Line, Unjudged
from ca_bridge.services.impact.outcome import Outcome, outcome_of
from ca_bridge.services.impact.record_data import UnreadableRecord, read_stored_line
from ca_bridge.services.impact.replaying import Checkers, Replayer
from ca_bridge.services.impact.request_record import StoredRequest
from ca_bridge.services.json_line import read_object
from ca_bridge.services.ports import DomainSource
from ca_bridge.services.question import QuestionReader
from ca_bridge.services.validate_certificate import Question


class StoredComparer:
    """Stored requests as plain data, under both policies."""

    def __init__(
        self, live: DomainSource, draft: DomainSource, digest: Digest, certificates: Mapping[str, bytes]
    ) -> None:
        self._certificates: dict[str, Certificate] = {}
        for fingerprint, der in certificates.items():
            try:
                self._certificates[fingerprint] = parse_certificate(der)
            except Malformed:
                continue  # what names it is unreadable, and counted
        self._authorities = Authorities(live)
        checkers: Checkers = {}
        self._sides = tuple(Replayer(domains, digest, checkers) for domains in (live, draft))
        for side in self._sides:
            side.learn(self._certificates.values())

    def compare_line(self, line: bytes) -> Line:
        """One stored request as a JSON line."""
        try:
            return self.compare(read_stored_line(line, self._certificates))
        except UnreadableRecord:
            return Line(None)

    def compare(self, stored: StoredRequest) -> Line:
        """One stored request."""
        what = stored.what
        if not isinstance(what, RecordedQuestion):
            return Line(Unjudged(cause=what))
        try:
            live, draft = (outcome_of(side.answer(stored)) for side in self._sides)
        except NotReplayable as error:
            return Line(Unjudged(cause=error.cause))
        compared = Compared(
            target=what.target.fingerprint,
            authority=self._authorities.issuer(what.target.issuer, stored.domain, what.evidence.certificates),
            site=stored.site,
            domain=stored.domain,
            purpose=stored.parameters.purpose.value,
            live=live,
            draft=draft,
        )
        return Line(compared, drifted=live != stored.answered)


class SentComparer:
    """Questions in batch form under both policies."""

    def __init__(self, live: Gateway, draft: Gateway) -> None:
        self._live, self._draft = live, draft
        self._authorities = Authorities(live.domains)
        self._reader = QuestionReader()

    def compare_line(self, line: bytes) -> Line:
        """One question as a JSON line."""
        try:
            question = self._reader.read_line(read_object(line), self._live.clock.now())
        except UnusableQuestion:
            return Line(None)
        return self.compare(question)

    def compare(self, question: Question) -> Line:
        """One question; one that brings its own anchors depends on no policy and is not compared."""
        if question.trust_anchors:
            return Line(None)
        try:
            target = self._live.engine.pool.certificate(question.certificate)
        except Malformed:
            return Line(Unjudged(cause=Cause.UNREADABLE))
        domain = question.domain or self._live.default_domain
        supplied = tuple(self._known(question.evidence.certificates))
        return Line(
            Compared(
                target=target.fingerprint,
                authority=self._authorities.issuer(target.issuer, domain, supplied),
                site=question.site,
                domain=domain,
                purpose=question.parameters.purpose.value,
                live=_answer(self._live, question),
                draft=_answer(self._draft, question),
            )
        )

    def _known(self, ders: Iterable[bytes]) -> Iterable[Certificate]:
        for der in ders:
            try:
                yield self._live.engine.pool.certificate(der)
            except Malformed:
                continue


def _answer(gateway: Gateway, question: Question) -> Outcome:
    try:
        return outcome_of(gateway.validate.answer(question).verdict)
    except UnusableQuestion as error:
        return outcome_of(refusal(error.finding))
