"""The graph of mappings in force: a node is a policy of a domain, an edge a mapping of an agreement.

It reckons levels as the engine does: the first mapping of a walk grants the relying domain's level, at most
what that domain grades its own policy at; a mapping further on counts only where it does not fall short of
what its issuer domain grades the policy at. So a walk is worth what its first mapping is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.recognition.agreement import PolicyMapping
from ca_bridge.core.recognition.analysis.standing import Direction, directions, in_force
from ca_bridge.core.recognition.domain import AssuranceScale, PkiDomain
from ca_bridge.core.recognition.policy import RecognitionPolicy


@dataclass(frozen=True, slots=True)
class Step:
    """One mapping used: ``issuer_domain`` relies on ``subject_domain`` by ``agreement``."""

    agreement: str
    issuer_domain: str
    subject_domain: str
    mapping: PolicyMapping


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A step between nodes; ``rank``: the level it grants as a first step, on its issuer domain's scale."""

    step: Step
    tail: int
    head: int
    rank: int
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """The last edge of a walk, and the walk before it."""

    edge: Edge
    before: Link | None = None

    def backwards(self) -> Iterator[Edge]:
        """Edges from the last to the first."""
        link: Link | None = self
        while link is not None:
            yield link.edge
            link = link.before

    def steps(self) -> tuple[Step, ...]:
        """Steps from the first to the last."""
        return tuple(edge.step for edge in self.backwards())[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class MappingGraph:
    """``grades``: ranks at which a domain grades a policy. ``first``: edges that grant a level, best first.

    ``following``: by node, the edges that count after another. ``domain_at``: domain names by node.
    """

    domains: Mapping[str, PkiDomain]
    grades: Mapping[tuple[str, str], tuple[int, ...]]
    nodes: tuple[tuple[str, str], ...]
    edges: tuple[Edge, ...]
    first: Mapping[str, tuple[Edge, ...]]
    following: tuple[tuple[Edge, ...], ...]

    def walks(self, relying_domain: str, rank: int) -> dict[str, Link]:
        """The shortest walk to each domain that grants at least ``rank`` to ``relying_domain``."""
        found: dict[str, Link] = {}
        seen: set[int] = set()
        queue = [Link(edge) for edge in self.first.get(relying_domain, ()) if edge.rank >= rank]
        for link in queue:
            node = link.edge.head
            if node not in seen:
                seen.add(node)
                found.setdefault(self.nodes[node][0], link)
                queue.extend(Link(edge, link) for edge in self.following[node] if edge.head not in seen)
        return found

    def grade(self, node: int) -> int:
        """The highest rank its own domain grades the node's policy at; -1 = none."""
        return max(self.grades.get(self.nodes[node], ()), default=-1)


def mapping_graph(policy: RecognitionPolicy, at: datetime) -> MappingGraph:
    """The graph at ``at``. An agreement with a domain that the policy does not hold is no part of it."""
    domains = {domain.name: domain for domain in policy.domains}
    grades = {
        (domain.name, row.policy): tuple(domain.scale.rank(level) for level in domain.levels_of(row.policy))
        for domain in policy.domains
        for row in domain.policies
    }
    nodes: dict[tuple[str, str], int] = {}
    edges: list[Edge] = []
    for agreement in sorted(policy.agreements, key=lambda a: a.identifier):
        for direction in directions(agreement) if in_force(agreement, at) else ():
            if {direction.issuer_domain, direction.subject_domain} <= domains.keys():
                scale = domains[direction.issuer_domain].scale
                edges.extend(_edge(direction, m, scale, grades, nodes) for m in direction.mappings)
    return _indexed(domains, grades, tuple(nodes), tuple(edges))


def _edge(
    direction: Direction,
    mapping: PolicyMapping,
    scale: AssuranceScale,
    grades: Mapping[tuple[str, str], tuple[int, ...]],
    nodes: dict[tuple[str, str], int],
) -> Edge:
    tail = (direction.issuer_domain, mapping.issuer_domain_policy)
    head = (direction.subject_domain, mapping.subject_domain_policy)
    graded, rank = grades.get(tail, ()), scale.rank(mapping.level)
    return Edge(
        step=Step(direction.agreement.identifier, direction.issuer_domain, direction.subject_domain, mapping),
        tail=nodes.setdefault(tail, len(nodes)),
        head=nodes.setdefault(head, len(nodes)),
        rank=min((rank, *graded)),
        whole=rank >= max(graded, default=len(scale.levels) - 1),
    )


def _indexed(
    domains: Mapping[str, PkiDomain],
    grades: Mapping[tuple[str, str], tuple[int, ...]],
    nodes: tuple[tuple[str, str], ...],
    edges: tuple[Edge, ...],
) -> MappingGraph:
    first: dict[str, list[Edge]] = {}
    following: list[list[Edge]] = [[] for _ in nodes]
    for edge in edges:
        if edge.rank >= 0:
            first.setdefault(edge.step.issuer_domain, []).append(edge)
        if edge.whole:
            following[edge.tail].append(edge)
    return MappingGraph(
        domains=domains,
        grades=grades,
        nodes=nodes,
        edges=edges,
        first={name: tuple(sorted(found, key=lambda e: -e.rank)) for name, found in first.items()},
        following=tuple(map(tuple, following)),
    )
