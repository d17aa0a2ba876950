"""Revocation status of paths: what the evidence came to, kept in the place of CRLs and responses.

A status depends on who may sign the evidence, and so on certificates that the trust knows beside the path.
Which these are is noted by name, so that a policy under which they differ is not judged by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.budget import Budget, Limits, Resource
from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.recognition.replay.recorded import (
    Cause,
    NotReplayable,
    PathStatus,
    RecordedEvidence,
    StatusGround,
)
from ca_bridge.core.recognition.replay.vocabulary import Digest, Known, NormalizedName, name_digest
from ca_bridge.core.request import RevocationRule
from ca_bridge.core.revocation.status import ParsedEvidence, StatusCheckedPath, check_status
from ca_bridge.core.verdict import Finding, TrustModel
from ca_bridge.core.x509.certificate import Certificate

_NOTHING = ParsedEvidence()


class Meter(Budget):
    """A budget that says what was spent of it."""

    __slots__ = ("spent",)

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.spent: dict[Resource, int] = {}

    def spend(self, resource: Resource, amount: int = 1) -> None:
        """As Budget does."""
        super().spend(resource, amount)
        self.spent[resource] = self.spent.get(resource, 0) + amount


def record_status(
    path: ValidatedPath, evidence: ParsedEvidence, model: TrustModel, context: Context
) -> Iterator[PathStatus]:
    """What ``evidence`` comes to under each rule that looks at it. Raises BudgetExhausted."""
    for rule in RevocationRule:
        if rule is RevocationRule.NONE:
            continue
        asked = replace(context, parameters=replace(context.parameters, revocation=rule))
        outcome = check_status(path, evidence, asked)
        findings = () if isinstance(outcome, StatusCheckedPath) else outcome
        yield PathStatus(
            model=model,
            path=tuple(c.fingerprint for c in path.certificates),
            trust_anchor=anchor_id(path.anchor),
            rule=rule,
            statuses=outcome.statuses if isinstance(outcome, StatusCheckedPath) else (),
            findings=findings,
        )


def record_ground(
    evidence: ParsedEvidence,
    model: TrustModel,
    context: Context,
    spent: Mapping[Resource, int],
    digest: Digest,
) -> StatusGround:
    """What the statuses that ``evidence`` came to rest upon."""
    named = context.trust.graph.named
    names = {name_digest(n, digest): n for n in _signers(evidence, context)}
    known = {
        name: tuple(sorted(c.fingerprint for node in named(normalized) for c in node.certificates))
        for name, normalized in names.items()
    }
    return StatusGround(
        model=model,
        signers=tuple(sorted(names)),
        known=_known_id(known, names),
        accepted=accepted_id(context.trust.signatures, context.parameters.algorithm_profile),
        sm2_user_ids=context.parameters.sm2_user_ids,
        spent=dict(spent),
    )


def replay_status(
    path: ValidatedPath, evidence: RecordedEvidence, model: TrustModel, context: Context
) -> StatusCheckedPath | tuple[Finding, ...]:
    """As ``check_status`` would say; NotReplayable for a path whose status was not recorded."""
    rule = context.parameters.revocation
    if evidence.statuses is None or rule is RevocationRule.NONE:
        return check_status(path, _NOTHING, context)
    asked = (model, tuple(c.fingerprint for c in path.certificates), anchor_id(path.anchor), rule)
    for known in evidence.statuses:
        if (known.model, known.path, known.trust_anchor, known.rule) == asked:
            return known.findings or StatusCheckedPath(path=path, statuses=known.statuses)
    raise NotReplayable(Cause.NEW_PATH)


@dataclass(slots=True)
class GroundCheck:
    """Whether recorded statuses hold under a trust; asked, and paid for, at the first path alone."""

    evidence: RecordedEvidence
    model: TrustModel
    context: Context
    known: Known
    _held: bool = field(default=False, init=False)

    def hold(self) -> None:
        """Return when they do; NotReplayable, or BudgetExhausted where what they cost is not there."""
        nothing = self.evidence.statuses is None or self.context.parameters.revocation is RevocationRule.NONE
        if self._held or nothing:
            return
        self._held = True
        ground = next((g for g in self.evidence.grounds if g.model is self.model), None)
        if ground is None:
            raise NotReplayable(Cause.NEW_PATH)
        parameters = self.context.parameters
        if ground.accepted != accepted_id(self.context.trust.signatures, parameters.algorithm_profile):
            raise NotReplayable(Cause.ALGORITHMS)
        if ground.sm2_user_ids != parameters.sm2_user_ids:
            raise NotReplayable(Cause.SM2_USER_ID)
        if ground.known != _known_id(self.known.named, ground.signers):
            raise NotReplayable(Cause.STATUS_SIGNERS)
        for resource, amount in ground.spent.items():
            self.context.budget.spend(resource, amount)


def anchor_id(anchor: TrustAnchor) -> str:
    """The anchor's fingerprint, and what of its certificate is not enforced."""
    waived = ("", ":validity")[not anchor.enforce_validity]
    return anchor.fingerprint + waived + ("", ":constraints")[not anchor.enforce_constraints]


@lru_cache(maxsize=64)
def accepted_id(checker: SignatureChecker, profile: str) -> str:
    """Digest of what the algorithm table accepts under ``profile``."""
    rows = checker._rules.profile(profile)  # noqa: SLF001 - the rows a verdict of it depends on
    return sha256(repr(rows).encode()).hexdigest()


def _signers(evidence: ParsedEvidence, context: Context) -> set[NormalizedName]:
    """Names of those who may have signed the evidence, and of all above them as far as anybody is known."""
    supplied: dict[NormalizedName, list[Certificate]] = {}
    anchors = (anchor.certificate for anchor in context.trust.anchors)
    for certificate in (*context.supplied, *anchors):
        supplied.setdefault(certificate.subject.normalized, []).append(certificate)
    responders = (r.responder_name for r in evidence.ocsp_responses if r.responder_name is not None)
    waiting = [name.normalized for name in (*(crl.issuer for crl in evidence.crls), *responders)]
    found: set[NormalizedName] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            nodes = context.trust.graph.named(name)
            known = (*(c for node in nodes for c in node.certificates), *supplied.get(name, ()))
            waiting.extend(c.issuer.normalized for c in known)
    return found


def _known_id(named: Mapping[str, tuple[str, ...]], names: Iterable[str]) -> str:
    text = "\n".join(f"{name}:{','.join(named.get(name, ()))}" for name in sorted(names))
    return sha256(text.encode()).hexdigest()
