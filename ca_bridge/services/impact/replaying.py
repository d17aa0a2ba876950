"""Stored requests judged again under the domains of one policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.reasons.service import DOMAIN_UNKNOWN, PURPOSE_NOT_IN_DOMAIN
from ca_bridge.core.recognition.replay.recorded import NotReplayable, RecordedQuestion
from ca_bridge.core.recognition.replay.recording import Situation, replay_context
from ca_bridge.core.recognition.replay.signatures import ReplayedSignatures
from ca_bridge.core.recognition.replay.vocabulary import Digest, Vocabulary
from ca_bridge.core.recognition.replay.walk import replay, restore
from ca_bridge.core.recognition.two_models import combine
from ca_bridge.core.verdict import Finding, Verdict
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.errors import UnknownDomain
from ca_bridge.services.impact.request_record import StoredRequest
from ca_bridge.services.impact.situations import situations
from ca_bridge.services.ports import DomainSnapshot, DomainSource

Checkers = dict[SignatureChecker, ReplayedSignatures]


class Replayer:
    """Answers stored requests under ``domains``. ``digest`` is the one the requests were stored with.

    ``checkers``: shared by policies that are compared, so that what one has checked is known to the other.
    """

    def __init__(self, domains: DomainSource, digest: Digest, checkers: Checkers | None = None) -> None:
        self._domains = domains
        self._checkers = {} if checkers is None else checkers
        self._vocabulary = Vocabulary(digest)
        self._prepared: dict[str, DomainSnapshot | None] = {}

    def learn(self, certificates: Iterable[Certificate]) -> None:
        """Know the CA certificates that came with stored requests."""
        self._vocabulary.learn_certificates(certificates)

    def answer(self, stored: StoredRequest) -> Verdict:
        """The verdict that the live engine would give; NotReplayable where that cannot be told."""
        if not isinstance(stored.what, RecordedQuestion):
            raise NotReplayable(stored.what)
        domain = self._domain(stored.domain)
        if domain is None:
            return _refused(Finding(reason=DOMAIN_UNKNOWN, params=(("domain", stored.domain),)))
        purpose = stored.parameters.purpose
        if purpose not in domain.purposes:
            params = (("domain", domain.name), ("purpose", purpose.value))
            return _refused(Finding(reason=PURPOSE_NOT_IN_DOMAIN, params=params))
        restored = restore(stored.what, self._vocabulary)
        under = situations(domain, stored.parameters)
        return combine(tuple((s.rules.model, self._verdict(stored.what, restored, s)) for s in under))

    def _verdict(self, question: RecordedQuestion, restored: Certificate, under: Situation) -> Verdict:
        context = replay_context(question, under.trust, under.parameters)
        return replay(question, restored, context, under.rules, self._vocabulary)

    def _domain(self, name: str) -> DomainSnapshot | None:
        if name not in self._prepared:
            try:
                self._prepared[name] = self._prepare(self._domains.snapshot(name))
            except UnknownDomain:
                self._prepared[name] = None
        return self._prepared[name]

    def _prepare(self, domain: DomainSnapshot) -> DomainSnapshot:
        """The domain with signature checks that know recorded outcomes."""
        self._vocabulary.learn_rules(domain.rules)
        listed = domain.listed
        if listed is not None:
            self._vocabulary.learn_rules(listed.rules)
            listed = replace(listed, trust=self._replayed(listed.trust))
        return replace(domain, trust=self._replayed(domain.trust), listed=listed)

    def _replayed(self, trust: TrustSnapshot) -> TrustSnapshot:
        self._vocabulary.learn_certificates(trust.graph.certificates)
        self._vocabulary.learn_certificates(anchor.certificate for anchor in trust.anchors)
        checker = trust.signatures
        if checker not in self._checkers:
            self._checkers[checker] = ReplayedSignatures(checker)
        return replace(trust, signatures=self._checkers[checker])


def _refused(finding: Finding) -> Verdict:
    return Verdict(findings=(finding,))
