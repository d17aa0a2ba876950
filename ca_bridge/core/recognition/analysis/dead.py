"""Mappings that no certificate can ever use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ca_bridge.core.recognition.agreement import Agreement, AgreementKind, RecognitionStatus
from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.graph import Edge, MappingGraph
from ca_bridge.core.recognition.analysis.standing import directions
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.x509.times import time_text


def dead_mappings(policy: RecognitionPolicy, graph: MappingGraph, at: datetime) -> Iterator[Conflict]:
    """Dead mappings of agreements in force, and agreements that are over for good with all of theirs."""
    for edge in graph.edges:
        yield from _of_edge(graph, edge)
    last = _last_ends(policy)
    for agreement in policy.agreements:
        yield from _of_agreement(agreement, at, last)


def mapping_params(edge: Edge) -> tuple[tuple[str, str], ...]:
    """The parameters that name a mapping."""
    return (
        ("agreement", edge.step.agreement),
        ("issuer_policy", edge.step.mapping.issuer_domain_policy),
        ("subject_policy", edge.step.mapping.subject_domain_policy),
    )


def _of_edge(graph: MappingGraph, edge: Edge) -> Iterator[Conflict]:
    step, params, where = edge.step, mapping_params(edge), (edge.step.agreement,)
    if ANY_POLICY in (step.mapping.issuer_domain_policy, step.mapping.subject_domain_policy):
        yield Conflict(row=rows.DEAD_ANY_POLICY, where=where, params=params, witness=(step,))
        return
    if graph.nodes[edge.tail] not in graph.grades:
        issuer = (*params, ("domain", step.issuer_domain))
        yield Conflict(row=rows.DEAD_ISSUER_POLICY, where=where, params=issuer, witness=(step,))
    if graph.nodes[edge.head] not in graph.grades:
        subject = (*params, ("domain", step.subject_domain))
        yield Conflict(row=rows.DEAD_SUBJECT_POLICY, where=where, params=subject, witness=(step,))
    if graph.domains[step.issuer_domain].scale.rank(step.mapping.level) < 0:
        level = (*params, ("domain", step.issuer_domain), ("level", step.mapping.level))
        yield Conflict(row=rows.DEAD_LEVEL, where=where, params=level, witness=(step,))


def _last_ends(policy: RecognitionPolicy) -> dict[tuple[str, str], datetime | None]:
    """When the last agreement that is not terminated ends, by (issuer, subject); None = never."""
    ends: dict[tuple[str, str], datetime | None] = {}
    for agreement in policy.agreements:
        if agreement.status is RecognitionStatus.TERMINATED:
            continue
        for direction in directions(agreement):
            parties = (direction.issuer_domain, direction.subject_domain)
            end, until = ends.get(parties, agreement.effective_until), agreement.effective_until
            ends[parties] = None if end is None or until is None else max(end, until)
    return ends


def _of_agreement(
    agreement: Agreement, at: datetime, last: dict[tuple[str, str], datetime | None]
) -> Iterator[Conflict]:
    name, until = ("agreement", agreement.identifier), agreement.effective_until
    where = (agreement.identifier,)
    if agreement.status is RecognitionStatus.TERMINATED:
        yield Conflict(row=rows.DEAD_TERMINATED, where=where, params=(name,))
        return
    if agreement.kind is AgreementKind.UNILATERAL and agreement.reverse_mappings:
        yield Conflict(row=rows.DEAD_REVERSE, where=where, params=(name,))
    followed = all(last[d.issuer_domain, d.subject_domain] != until for d in directions(agreement))
    if until is not None and until <= at and not followed:
        params = (name, ("effective_until", time_text(until)))
        yield Conflict(row=rows.DEAD_EXPIRED, where=where, params=params)
