"""What the caller's own certificates add to a reach; the shared graph stays as it is.

Nothing of theirs has been verified yet, so their edges go by name alone: distances are then
never too large, and no way to an anchor is overlooked. The cost is that of the certificates
supplied, not of the graph, unless they lead into it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from copy import copy
from heapq import heapify, heappop, heappush

from ca_bridge.core.path.dominators import immediate_dominators
from ca_bridge.core.path.graph import Node, NodeKey, make_nodes
from ca_bridge.core.path.reach import UNREACHED, Reach, Way, nearest_first
from ca_bridge.core.x509.certificate import Certificate

_NormalizedName = tuple[bytes, ...]
_Edges = dict[_NormalizedName, list[tuple[str, Node]]]
"""By issuer name: the fingerprint of a certificate, and the node it certifies."""


class Supplied:
    """Nodes, certificates and distances beyond those of ``reach``. Never changes once made.

    ``added``: certificates by node, the graph's own nodes included. ``meets_graph``: an edge may
    lead from here into the graph, so that what the reach says of dominators and order does
    not hold for this decision. ``steps``: what it took to find the distances.
    """

    __slots__ = (
        "_disproved",
        "_distances",
        "_dominators",
        "_named",
        "_nodes",
        "_reach",
        "_sorted",
        "_ways_up",
        "added",
        "meets_graph",
        "steps",
    )

    def __init__(
        self,
        reach: Reach,
        certificates: Iterable[Certificate],
        issuer: _NormalizedName,
    ) -> None:
        """Take of ``certificates``, none of them in the graph, what may stand above ``issuer``'s."""
        self._reach = reach
        self._named: dict[_NormalizedName, list[Node]] = {}
        self._nodes: dict[NodeKey, Node] = {}
        self._dominators: dict[Node | _NormalizedName, Node | _NormalizedName | None] | None = None
        self.added: dict[Node, tuple[Certificate, ...]] = {}
        self.meets_graph = False
        for key, group in make_nodes(self._above(certificates, issuer)).items():
            node = reach.graph.node(key)
            if node is None:
                node = self._nodes[key] = group
                self._named.setdefault(key[0], []).append(node)
            self.meets_graph = self.meets_graph or node is not group or key[0] in reach.graph.orphans
            self.added[node] = group.certificates
        self._measure(frozenset())

    def without(self, disproved: frozenset[tuple[str, bytes]]) -> Supplied:
        """The same nodes at the distances that are left without ``disproved``.

        These are certificates, by fingerprint, with the DER of a key that did not sign them.
        What dominates a node still does when edges go.
        """
        other = copy(self)
        other._measure(disproved)  # noqa: SLF001 - of the same class
        return other

    def _measure(self, disproved: frozenset[tuple[str, bytes]]) -> None:
        self._disproved = disproved
        self._distances: dict[Node, int] = {}
        self._sorted: dict[_NormalizedName, list[Node]] = {}
        self._ways_up: dict[Node, tuple[Way, ...]] = {}
        self.steps = sum(map(len, self.added.values()))
        if self.added:
            self._spread()

    def node(self, key: NodeKey) -> Node | None:
        """The node of a subject name and key, if any certificate of it is known."""
        return self._reach.graph.node(key) or self._nodes.get(key)

    def named(self, normalized: _NormalizedName) -> list[Node]:
        """Every known node of one subject name, the nearest to an anchor first."""
        known = self._sorted.get(normalized)
        if known is None:
            known = [*self._reach.graph.named(normalized), *self._named.get(normalized, ())]
            if len(known) > 1:
                known.sort(key=lambda n: (self.distance(n), n.order))
            self._sorted[normalized] = known
        return known

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor at least; UNREACHED if there is no way."""
        known = self._distances.get(node)
        return self._reach.distance(node) if known is None else known

    def ways_up(self, node: Node) -> tuple[Way, ...]:
        """Certificates of ``node`` from which an anchor may be reached, nearest first.

        With the distance of their nearest possible issuer.
        """
        if not self.meets_graph and node not in self.added:
            return self._reach.ways_up(node)
        known = self._ways_up.get(node)
        if known is None:
            ways = ((self._distance_above(c), c) for c in self._certificates(node))
            known = tuple(sorted((w for w in ways if w[0] < UNREACHED), key=nearest_first))
            self._ways_up[node] = known
        return known

    def _certificates(self, node: Node) -> list[Certificate]:
        known = [c for c in node.certificates if c.fingerprint not in self._reach.unusable]
        added = self.added.get(node, ())
        return known if added is node.certificates else [*known, *added]

    def _distance_above(self, certificate: Certificate) -> int:
        nodes = self._reach.graph.issuers(certificate) or self.named(certificate.issuer.normalized)
        possible = (n for n in nodes if (certificate.fingerprint, n.spki.der) not in self._disproved)
        return min(map(self.distance, possible), default=UNREACHED)

    def _above(self, certificates: Iterable[Certificate], issuer: _NormalizedName) -> list[Certificate]:
        """By name: what may be above ``issuer``'s, or above anything the graph may lead to."""
        graph = self._reach.graph
        by_subject: dict[_NormalizedName, list[Certificate]] = {}
        for certificate in certificates:
            by_subject.setdefault(certificate.subject.normalized, []).append(certificate)
        names = [n for n in by_subject if graph.named(n) or n in graph.orphans]
        names.append(issuer)
        above: list[Certificate] = []
        while names:
            found = by_subject.pop(names.pop(), [])
            above.extend(found)
            names.extend(c.issuer.normalized for c in found)
        return above

    def _spread(self) -> None:
        """Find the distances: Dijkstra's algorithm from the reach down through what was supplied.

        By name the first node to come is the nearest, so each edge is used once.
        """
        waiting = self._edges_by_issuer()
        heap = [(self._reach.distance(node), node.order, node) for node in self._reached_issuers(waiting)]
        heapify(heap)
        settled: set[Node] = set()
        while heap:
            distance, _, node = heappop(heap)
            self.steps += 1
            if node in settled:
                continue
            settled.add(node)
            below = _released(waiting, node, self._disproved)
            if distance < self.distance(node):
                self._distances[node] = distance
                below.extend(self._below(node))
            for child in below:
                heappush(heap, (distance + 1, child.order, child))

    def _reached_issuers(self, edges: _Edges) -> list[Node]:
        """Nodes of the graph below an anchor that may have issued what the caller brought."""
        nodes = (node for name in edges for node in self._reach.graph.named(name))
        return [node for node in nodes if self._reach.distance(node) < UNREACHED]

    def _edges_by_issuer(self) -> _Edges:
        edges: _Edges = {}
        for node, certificates in self.added.items():
            for certificate in certificates:
                edges.setdefault(certificate.issuer.normalized, []).append((certificate.fingerprint, node))
        if self.meets_graph:
            for name in self._named:
                orphans = self._reach.graph.orphans.get(name, ())
                below = [(c.fingerprint, self._reach.graph.certified(c)) for c in orphans]
                edges.setdefault(name, []).extend(below)
        return edges

    def _below(self, node: Node) -> list[Node]:
        """Nodes of the graph with a usable certificate by ``node``."""
        graph, unusable = self._reach.graph, self._reach.unusable
        return [graph.certified(c) for c in graph.issued(node) if c.fingerprint not in unusable]

    def leads_through(self, node: Node, nodes: Container[object]) -> bool:
        """Whether every way from an anchor to ``node`` surely passes one of ``nodes``.

        Where nothing supplied leads into the graph: for nodes that only the caller brought.
        """
        if self._dominators is None:
            self._dominators = self._dominate()
        current: Node | _NormalizedName | None = node
        while current is not None:
            if current in nodes:
                return True
            current = self._dominators.get(current)
        return False

    def _dominate(self) -> dict[Node | _NormalizedName, Node | _NormalizedName | None]:
        """Dominators with names as vertices of their own, between a node and what it may have issued.

        Over the graph too where what was supplied leads into it.
        """
        edges = self._edges_by_issuer()

        def successors(vertex: Node | _NormalizedName) -> list[Node | _NormalizedName]:
            if not isinstance(vertex, Node):
                return [node for _, node in edges.get(vertex, ())]
            below = self._below(vertex) if self.meets_graph else []
            return [vertex.name.normalized, *below]

        if self.meets_graph:
            return immediate_dominators(list(self._reach.anchors), successors)
        names = dict.fromkeys(n.name.normalized for n in self._reached_issuers(edges))
        return immediate_dominators(list(names), successors)


def _released(waiting: _Edges, node: Node, disproved: Container[tuple[str, bytes]]) -> list[Node]:
    """Nodes certified by name under ``node``; edges it is known not to have signed wait on."""
    edges = waiting.pop(node.name.normalized, [])
    key = node.spki.der
    kept = [edge for edge in edges if (edge[0], key) in disproved]
    if kept:
        waiting[node.name.normalized] = kept
    return [below for fingerprint, below in edges if (fingerprint, key) not in disproved]
