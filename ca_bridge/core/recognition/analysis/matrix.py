"""The CA x CA x level matrix: which principal CAs each relying party reaches, at which level, and by what.

A cell is kept once per pair of domains and basis, and multiplied by their principal CAs only when asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ca_bridge.core.recognition.analysis.facts import NOTHING_KNOWN, CaRef, KnownFacts
from ca_bridge.core.recognition.analysis.graph import Link, MappingGraph, Step, mapping_graph
from ca_bridge.core.recognition.analysis.listed import ListedStep, listed_steps
from ca_bridge.core.recognition.analysis.reach import granted_ranks
from ca_bridge.core.recognition.analysis.standing import blocks_in_force, unusable
from ca_bridge.core.recognition.domain import AssuranceScale, PkiDomain
from ca_bridge.core.recognition.policy import RecognitionPolicy


class Basis(StrEnum):
    """By what a CA is reached: its own domain's grading, a walk of agreements, or a trust list."""

    DOMAIN = "domain"
    AGREEMENTS = "agreements"
    TRUST_LIST = "trust_list"


Witness = tuple[Step | ListedStep, ...]
"""Steps from the relying domain on; none within one domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """``relying_domain`` reaches each of ``authorities`` at ``level`` of its own scale.

    ``level`` "" = recognised by a trust list at no level of that scale.
    """

    relying_domain: str
    subject_domain: str
    basis: Basis
    level: str
    authorities: tuple[CaRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A relying party under the anchor ``relying_ca`` reaches ``subject_ca``."""

    relying_ca: CaRef
    subject_ca: CaRef
    basis: Basis
    level: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachMatrix:
    """``reaches`` by (relying domain, subject domain, basis); ``members``: usable principal CAs by domain."""

    scales: Mapping[str, AssuranceScale]
    members: Mapping[str, tuple[CaRef, ...]]
    reaches: Mapping[tuple[str, str, Basis], Reach]
    _graph: MappingGraph
    _listed: Mapping[tuple[str, str], ListedStep]
    _walks: dict[tuple[str, int], dict[str, Link]] = field(default_factory=dict)

    def cells(self) -> Iterator[Cell]:
        """Every cell, expanded; up to the square of the number of principal CAs for each basis."""
        for reach in self.reaches.values():
            yield from self.cells_of(reach)

    def cells_of(self, reach: Reach) -> Iterator[Cell]:
        """The cells of one pair of domains."""
        for relying_ca in self.members[reach.relying_domain]:
            for subject_ca in reach.authorities:
                yield Cell(relying_ca=relying_ca, subject_ca=subject_ca, basis=reach.basis, level=reach.level)

    def witness(self, reach: Reach) -> Witness:
        """A shortest walk that grants the level."""
        relying, subject = reach.relying_domain, reach.subject_domain
        if reach.basis is Basis.DOMAIN:
            return ()
        if reach.basis is Basis.TRUST_LIST:
            return (self._listed[relying, subject],)
        rank = self.scales[relying].rank(reach.level)
        if (relying, rank) not in self._walks:
            self._walks[relying, rank] = self._graph.walks(relying, rank)
        return self._walks[relying, rank][subject].steps()


def reach_matrix(policy: RecognitionPolicy, at: datetime, facts: KnownFacts = NOTHING_KNOWN) -> ReachMatrix:
    """The matrix of ``policy`` at ``at``.

    A principal CA that is blocked, unlicensed or not pinned stands in no cell, on neither side. Every walk
    of agreements counts, over bridges or not: what nobody agreed to is a conflict, and is seen here.
    """
    graph = mapping_graph(policy, at)
    blocked = blocks_in_force(policy.blocks, at)
    members = {
        domain.name: tuple(
            CaRef(domain.name, authority.identifier)
            for authority in domain.authorities
            if unusable(authority, blocked, at) is None
        )
        for domain in policy.domains
    }
    found = [r for domain in policy.domains for r in _within(domain, members)]
    for relying, ranks in granted_ranks(graph).items():
        levels = graph.domains[relying].scale.levels
        found += [
            _reach(relying, subject, Basis.AGREEMENTS, levels[rank], members[subject])
            for subject, rank in ranks.items()
            if members[subject]
        ]
    listed = listed_steps(policy, at, facts.trust_lists_of, blocked)
    found += [
        _reach(relying, subject, Basis.TRUST_LIST, step.level, authorities)
        for (relying, subject), (step, authorities) in listed.items()
    ]
    return ReachMatrix(
        scales={domain.name: domain.scale for domain in policy.domains},
        members=members,
        reaches={(r.relying_domain, r.subject_domain, r.basis): r for r in found},
        _graph=graph,
        _listed={parties: step for parties, (step, _) in listed.items()},
    )


def _within(domain: PkiDomain, members: Mapping[str, tuple[CaRef, ...]]) -> Iterator[Reach]:
    ranks = [min(domain.scale.rank(v) for v in domain.levels_of(row.policy)) for row in domain.policies]
    best = max(ranks, default=-1)
    if best >= 0 and members[domain.name]:
        level = domain.scale.levels[best]
        yield _reach(domain.name, domain.name, Basis.DOMAIN, level, members[domain.name])


def _reach(relying: str, subject: str, basis: Basis, level: str, authorities: tuple[CaRef, ...]) -> Reach:
    return Reach(
        relying_domain=relying,
        subject_domain=subject,
        basis=basis,
        level=level,
        authorities=authorities,
    )
