"""A path under the relying domain's own anchors: is every step into another domain agreed?"""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.recognition.agreement import Agreement, PolicyMapping
from ca_bridge.core.recognition.assurance import level_across, level_within
from ca_bridge.core.recognition.conditions import Recognised, check_conditions
from ca_bridge.core.recognition.crossings import Crossing, crossings
from ca_bridge.core.recognition.domain import PkiDomain
from ca_bridge.core.recognition.lifecycle import agreement_problem
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Purpose
from ca_bridge.core.revocation.status import StatusCheckedPath
from ca_bridge.core.verdict import Finding, RecognitionBasis, TrustModel

_MAX_SHOWN_POLICIES = 10
_EVERY_PURPOSE = tuple(purpose.value for purpose in Purpose)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """The agreements that carry one crossing."""

    crossing: Crossing
    agreements: tuple[Agreement, ...]

    @property
    def mappings(self) -> frozenset[PolicyMapping]:
        parties = (self.crossing.issuer_domain, self.crossing.subject_domain)
        return frozenset(m for a in self.agreements for m in a.mappings_between(*parties) or ())

    def for_purpose(self, purpose: Purpose) -> _Agreed:
        """What of it carries ``purpose``."""
        return _Agreed(self.crossing, tuple(a for a in self.agreements if purpose in a.conditions.purposes))


def cross_certified(
    checked: StatusCheckedPath, rules: RecognitionRules, context: Context
) -> RecognitionBasis | tuple[Finding, ...]:
    """What the relying domain recognises the path by, or why it does not. Raises BudgetExhausted.

    A domain that grades nothing (``rules.domain`` None) trusts its anchors as they are.
    """
    if rules.domain is None:
        return RecognitionBasis(model=TrustModel.CROSS_CERTIFICATION, purposes=_EVERY_PURPOSE)
    agreed: list[_Agreed] = []
    findings: list[Finding] = []
    for crossing in crossings(checked.path, rules):
        outcome = _agreements_at(crossing, checked, rules, context)
        if isinstance(outcome, _Agreed):
            agreed.append(outcome)
        else:
            findings += outcome
    if findings:
        return tuple(findings)
    return _across(checked, agreed, rules, context) if agreed else _within(checked, rules.domain)


def _agreements_at(
    crossing: Crossing, checked: StatusCheckedPath, rules: RecognitionRules, context: Context
) -> _Agreed | tuple[Finding, ...]:
    """The agreements in force whose conditions hold; else why not, of the first that comes nearest."""
    parties = (crossing.issuer_domain, crossing.subject_domain)
    known = rules.agreements.get(parties, ())
    at = context.parameters.validation_time
    refusals: list[tuple[Finding, ...]] = []
    holding: list[Agreement] = []
    for agreement in known:
        problem = agreement_problem(agreement, at)
        about = Recognised(
            checked=checked,
            below=min(crossing.position, len(checked.path.certificates)),
            basis=agreement.identifier,
            parameters=context.parameters,
            budget=context.budget,
            registry=rules.registry,
        )
        found = check_conditions(agreement.conditions, about) if problem is None else (problem,)
        if found:
            refusals.append(found)
        else:
            holding.append(agreement)
    if holding:
        return _Agreed(crossing, tuple(holding))
    if refusals:
        return min(refusals, key=lambda found: (max(f.reason.rank for f in found), len(found)))
    params = (("issuer_domain", parties[0]), ("subject_domain", parties[1]))
    return (Finding(reason=reasons.AGREEMENT_MISSING, position=crossing.position, params=params),)


def _across(
    checked: StatusCheckedPath, agreed: list[_Agreed], rules: RecognitionRules, context: Context
) -> RecognitionBasis | tuple[Finding, ...]:
    domain = rules.domains[rules.name]
    mappings = {a.crossing: a.mappings for a in agreed}
    level, held = level_across(checked.path, mappings, rules.domains, context)
    references = tuple(dict.fromkeys(a.identifier for step in agreed for a in step.agreements))
    if not held:
        asserted = checked.path.certificates[0].extensions.certificate_policies or ()
        shown = ", ".join(sorted(p.policy for p in asserted)[:_MAX_SHOWN_POLICIES]) or "-"
        params = (
            ("agreements", ", ".join(references)),
            ("issuer_domain", rules.name),
            ("policies", shown),
        )
        return (Finding(reason=reasons.POLICY_MAPPING_NOT_AGREED, position=0, params=params),)
    purposes = tuple(
        purpose.value
        for purpose in Purpose
        if (alone := [step.for_purpose(purpose) for step in agreed]) == agreed
        or (all(step.agreements for step in alone) and _reaches(level, alone, checked, rules, context))
    )
    return RecognitionBasis(
        model=TrustModel.CROSS_CERTIFICATION,
        references=references,
        level=level,
        scale=domain.scale.name,
        purposes=purposes,
        policies=tuple(sorted(held)),
    )


def _reaches(
    level: str,
    agreed: list[_Agreed],
    checked: StatusCheckedPath,
    rules: RecognitionRules,
    context: Context,
) -> bool:
    """Whether these agreements alone carry the path to ``level``, the highest that more of them reach."""
    mappings = {a.crossing: a.mappings for a in agreed}
    return level_across(checked.path, mappings, rules.domains, context)[0] == level


def _within(checked: StatusCheckedPath, domain: PkiDomain) -> RecognitionBasis:
    """A path that never leaves the domain: its own grading speaks."""
    # anyPolicy has no level, also where the question names the policies it would stand for.
    path = checked.path
    level = level_within(domain, path.user_constrained_policy_set & path.authorities_constrained_policy_set)
    return RecognitionBasis(
        model=TrustModel.CROSS_CERTIFICATION,
        level=level,
        scale=domain.scale.name if level else "",
        purposes=_EVERY_PURPOSE,
        policies=tuple(sorted(checked.path.user_constrained_policy_set)),
    )
