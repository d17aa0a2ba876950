"""Trust that passes through a domain that is no bridge: nobody agreed to it."""

from __future__ import annotations

from collections.abc import Iterator

from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.graph import Link, MappingGraph
from ca_bridge.core.recognition.analysis.reach import granted_ranks

_NO_LEVEL = "-"


def transitive_trust(graph: MappingGraph, bridges: frozenset[str]) -> Iterator[Conflict]:
    """One for each pair of domains that reach more by all walks than directly and over bridges."""
    agreed = granted_ranks(graph, bridges)
    for relying, ranks in granted_ranks(graph).items():
        more = {subject: rank for subject, rank in ranks.items() if rank > agreed[relying].get(subject, -1)}
        walks = {rank: graph.walks(relying, rank) for rank in set(more.values())}
        for subject, rank in more.items():
            own = agreed[relying].get(subject, -1)
            yield _conflict(graph, walks[rank][subject], bridges, (rank, own))


def _conflict(graph: MappingGraph, link: Link, bridges: frozenset[str], ranks: tuple[int, int]) -> Conflict:
    steps = link.steps()
    issuer, subject = steps[0].issuer_domain, steps[-1].subject_domain
    levels = (*graph.domains[issuer].scale.levels, _NO_LEVEL)
    between = dict.fromkeys(step.issuer_domain for step in steps[1:] if step.issuer_domain not in bridges)
    return Conflict(
        row=rows.TRANSITIVE,
        where=(issuer, subject),
        params=(
            ("agreed", levels[ranks[1]]),
            ("issuer_domain", issuer),
            ("level", levels[ranks[0]]),
            ("subject_domain", subject),
            ("through", ", ".join(between)),
        ),
        witness=steps,
    )
