"""Agreements that bring nothing, and authorities that nobody can rely on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ca_bridge.core.recognition.agreement import Agreement
from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.conflict import Conflict, ConflictRow
from ca_bridge.core.recognition.analysis.facts import CaRef, KnownFacts
from ca_bridge.core.recognition.analysis.matrix import ReachMatrix
from ca_bridge.core.recognition.analysis.standing import (
    Direction,
    Unusable,
    blocks_in_force,
    directions,
    in_force,
    unusable,
)
from ca_bridge.core.recognition.policy import RecognitionPolicy

_Standing = Mapping[CaRef, Unusable | None]


def party_conflicts(
    policy: RecognitionPolicy, matrix: ReachMatrix, at: datetime, facts: KnownFacts
) -> Iterator[Conflict]:
    """Of agreements in force: one-sided, empty, or without a usable authority; and unreachable anchors."""
    blocked = blocks_in_force(policy.blocks, at)
    standing = {
        CaRef(domain.name, authority.identifier): unusable(authority, blocked, at)
        for domain in policy.domains
        for authority in domain.authorities
    }
    current = [agreement for agreement in policy.agreements if in_force(agreement, at)]
    for agreement in current:
        yield from _empty(agreement)
        yield from (c for d in directions(agreement) for c in _without_authority(d, standing))
    yield from _unreachable(standing, current, matrix, facts)


def _empty(agreement: Agreement) -> Iterator[Conflict]:
    """An agreement that lets nothing through, or nothing one way."""
    where, conditions = (agreement.identifier,), agreement.conditions
    ways = tuple(directions(agreement))
    lists = {
        "mappings": any(way.mappings for way in ways),
        "purposes": conditions.purposes,
        "subject_kinds": conditions.subject_kinds,
        "key_algorithms": conditions.key_algorithms,
    }
    for name in (name for name, content in lists.items() if not content):
        params = (("agreement", agreement.identifier), ("empty", name))
        yield Conflict(row=rows.ALLOWS_NOTHING, where=where, params=params)
    for way in ways:
        if lists["mappings"] and not way.mappings:
            yield Conflict(row=rows.ONE_SIDED, where=where, params=_parties(way))


def _parties(way: Direction) -> tuple[tuple[str, str], ...]:
    return (
        ("agreement", way.agreement.identifier),
        ("issuer_domain", way.issuer_domain),
        ("subject_domain", way.subject_domain),
    )


def _without_authority(way: Direction, standing: _Standing) -> Iterator[Conflict]:
    reasons = {ca: why for ca, why in standing.items() if ca.domain == way.subject_domain}
    bad = [f"{ca.identifier} ({why})" for ca, why in reasons.items() if why is not None]
    if bad and len(bad) == len(reasons):
        params = (*_parties(way), ("why", ", ".join(bad)))
        yield Conflict(row=rows.ALL_UNUSABLE, where=(way.agreement.identifier,), params=params)


def _unreachable(
    standing: _Standing, current: list[Agreement], matrix: ReachMatrix, facts: KnownFacts
) -> Iterator[Conflict]:
    """A lone domain has nobody to be reached by, and one that relies on others uses its anchors itself."""
    relying = {way.issuer_domain for a in current for way in directions(a)}
    relying |= {name for name, lists in facts.trust_lists_of.items() if lists}
    reached = {ca for r in matrix.reaches.values() for ca in r.authorities if r.relying_domain != ca.domain}
    alone = len({ca.domain for ca in standing}) < 2  # noqa: PLR2004 - one domain and no other
    for ca, why in standing.items():
        if why is Unusable.NOT_PINNED:
            yield _authority(rows.NOT_PINNED, ca)
        elif why is None and not alone and ca not in reached and ca.domain not in relying:
            yield _authority(rows.NOBODY_REACHES, ca)
    yield from (_authority(rows.NO_DOMAIN, ca) for ca in facts.anchors if ca not in standing)


def _authority(row: ConflictRow, ca: CaRef) -> Conflict:
    return Conflict(row=row, where=(ca.domain,), params=(("authority", str(ca)),))
