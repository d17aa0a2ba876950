"""What the caller's own certificates add to a reach; the shared graph stays as it is.

Nothing of theirs has been verified yet, so their edges go by name alone: distances are then
never too large, and no way to an anchor is overlooked. The cost is that of the certificates
supplied, not of the graph, unless they lead into it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from heapq import heapify, heappop, heappush

from ca_bridge.core.path.dominators import immediate_dominators
from ca_bridge.core.path.graph import Node, NodeKey, make_nodes
from ca_bridge.core.path.reach import UNREACHED, Reach
from ca_bridge.core.x509.certificate import Certificate

_NormalizedName = tuple[bytes, ...]
_Edges = dict[_NormalizedName, list[tuple[str, Node]]]
"""By issuer name: the fingerprint of a certificate, and the node it certifies."""


class Supplied:
    """Nodes, certificates and distances beyond those of ``reach``.

    ``added``: certificates by node, the graph's own nodes included. ``meets_graph``: an edge may
    lead from here into the graph, so that what the reach says of dominators and order does
    not hold for this decision.
    """

    __slots__ = ("_distances", "_dominators", "_named", "_nodes", "_reach", "added", "meets_graph")

    def __init__(
        self,
        certificates: Iterable[Certificate],
        target: Certificate,
        reach: Reach,
        disproved: Container[tuple[str, bytes]],
    ) -> None:
        """Take what may stand above ``target`` and is neither in the graph nor the target itself."""
        self._reach = reach
        self._named: dict[_NormalizedName, list[Node]] = {}
        self._nodes: dict[NodeKey, Node] = {}
        self._distances: dict[Node, int] = {}
        self._dominators: dict[Node | _NormalizedName, Node | _NormalizedName | None] | None = None
        self.added: dict[Node, tuple[Certificate, ...]] = {}
        self.meets_graph = False
        for key, group in make_nodes(self._above(certificates, target)).items():
            node = reach.graph.node(key)
            if node is None:
                node = self._nodes[key] = group
                self._named.setdefault(key[0], []).append(node)
            self.meets_graph = self.meets_graph or node is not group or key[0] in reach.graph.orphans
            self.added[node] = group.certificates
        if self.added:
            self.spread(disproved)

    def node(self, key: NodeKey) -> Node | None:
        """The node of a subject name and key, if only the caller brought it."""
        return self._nodes.get(key)

    def named(self, normalized: _NormalizedName) -> list[Node]:
        """Nodes of one subject name that only the caller brought, in a fixed order."""
        return self._named.get(normalized, [])

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor at least; UNREACHED if there is no way."""
        known = self._distances.get(node)
        return self._reach.distance(node) if known is None else known

    def _above(self, certificates: Iterable[Certificate], target: Certificate) -> list[Certificate]:
        """By name: what may be above the target, or above anything the graph may lead to."""
        graph = self._reach.graph
        by_subject: dict[_NormalizedName, list[Certificate]] = {}
        for certificate in certificates:
            if certificate not in graph and certificate.fingerprint != target.fingerprint:
                by_subject.setdefault(certificate.subject.normalized, []).append(certificate)
        names = [n for n in by_subject if graph.named(n) or n in graph.orphans]
        names.append(target.issuer.normalized)
        above: list[Certificate] = []
        while names:
            found = by_subject.pop(names.pop(), [])
            above.extend(found)
            names.extend(c.issuer.normalized for c in found)
        return above

    def spread(self, disproved: Container[tuple[str, bytes]]) -> None:
        """Find the distances: Dijkstra's algorithm from the reach down through what was supplied.

        ``disproved``: certificates, by fingerprint, with the DER of a key that did not sign them.
        By name the first node to come is the nearest, so each edge is used once.
        """
        self._distances.clear()
        waiting = self._edges_by_issuer()
        heap = [(self._reach.distance(node), node.order, node) for node in self._reached_issuers(waiting)]
        heapify(heap)
        settled: set[Node] = set()
        while heap:
            distance, _, node = heappop(heap)
            if node in settled:
                continue
            settled.add(node)
            below = _released(waiting, node, disproved)
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
