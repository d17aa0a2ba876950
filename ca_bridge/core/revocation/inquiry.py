"""What one status check works with: trust, evidence, and what it already found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.candidate import ValidatedPath, WorkingKey
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import ANY_POLICY, Purpose, RevocationRule
from ca_bridge.core.revocation.cert_id import hash_of_key
from ca_bridge.core.revocation.parsed_evidence import ParsedEvidence
from ca_bridge.core.revocation.statement import Standing
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.verdict import Finding, RevocationStatus
from ca_bridge.core.x509.certificate import Certificate, SignedBytes
from ca_bridge.core.x509.names import Name

MAX_DEPTH = 6
"""Signers of evidence about signers of evidence ...: certificates under judgement at once. One CRL issuer
above another is the most that is seen; RFC 5280 §6.3.3 (f) sets no limit."""

MAX_SIGNER_PATHS = 8
"""Valid paths to one signer that are looked at; a signer is not refused for what one of them holds."""

STEPS_PER_TRIAL = 20
"""Build steps that trying a signer, or finding a status, is charged as: 50 us or so, a step 4 us. Signers
who vouch for each other are tried in every order, and their signatures are checked only once."""

Judge = Callable[["Inquiry", Subject], Standing]


@dataclass(slots=True, eq=False)
class Inquiry:
    """State of one status check. ``judge`` finds the status of one certificate.

    ``under_judgement``: fingerprints of the certificates whose status is being found, outermost
    first: none of them may vouch for itself. ``cut`` counts how often that stopped something, so
    that an answer that depends on where the question began is not remembered.
    """

    context: Context
    evidence: ParsedEvidence
    anchor: TrustAnchor
    judge: Judge
    under_judgement: list[str] = field(default_factory=list)
    cut: int = 0
    _standings: dict[tuple[str, bytes], Standing] = field(default_factory=dict)
    _signer_context: Context | None = None
    _signer_paths: dict[str, tuple[list[ValidatedPath], Iterator[ValidatedPath]]] = field(
        default_factory=dict
    )
    _by_subject: dict[Name, list[Certificate]] | None = None
    _by_key: dict[bytes | None, list[Certificate]] | None = None

    def standing(self, subject: Subject) -> Standing:
        """Status of ``subject``'s certificate, found once. Raises BudgetExhausted."""
        key = (subject.certificate.fingerprint, subject.issuer_key.spki.der)
        known = self._standings.get(key)
        if known is not None:
            return known
        self.charge()
        cut = self.cut
        self.under_judgement.append(subject.certificate.fingerprint)
        try:
            found = self.judge(self, subject)
        finally:
            self.under_judgement.pop()
        if self.cut == cut or not self.under_judgement:
            self._standings[key] = found
        return found

    def charge(self) -> None:
        """Spend what a trial of a signer or a judgement costs beside signatures. Raises BudgetExhausted."""
        self.context.budget.spend(Resource.BUILD_STEPS, STEPS_PER_TRIAL)

    def may_go_deeper(self, certificates: tuple[Certificate, ...]) -> bool:
        """False, and counted, if one of ``certificates`` is under judgement or the depth is reached."""
        fingerprints = {c.fingerprint for c in certificates}
        if len(self.under_judgement) < MAX_DEPTH and fingerprints.isdisjoint(self.under_judgement):
            return True
        self.cut += 1
        return False

    def accepts(self, standing: Standing) -> bool:
        """Whether a signer of evidence with this status is listened to under the rule in force."""
        if self.context.parameters.revocation is RevocationRule.REQUIRE_ALL:
            return standing.status is RevocationStatus.GOOD
        unsettled = standing.status is RevocationStatus.UNKNOWN and not standing.problems
        return standing.status is RevocationStatus.GOOD or unsettled

    def signature_problem(self, signed: SignedBytes, name: str, key: WorkingKey) -> Finding | None:
        """None if ``key`` signed it acceptably; checked, and paid for, once in a decision.

        ``name``: fingerprint of what is signed. Raises BudgetExhausted.
        """
        question = (name, key.spki.der, key.dsa_parameters)
        checked = self.evidence.checked
        if question not in checked:
            self.context.budget.spend(Resource.SIGNATURES)
            parameters = self.context.parameters
            checked[question] = self.context.trust.signatures.verify(
                signed,
                key.spki,
                profile=parameters.algorithm_profile,
                at=parameters.validation_time,
                sm2_user_ids=parameters.sm2_user_ids,
                dsa_parameters=key.dsa_parameters,
            )
        return checked[question]

    def certificates_of(self, name: Name) -> list[Certificate]:
        """Certificates known of ``name``, the anchor among them, in a fixed order.

        All of them: what a signer left out has revoked would be passed. The budget bounds the trials.
        """
        if self._by_subject is None:
            self._by_subject = {}
            for certificate in self.context.supplied:
                self._by_subject.setdefault(certificate.subject, []).append(certificate)
        graph = self.context.trust.graph.named(name.normalized)
        known = {c.fingerprint: c for node in graph for c in node.certificates}
        known.update((c.fingerprint, c) for c in self._by_subject.get(name, ()))
        if self.anchor.name == name:
            known[self.anchor.fingerprint] = self.anchor.certificate
        return [known[fingerprint] for fingerprint in sorted(known)]

    def supplied_with_key(self, key_hash: bytes | None) -> list[Certificate]:
        """Certificates the caller supplied whose key has this hash (see cert_id.hash_of_key)."""
        if self._by_key is None:
            self._by_key = {}
            for certificate in self.context.supplied:
                self._by_key.setdefault(hash_of_key(certificate.spki.key), []).append(certificate)
        return self._by_key.get(key_hash, [])

    def signer_paths(self, certificate: Certificate) -> Iterator[ValidatedPath]:
        """Valid paths to a signer of evidence, each searched for once. Raises BudgetExhausted."""
        known = self._signer_paths.get(certificate.fingerprint)
        if known is None:
            search = validated_paths(certificate, self.signer_context)
            known = self._signer_paths[certificate.fingerprint] = ([], islice(search, MAX_SIGNER_PATHS))
        found, search = known
        position = 0
        while position < len(found) or _take_next(found, search):
            yield found[position]
            position += 1

    @property
    def signer_context(self) -> Context:
        """Context in which signers of evidence are validated: the same anchor, time and budget.

        RFC 5280 §6.3.3 (f) asks for the target's trust anchor; policies and purpose are asked of
        the target alone. Rejected candidates stay out of the target's answer.
        """
        if self._signer_context is None:
            trust = self.context.trust
            parameters = replace(
                self.context.parameters,
                purpose=Purpose.ANY,
                dns_name=None,
                key_usage=frozenset(),
                user_initial_policy_set=frozenset({ANY_POLICY}),
                initial_explicit_policy=False,
                initial_policy_mapping_inhibit=False,
                initial_any_policy_inhibit=False,
                max_path_length=None,
            )
            self._signer_context = Context(
                trust=trust if len(trust.anchors) == 1 else replace(trust, anchors=(self.anchor,)),
                parameters=parameters,
                supplied=self.context.supplied,
                budget=self.context.budget,
            )
        return self._signer_context


def _take_next(found: list[ValidatedPath], search: Iterator[ValidatedPath]) -> bool:
    """Move one path from ``search`` to ``found``; False at its end."""
    more = next(search, None)
    if more is not None:
        found.append(more)
    return more is not None
