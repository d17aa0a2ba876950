"""Walks of mappings that make more of a policy than its own domain does, on one and the same scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.closure import closure
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.graph import Edge, Link, MappingGraph
from ca_bridge.core.recognition.domain import AssuranceScale

Visit = Callable[[Link], bool]
"""Whether the walk goes on from here."""


@dataclass(frozen=True, slots=True)
class _Grades:
    """Nodes by scale and rank: ``below[scale, r]`` are those graded, but lower than r, as bits."""

    graph: MappingGraph
    ranks: tuple[int, ...]
    below: dict[tuple[AssuranceScale, int], int]
    of_domain: dict[str, int]

    def is_raised(self, edge: Edge, node: int) -> bool:
        """Whether ``edge``, as the first of a walk to ``node``, grants more than the node's own domain."""
        scale = self.graph.domains[edge.step.issuer_domain].scale
        return bool(self.below.get((scale, edge.rank), 0) >> node & 1)


def raised_levels(graph: MappingGraph) -> Iterator[Conflict]:
    """Cycles that raise a level, and mappings and walks that do so between domains of one scale.

    Of walks that hold another such cycle only the inner one is reported; mappings that raise a level
    themselves are left out of the longer walks between domains.
    """
    grades = _grades(graph)
    quiet = tuple(tuple(e for e in out if not grades.is_raised(e, e.head)) for out in graph.following)
    yield from (_raised(graph, Link(e)) for e in graph.edges if _is_raised_abroad(grades, e))
    reached = closure([1 << node for node in range(len(graph.nodes))], _heads(graph.following))
    quietly = closure([1 << node for node in range(len(graph.nodes))], _heads(quiet))
    for domain, edges in graph.first.items():
        home = grades.of_domain.get(domain, 0)
        yield from _returns(grades, [e for e in edges if _may_raise(grades, e, reached[e.head] & home)])
        still = [e for e in edges if not grades.is_raised(e, e.head)]
        suspects = [e for e in still if _may_raise(grades, e, quietly[e.head] & ~home)]
        yield from _abroad(grades, suspects, quiet)


def _grades(graph: MappingGraph) -> _Grades:
    ranks = tuple(graph.grade(node) for node in range(len(graph.nodes)))
    below: dict[tuple[AssuranceScale, int], int] = {}
    of_domain: dict[str, int] = {}
    for node, (name, _) in enumerate(graph.nodes):
        scale = graph.domains[name].scale
        of_domain[name] = of_domain.get(name, 0) | 1 << node
        for rank in range(ranks[node] + 1, len(scale.levels)) if ranks[node] >= 0 else ():
            below[scale, rank] = below.get((scale, rank), 0) | 1 << node
    return _Grades(graph, ranks, below, of_domain)


def _heads(following: tuple[tuple[Edge, ...], ...]) -> list[list[int]]:
    return [[edge.head for edge in edges] for edges in following]


def _may_raise(grades: _Grades, edge: Edge, reached: int) -> bool:
    scale = grades.graph.domains[edge.step.issuer_domain].scale
    return bool(grades.below.get((scale, edge.rank), 0) & reached)


def _is_raised_abroad(grades: _Grades, edge: Edge) -> bool:
    return edge.step.issuer_domain != edge.step.subject_domain and grades.is_raised(edge, edge.head)


def _returns(grades: _Grades, edges: list[Edge]) -> Iterator[Conflict]:
    """The raising cycles of one domain: by the policy that comes back, the highest level first."""
    found: dict[int, Link] = {}
    for rank in sorted({edge.rank for edge in edges}, reverse=True):

        def visit(link: Link) -> bool:
            first, *inner = reversed(tuple(link.backwards()))
            node = link.edge.head
            name = grades.graph.nodes[node][0]
            if any(e.step.issuer_domain == name and grades.is_raised(e, node) for e in inner):
                return False
            if name != first.step.issuer_domain or not grades.is_raised(first, node):
                return True
            found.setdefault(node, link)
            return False

        _walk([e for e in edges if e.rank == rank], grades.graph.following, visit)
    yield from (_cycle(grades.graph, link) for link in found.values())


def _abroad(
    grades: _Grades, edges: list[Edge], following: tuple[tuple[Edge, ...], ...]
) -> Iterator[Conflict]:
    """Walks of two and more mappings to another domain of the same scale that raise a level there."""
    found: dict[int, Link] = {}
    for rank in sorted({edge.rank for edge in edges}, reverse=True):

        def visit(link: Link) -> bool:
            *_, first = link.backwards()
            node = link.edge.head
            if not grades.is_raised(first, node):
                return True
            if grades.graph.nodes[node][0] != first.step.issuer_domain:
                found.setdefault(node, link)
            return False

        _walk([e for e in edges if e.rank == rank], following, visit)
    yield from (_raised(grades.graph, link) for link in found.values())


def _walk(edges: list[Edge], following: tuple[tuple[Edge, ...], ...], visit: Visit) -> None:
    """Breadth first from ``edges``: each node once, by a shortest walk that ``visit`` lets go on."""
    seen: set[int] = set()
    queue = [Link(edge) for edge in edges]
    for link in queue:
        node = link.edge.head
        if node not in seen and visit(link):
            seen.add(node)
            queue.extend(Link(edge, link) for edge in following[node] if edge.head not in seen)


def _levels(graph: MappingGraph, link: Link) -> tuple[str, str]:
    """Granted by the first step, and graded by the last domain itself; both on the one scale."""
    *_, first = link.backwards()
    levels = graph.domains[first.step.issuer_domain].scale.levels
    return levels[first.rank], levels[graph.grade(link.edge.head)]


def _cycle(graph: MappingGraph, link: Link) -> Conflict:
    granted, own = _levels(graph, link)
    steps = link.steps()
    return Conflict(
        row=rows.CYCLE_RAISES,
        where=(steps[0].issuer_domain,),
        params=(
            ("domain", steps[0].issuer_domain),
            ("granted_level", granted),
            ("issuer_policy", steps[0].mapping.issuer_domain_policy),
            ("own_level", own),
            ("subject_policy", steps[-1].mapping.subject_domain_policy),
        ),
        witness=steps,
    )


def _raised(graph: MappingGraph, link: Link) -> Conflict:
    granted, own = _levels(graph, link)
    steps = link.steps()
    return Conflict(
        row=rows.LEVEL_RAISED,
        where=tuple(dict.fromkeys(step.agreement for step in steps)),
        params=(
            ("granted_level", granted),
            ("issuer_domain", steps[0].issuer_domain),
            ("own_level", own),
            ("subject_domain", steps[-1].subject_domain),
            ("subject_policy", steps[-1].mapping.subject_domain_policy),
        ),
        witness=steps,
    )
