"""A path under the trust anchors that trust lists name: does one entry hold in all its conditions?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.path.context import Context
from ca_bridge.core.reasons import trust_list as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.conditions import Recognised, check_conditions
from ca_bridge.core.recognition.listed_authorities import authority_problem
from ca_bridge.core.recognition.policy_oid import expand_arcs
from ca_bridge.core.recognition.rules import ListedEntry, RecognitionRules
from ca_bridge.core.recognition.trust_list import TrustListEntry
from ca_bridge.core.request import Purpose, common_policies
from ca_bridge.core.revocation.status import StatusCheckedPath
from ca_bridge.core.verdict import Finding, RecognitionBasis, TrustModel
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_registry import IdentityRule
from ca_bridge.core.x509.times import time_text

_TYPE_ATTRIBUTES = frozenset({"2.5.4.10", "2.5.4.11"})
"""organizationName and organizationalUnitName: what the CA writes, never the holder's own name."""
_MAX_SHOWN_POLICIES = 10


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why one entry does not recognise the path."""

    entry: ListedEntry
    findings: tuple[Finding, ...]


def cross_recognised(
    checked: StatusCheckedPath, rules: RecognitionRules, context: Context
) -> RecognitionBasis | tuple[Finding, ...]:
    """The entry that recognises the path, at the highest level; else why the nearest one does not.

    The nearest is the one with the fewest conditions that do not hold. Raises BudgetExhausted.
    """
    refused: list[_Refused] = []
    holding: list[tuple[ListedEntry, frozenset[str]]] = []
    for listed in rules.entries:
        findings, policies = _judge(listed, checked, context, rules.registry)
        if findings:
            refused.append(_Refused(listed, findings))
        else:
            holding.append((listed, policies))
    if holding:
        return _basis(holding, rules)
    if refused:
        return min(refused, key=lambda r: (len(r.findings), r.entry.reference)).findings
    params = (("domain", rules.name),)
    return (Finding(reason=reasons.TRUST_LIST_WITHOUT_ENTRY, params=params),)


def _basis(holding: list[tuple[ListedEntry, frozenset[str]]], rules: RecognitionRules) -> RecognitionBasis:
    scale = rules.domain.scale if rules.domain is not None else None
    listed, policies = min(
        holding, key=lambda h: (-scale.rank(h[0].entry.level) if scale else 0, h[0].reference)
    )
    purposes = listed.entry.conditions.purposes
    known = scale is not None and scale.rank(listed.entry.level) >= 0
    return RecognitionBasis(
        model=TrustModel.TRUST_LIST,
        references=(listed.reference,),
        level=listed.entry.level if known else "",
        scale=scale.name if scale is not None and known else "",
        purposes=tuple(p.value for p in Purpose if p in purposes),
        policies=tuple(sorted(policies)),
    )


def _judge(
    listed: ListedEntry,
    checked: StatusCheckedPath,
    context: Context,
    registry: tuple[IdentityRule, ...],
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Everything of the entry that does not hold, and the concrete policies it is recognised under."""
    entry, at = listed.entry, context.parameters.validation_time
    policies, policy_problem = _policies(listed, checked)
    about = Recognised(
        checked=checked,
        below=len(checked.path.certificates),
        basis=listed.reference,
        parameters=context.parameters,
        budget=context.budget,
        registry=registry,
    )
    found = (
        _list_problem(listed, at),
        _interval_problem(listed, at),
        authority_problem(listed, checked.path, at),
        _type_problem(listed, checked.path.certificates[0]),
        policy_problem,
        *check_conditions(entry.conditions, about),
    )
    return tuple(finding for finding in found if finding is not None), policies


def _list_problem(listed: ListedEntry, at: datetime) -> Finding | None:
    due = listed.trust_list.next_update
    if due is None or at < due:
        return None
    params = (("list", listed.trust_list.identifier), ("next_update", time_text(due)))
    return Finding(reason=reasons.TRUST_LIST_STALE, params=params)


def _interval_problem(listed: ListedEntry, at: datetime) -> Finding | None:
    """Condition 1: the validity period of the recognition status, and that it was not taken away."""
    entry = listed.entry
    if entry.status is RecognitionStatus.SUSPENDED:
        return _about(listed, reasons.TRUST_LIST_ENTRY_SUSPENDED)
    if entry.status is RecognitionStatus.TERMINATED:
        return _about(listed, reasons.TRUST_LIST_ENTRY_TERMINATED)
    if at < entry.recognised_from:
        since = time_text(entry.recognised_from)
        return _about(listed, reasons.TRUST_LIST_NOT_YET_RECOGNISED, recognised_from=since)
    if entry.recognised_until is not None and at >= entry.recognised_until:
        until = time_text(entry.recognised_until)
        return _about(listed, reasons.TRUST_LIST_NO_LONGER_RECOGNISED, recognised_until=until)
    return None


def _type_problem(listed: ListedEntry, target: Certificate) -> Finding | None:
    """Condition 4: the certificate type's name stands in the subject."""
    wanted = listed.entry.type_name
    named = (a.text for rdn in target.subject.rdns for a in rdn if a.oid in _TYPE_ATTRIBUTES)
    if wanted in named:
        return None
    return _about(listed, reasons.TRUST_LIST_TYPE_OTHER, type_name=wanted)


def _policies(listed: ListedEntry, checked: StatusCheckedPath) -> tuple[frozenset[str], Finding | None]:
    """Condition 5: a concrete policy of the entry that the whole path is valid under.

    The entry's arcs are expanded to what the target asserts; RFC 5280 §6.1 has said what the path allows.
    """
    entry, path = listed.entry, checked.path
    asserted = [p.policy for p in path.certificates[0].extensions.certificate_policies or ()]
    wanted = expand_arcs(entry.policy_arcs, asserted) | (frozenset(entry.policies) & frozenset(asserted))
    if not wanted:
        shown = ", ".join(sorted(asserted)[:_MAX_SHOWN_POLICIES]) or "-"
        return wanted, _about(
            listed, reasons.TRUST_LIST_POLICY_OTHER, policies=shown, expected=_expected(entry)
        )
    held = common_policies(wanted, path.authorities_constrained_policy_set)
    return held, None if held else _about(listed, reasons.TRUST_LIST_POLICY_NOT_ON_PATH)


def _expected(entry: TrustListEntry) -> str:
    arcs = (f"{arc}.*" for arc in entry.policy_arcs)
    return ", ".join([*arcs, *entry.policies][:_MAX_SHOWN_POLICIES])


def _about(listed: ListedEntry, reason: Reason, **params: str) -> Finding:
    return Finding(
        reason=reason, position=0, params=tuple(sorted({**params, "entry": listed.reference}.items()))
    )
