"""decide's walk over a record: the same stages in the same order, status and signature as recorded.

``core.decide`` stays the only judge of what is live; tests hold the two equal.
"""

from __future__ import annotations

from ca_bridge.core.budget import BudgetExhausted
from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.rejections import MAX_REJECTED, reject
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.target import check_target
from ca_bridge.core.reasons import evidence as evidence_reasons
from ca_bridge.core.reasons.model import SubIndication
from ca_bridge.core.recognition.blocked import target_blocks
from ca_bridge.core.recognition.compliance import recognise
from ca_bridge.core.recognition.replay import hidden, holder
from ca_bridge.core.recognition.replay.recorded import (
    Cause,
    NotReplayable,
    RecordedQuestion,
    RecordedTarget,
)
from ca_bridge.core.recognition.replay.statuses import GroundCheck, replay_status
from ca_bridge.core.recognition.replay.target import restore_target
from ca_bridge.core.recognition.replay.vocabulary import Forms, Known, Vocabulary
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.revocation.status import StatusCheckedPath
from ca_bridge.core.verdict import Finding, RecognitionBasis, RejectedPath, Verdict
from ca_bridge.core.x509.certificate import Certificate

_UNREADABLE = frozenset({evidence_reasons.SUPPLIED_CERTIFICATE_UNREADABLE})


def restore(question: RecordedQuestion, vocabulary: Vocabulary) -> Certificate:
    """The target as ``replay`` takes it; ``vocabulary`` knows the policy and the CA certificates."""
    if isinstance(question.target, Certificate):
        return question.target
    return holder.with_holder(restore_target(question.target, vocabulary), question.holder)


def replay(
    question: RecordedQuestion,
    restored: Certificate,
    context: Context,
    rules: RecognitionRules,
    vocabulary: Vocabulary,
) -> Verdict:
    """The verdict on a recorded question under one trust model; NotReplayable when it cannot be told.

    ``context``: as ``decide`` makes it, with ``ReplayedSignatures``; what could not be read is in
    ``context.rejected``. Of the verdict, findings, path, anchor and basis are what ``decide`` gives.
    """
    try:
        return _Walk(question, restored, context, rules, vocabulary.known(context.trust)).verdict()
    except BudgetExhausted:
        raise NotReplayable(Cause.BUDGET) from None


class _Walk:
    """One replay. ``judging``: the rules that read the kind of holder off ``restored``."""

    def __init__(
        self,
        question: RecordedQuestion,
        restored: Certificate,
        context: Context,
        rules: RecognitionRules,
        known: Known,
    ) -> None:
        self._question, self._context, self._rules, self._known = question, context, rules, known
        self._ground = GroundCheck(question.evidence, rules.model, context, known)
        self._at = context.parameters.validation_time
        self._target, self._judging = restored, rules
        self._hidden: Forms = frozenset()
        if isinstance(question.target, RecordedTarget):
            self._hidden = hidden.relevant(question.target.hidden, restored, context.parameters.purpose)
            self._judging = holder.holder_rules(rules)

    def verdict(self) -> Verdict:
        """Found along the path search, refused at its end."""
        target, context = self._target, self._context
        if hidden.host_is_hidden(self._hidden, target, context):
            raise NotReplayable(Cause.NAMES)
        if not self._known.mentioned.isdisjoint(self._question.evidence.left_out):
            raise NotReplayable(Cause.ISSUER_NOT_A_CA)
        about_target = (*check_target(target, context.parameters), *self._blocks())
        for path in validated_paths(target, context):
            self._ground.hold()
            checked = replay_status(path, self._question.evidence, self._rules.model, context)
            if isinstance(checked, StatusCheckedPath):
                basis = self._recognised(checked)
                if not isinstance(basis, tuple):
                    return self._passed(path, basis, (*about_target, *self._about_holder()))
                reject(context, path.certificates, basis, path.anchor.fingerprint)
                continue
            reject(context, path.certificates, checked, path.anchor.fingerprint)
            if any(finding.reason.sub_indication is SubIndication.REVOKED for finding in checked):
                break
        context.rejected.extend(self._question.evidence.unread_status)
        return self._refusal(about_target)

    def _blocks(self) -> tuple[Finding, ...]:
        if isinstance(self._question.target, Certificate):
            return target_blocks(self._target, self._rules, self._at)
        direct = target_blocks(self._target, holder.without_subjects(self._rules), self._at)
        if not holder.blocks_holders(self._rules):
            return direct
        self._needs_registry()
        return (*direct, *holder.holder_blocks(self._question.holder, self._rules, self._at))

    def _recognised(self, checked: StatusCheckedPath) -> RecognitionBasis | tuple[Finding, ...]:
        asked = hidden.conditions_asked(checked.path, self._rules)
        for conditions in asked if isinstance(self._question.target, RecordedTarget) else ():
            if hidden.forms_of(conditions) & self._hidden:
                raise NotReplayable(Cause.NAMES)
            if hidden.limits_kinds(conditions):
                self._needs_registry()
        return recognise(checked, self._judging, self._context) or ()

    def _about_holder(self) -> tuple[Finding, ...]:
        if not self._context.parameters.identity_required:
            return ()
        self._needs_registry()
        return self._question.holder.findings

    def _needs_registry(self) -> None:
        if self._question.holder.registry != holder.registry_id(self._rules):
            raise NotReplayable(Cause.IDENTITY)

    def _passed(self, path: ValidatedPath, basis: RecognitionBasis, about: tuple[Finding, ...]) -> Verdict:
        certificates = tuple(c.fingerprint for c in path.certificates)
        anchor = path.anchor.fingerprint
        self._check_names(RejectedPath(certificates=certificates, trust_anchor=anchor, findings=()))
        return Verdict(findings=_by_rank(about), path=certificates, trust_anchor=anchor, basis=basis)

    def _refusal(self, findings: tuple[Finding, ...]) -> Verdict:
        """The candidate nearest to acceptance speaks, its reason nearest the cause leads."""
        self._check_names()
        candidates = sorted(self._context.rejected, key=_distance_from_acceptance)
        leading = candidates[0]
        told = (*findings, *leading.findings)
        if leading.trust_anchor is None:
            told += tuple(f for r in candidates for f in r.findings if f.reason in _UNREADABLE)
        return Verdict(findings=_by_rank(told), path=leading.certificates, trust_anchor=leading.trust_anchor)

    def _check_names(self, *accepted: RejectedPath) -> None:
        """Names that CAs on any path constrain are all recorded, and every path is still known."""
        seen = (*accepted, *self._context.rejected)
        if not self._hidden:
            return
        if self._hidden & hidden.constrained_forms(seen, self._context, self._known):
            raise NotReplayable(Cause.NAMES)
        if len(seen) > MAX_REJECTED:
            raise NotReplayable(Cause.BUDGET)


def _distance_from_acceptance(rejected: RejectedPath) -> tuple[bool, int, int, tuple[str, ...]]:
    rank = max((f.reason.rank for f in rejected.findings), default=0)
    return (rejected.trust_anchor is None, -rank, len(rejected.findings), rejected.certificates)


def _by_rank(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda f: (-f.reason.rank, -1 if f.position is None else f.position, f.reason.code, f.params),
        )
    )
