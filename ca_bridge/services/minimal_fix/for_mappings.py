"""Changes for reasons about policy mappings and the level they reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.recognition.agreement import Agreement, PolicyMapping
from ca_bridge.core.recognition.crossings import Crossing
from ca_bridge.core.recognition.domain import PkiDomain
from ca_bridge.core.verdict import TrustModel
from ca_bridge.services.minimal_fix import other_changes
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import Edit, Row, appending, find_document, rows_at, setting
from ca_bridge.services.minimal_fix.for_questions import explicit_policy
from ca_bridge.services.minimal_fix.making import Changes, policy_change, question_change
from ca_bridge.services.minimal_fix.model import Change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.policy_pairs import asserted_policies, crossings_of, level_at, pairs_at
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind


@dataclass(frozen=True, slots=True)
class _At:
    """An agreement at a crossing: its document, the key of its mappings there, and these mappings."""

    crossing: Crossing
    agreement: Agreement
    document: str
    key: str
    mappings: tuple[PolicyMapping, ...]


def mapping_not_agreed(case: Case) -> Changes:
    """Approve one of the pairs that the certificates map, or raise one that falls short on the way."""
    named = set(case.param("agreements").split(", "))
    for at in _agreements_at_crossings(case):
        if at.agreement.identifier not in named:
            continue
        known = {(m.issuer_domain_policy, m.subject_domain_policy): m.level for m in at.mappings}
        for pair in pairs_at(at.crossing, case):
            if (pair.issuer_policy, pair.subject_policy) not in known:
                row = {
                    "issuer_domain_policy": pair.issuer_policy,
                    "subject_domain_policy": pair.subject_policy,
                    "level": pair.level,
                }
                yield policy_change(
                    case,
                    changes.MAPPING_ADDED,
                    appending(at.document, at.key, value=row),
                    agreement=at.agreement.identifier,
                    issuer_domain=at.crossing.issuer_domain,
                    subject_domain=at.crossing.subject_domain,
                    policy=pair.issuer_policy,
                    subject_policy=pair.subject_policy,
                    level=pair.level,
                )
        yield from _raised(at, case)


def level_not_reached(case: Case) -> Changes:
    """Ask for the level it reaches, or let what carries it reach the level asked."""
    asked, reached = case.param("asked"), case.param("reached")
    lower = None if reached == "-" else reached
    yield question_change(
        case,
        other_changes.LEVEL_LOWERED,
        "assurance_level",
        lower,
        before=asked,
        after=lower or "",
        old=asked,
        level=reached,
    )
    relying = case.relying
    if relying is None or relying.scale.rank(asked) < 0:
        return
    if case.obstacle.model is TrustModel.TRUST_LIST:
        yield from _raised_entries(case, relying, asked)
        return
    for at in _agreements_at_crossings(case):
        yield from _raised(at, case)
    yield from _graded(case, relying, asked)


def _agreements_at_crossings(case: Case) -> Iterator[_At]:
    for crossing in crossings_of(case):
        parties = (crossing.issuer_domain, crossing.subject_domain)
        for agreement in case.rules.agreements.get(parties, ()):
            document = find_document(case.data, DocumentKind.AGREEMENT, agreement.identifier)
            if document is not None:
                key = "mappings" if agreement.issuer_domain == parties[0] else "reverse_mappings"
                yield _At(crossing, agreement, document, key, agreement.mappings_between(*parties) or ())


def _raised(at: _At, case: Case) -> Changes:
    """Mappings of pairs that the path could use, below the level that is enough at the crossing."""
    scale = case.rules.domains[at.crossing.issuer_domain].scale
    usable = {(p.issuer_policy, p.subject_policy) for p in pairs_at(at.crossing, case)}
    for index, row in enumerate(at.mappings):
        level = level_at(at.crossing, row.issuer_domain_policy, case)
        pair = (row.issuer_domain_policy, row.subject_domain_policy)
        if pair in usable and scale.rank(row.level) < scale.rank(level):
            yield policy_change(
                case,
                changes.MAPPING_RAISED,
                setting(at.document, at.key, index, "level", value=level),
                agreement=at.agreement.identifier,
                policy=row.issuer_domain_policy,
                subject_policy=row.subject_domain_policy,
                old=row.level,
                level=level,
            )


def _raised_entries(case: Case, relying: PkiDomain, asked: str) -> Changes:
    wanted = relying.scale.rank(asked)
    for listed in case.rules.entries:
        document = find_document(case.data, DocumentKind.TRUST_LIST, listed.trust_list.identifier)
        if document is not None and relying.scale.rank(listed.entry.level) < wanted:
            entry = Row("entry", listed.entry.identifier)
            yield policy_change(
                case,
                changes.ENTRY_LEVEL_RAISED,
                setting(document, "entries", entry, "level", value=asked),
                entry=listed.reference,
                old=listed.entry.level or "-",
                level=asked,
            )


def _graded(case: Case, relying: PkiDomain, asked: str) -> Changes:
    """The relying domain's own grading: of what it maps from, or of what the target names within it."""
    document = find_document(case.data, DocumentKind.DOMAIN, relying.name)
    if document is None:
        return
    first = next(iter(crossings_of(case)), None)
    if first is None:
        policies = asserted_policies(case.target)
    else:
        policies = tuple(dict.fromkeys(pair.issuer_policy for pair in pairs_at(first, case)))
    wanted = relying.scale.rank(asked)
    for policy in policies:
        graded = relying.levels_of(policy)
        if graded and all(relying.scale.rank(level) < wanted for level in graded):
            row = Row("policy", policy)
            edit = setting(document, "assurance", "policies", row, "level", value=asked)
            yield _grading(case, relying, policy, graded[0], asked, edit)
        elif not graded and first is None:
            new = {"policy": policy, "level": asked}
            edit = appending(document, "assurance", "policies", value=new)
            yield _grading(case, relying, policy, "-", asked, edit)


def _grading(case: Case, relying: PkiDomain, policy: str, old: str, level: str, edit: Edit) -> Change:
    return policy_change(
        case, changes.POLICY_GRADED, edit, domain=relying.name, policy=policy, old=old, level=level
    )


def policy_not_accepted(case: Case) -> Changes:
    """Accept a policy the path is valid under: in the question, or in what the domain asks of every path."""
    found = [p for p in case.param("policies").split(", ") if p[:1].isdigit()]
    asked = case.parameters.user_initial_policy_set
    for policy in found:
        yield question_change(
            case,
            other_changes.POLICIES_WIDENED,
            "user_initial_policy_set",
            asked | {policy},
            before=", ".join(sorted(asked)),
            after=", ".join(sorted(asked | {policy})),
            policy=policy,
        )
    yield from explicit_policy(case)
    name = case.judged.domain.name
    for document, data in of_kind(case.data, DocumentKind.DOMAIN):
        if data["domain"] != name or not any(rows_at(data, "initial", "user_initial_policy_set")):
            continue
        for policy in found:
            yield policy_change(
                case,
                changes.DOMAIN_POLICY_ACCEPTED,
                appending(document, "initial", "user_initial_policy_set", value=policy),
                domain=name,
                policy=policy,
            )
