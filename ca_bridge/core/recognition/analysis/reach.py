"""Levels that relying domains grant across the graph, for all walks and for those over bridges alone."""

from __future__ import annotations

from collections.abc import Mapping

from ca_bridge.core.recognition.analysis.closure import bits_of, closure
from ca_bridge.core.recognition.analysis.graph import MappingGraph

Ranks = Mapping[str, Mapping[str, int]]
"""Highest rank by relying domain and reached domain; a domain is not among those it reaches itself."""


def granted_ranks(graph: MappingGraph, bridges: frozenset[str] | None = None) -> Ranks:
    """The best rank of each pair of domains; ``bridges``: no other domain may stand between the two."""
    names = tuple(graph.domains)
    number = {name: index for index, name in enumerate(names)}
    passing = [
        [e.head for e in edges] if bridges is None or graph.nodes[node][0] in bridges else []
        for node, edges in enumerate(graph.following)
    ]
    reached = closure([1 << number[domain] for domain, _ in graph.nodes], passing)
    return {name: _ranks_of(graph, name, names, reached) for name in names}


def _ranks_of(
    graph: MappingGraph, relying: str, names: tuple[str, ...], reached: list[int]
) -> dict[str, int]:
    ranks: dict[str, int] = {}
    seen = 1 << names.index(relying)
    for edge in graph.first.get(relying, ()):
        new = reached[edge.head] & ~seen
        seen |= new
        ranks.update((names[bit], edge.rank) for bit in bits_of(new))
    return ranks
