"""Levels that contradict each other where they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.dead import mapping_params
from ca_bridge.core.recognition.analysis.graph import Edge, MappingGraph, Step
from ca_bridge.core.recognition.analysis.standing import Direction, directions
from ca_bridge.core.recognition.domain import AssuranceScale, PkiDomain
from ca_bridge.core.recognition.policy import RecognitionPolicy


def level_conflicts(policy: RecognitionPolicy, graph: MappingGraph, at: datetime) -> Iterator[Conflict]:
    """Policies and mappings at two levels, scales of one name, levels above the policy's, overlaps."""
    yield from _graded_twice(policy, graph)
    yield from _across_domains(policy)
    yield from _mapped_twice(graph)
    yield from (c for edge in graph.edges for c in _above_policy(graph, edge))
    yield from _overlaps(policy, graph, at)


def _graded_twice(policy: RecognitionPolicy, graph: MappingGraph) -> Iterator[Conflict]:
    levels = {domain.name: domain.scale.levels for domain in policy.domains}
    for (name, oid), ranks in graph.grades.items():
        if len(set(ranks)) > 1:
            graded = ", ".join(levels[name][rank] if rank >= 0 else "?" for rank in sorted(set(ranks)))
            params = (("domain", name), ("levels", graded), ("policy", oid))
            yield Conflict(row=rows.TWO_LEVELS_IN_DOMAIN, where=(name,), params=params)


def _across_domains(policy: RecognitionPolicy) -> Iterator[Conflict]:
    """Compared with the first domain that uses the name of the scale, or grades the policy on it."""
    scales: dict[str, PkiDomain] = {}
    graded: dict[tuple[AssuranceScale, str], tuple[str, str]] = {}
    for domain in sorted(policy.domains, key=lambda d: d.name):
        first = scales.setdefault(domain.scale.name, domain)
        if first.scale != domain.scale:
            names = (("domain", first.name), ("other_domain", domain.name), ("scale", domain.scale.name))
            yield Conflict(row=rows.SCALES, where=(first.name, domain.name), params=names)
        for oid, level in {row.policy: row.level for row in domain.policies}.items():
            other, other_level = graded.setdefault((domain.scale, oid), (domain.name, level))
            if other_level != level and other != domain.name:
                params = (
                    ("domain", other),
                    ("level", other_level),
                    ("other_domain", domain.name),
                    ("other_level", level),
                    ("policy", oid),
                    ("scale", domain.scale.name),
                )
                yield Conflict(row=rows.TWO_LEVELS_ON_SCALE, where=(other, domain.name), params=params)


def _mapped_twice(graph: MappingGraph) -> Iterator[Conflict]:
    found: dict[tuple[str, int, int], list[Edge]] = {}
    for edge in graph.edges:
        found.setdefault((edge.step.agreement, edge.tail, edge.head), []).append(edge)
    for edges in found.values():
        levels = tuple(dict.fromkeys(edge.step.mapping.level for edge in edges))
        if len(levels) > 1:
            params = (*mapping_params(edges[0]), ("levels", ", ".join(levels)))
            witness = tuple(edge.step for edge in edges)
            where = (edges[0].step.agreement,)
            yield Conflict(row=rows.TWO_LEVELS_IN_AGREEMENT, where=where, params=params, witness=witness)


def _above_policy(graph: MappingGraph, edge: Edge) -> Iterator[Conflict]:
    scale = graph.domains[edge.step.issuer_domain].scale
    if 0 <= edge.rank < scale.rank(edge.step.mapping.level):
        params = (
            *mapping_params(edge),
            ("domain", edge.step.issuer_domain),
            ("level", edge.step.mapping.level),
            ("own_level", scale.levels[edge.rank]),
        )
        where = (edge.step.agreement,)
        yield Conflict(row=rows.ABOVE_POLICY, where=where, params=params, witness=(edge.step,))


def _overlaps(policy: RecognitionPolicy, graph: MappingGraph, at: datetime) -> Iterator[Conflict]:
    """Agreements in force together at ``at`` or later that give one subject policy different levels."""
    ways: dict[tuple[str, str], list[Direction]] = {}
    for agreement in sorted(policy.agreements, key=lambda a: a.identifier):
        for direction in directions(agreement) if agreement.status is RecognitionStatus.ACTIVE else ():
            ways.setdefault((direction.issuer_domain, direction.subject_domain), []).append(direction)
    known = {parties: found for parties, found in ways.items() if parties[0] in graph.domains}
    for (issuer, _), found in known.items():
        for one, other in combinations(found, 2):
            if _together(one, other, at):
                yield from _disagreeing(one, other, graph.domains[issuer].scale)


def _together(one: Direction, other: Direction, at: datetime) -> bool:
    since = max(at, one.agreement.effective_from, other.agreement.effective_from)
    ends = (one.agreement.effective_until, other.agreement.effective_until)
    return all(end is None or since < end for end in ends)


def _disagreeing(one: Direction, other: Direction, scale: AssuranceScale) -> Iterator[Conflict]:
    left, right = _best(one, scale), _best(other, scale)
    for oid in sorted(left.keys() & right.keys()):
        level, other_level = left[oid].mapping.level, right[oid].mapping.level
        if level != other_level:
            params = (
                ("agreement", one.agreement.identifier),
                ("issuer_domain", one.issuer_domain),
                ("level", level),
                ("other_agreement", other.agreement.identifier),
                ("other_level", other_level),
                ("subject_policy", oid),
            )
            where = (one.agreement.identifier, other.agreement.identifier)
            yield Conflict(row=rows.OVERLAP, where=where, params=params, witness=(left[oid], right[oid]))


def _best(direction: Direction, scale: AssuranceScale) -> dict[str, Step]:
    """The step of the highest level by subject policy."""
    parties = (direction.agreement.identifier, direction.issuer_domain, direction.subject_domain)
    ordered = sorted(direction.mappings, key=lambda m: scale.rank(m.level))
    return {m.subject_domain_policy: Step(*parties, m) for m in ordered}
