"""Whether the relying domain recognises a path whose status was checked; the last step before the verdict."""

from __future__ import annotations

from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.recognition.blocked import path_problems
from ca_bridge.core.recognition.cross_certification import cross_certified
from ca_bridge.core.recognition.cross_recognition import cross_recognised
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.revocation.status import StatusCheckedPath
from ca_bridge.core.verdict import Finding, RecognitionBasis, TrustModel


def recognise(
    checked: StatusCheckedPath, rules: RecognitionRules | None, context: Context
) -> RecognitionBasis | tuple[Finding, ...] | None:
    """What the path is recognised by, or why not (at least one finding). Raises BudgetExhausted.

    Without rules, as for a question that brings its own anchors, nothing is asked and None comes back,
    unless a level is: nothing grades such a path.
    """
    asked = context.parameters.assurance_level
    if rules is None:
        return None if asked is None else (_not_reached(asked, ""),)
    problems = path_problems(checked.path, rules, context.parameters.validation_time)
    if problems:
        return problems
    judge = cross_recognised if rules.model is TrustModel.TRUST_LIST else cross_certified
    basis = judge(checked, rules, context)
    if isinstance(basis, RecognitionBasis) and asked is not None and not _reaches(basis, asked, rules):
        return (_not_reached(asked, basis.level),)
    return basis


def _reaches(basis: RecognitionBasis, asked: str, rules: RecognitionRules) -> bool:
    """Whether the level is at least ``asked``; a level of another scale, or none, never is."""
    if rules.domain is None or not basis.level:
        return False
    wanted = rules.domain.scale.rank(asked)
    return 0 <= wanted <= rules.domain.scale.rank(basis.level)


def _not_reached(asked: str, reached: str) -> Finding:
    params = (("asked", asked), ("reached", reached or "-"))
    return Finding(reason=reasons.ASSURANCE_LEVEL_NOT_REACHED, params=params)
