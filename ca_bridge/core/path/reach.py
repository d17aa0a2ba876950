"""What lies below a set of trust anchors in the CA graph, how far, and through which nodes.

Computed once per set of anchors and kept with the graph, so that a decision walks straight
towards an anchor and never into a part of the graph from which none can be reached.
"""

from __future__ import annotations

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.path.dominators import immediate_dominators
from ca_bridge.core.path.graph import CaGraph, Node, node_key
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.x509.certificate import Certificate

UNREACHED = 1 << 30
"""Distance of a node below no anchor: more than any path may be long."""

_KEPT = 64
"""Anchor sets remembered per graph: domains are few; an operator's offline runs bring their own."""


class Reach:
    """Distances from the anchors, and each node's immediate dominator as seen from them.

    The distance of a node is the least number of certificates between it and an anchor.
    ``graph`` is the snapshot's graph with the anchors' own certificates in it.
    """

    __slots__ = ("_ways_up", "anchors", "distances", "dominators", "graph")

    def __init__(self, graph: CaGraph, anchors: tuple[TrustAnchor, ...]) -> None:
        """Walk down from ``anchors``, whose certificates are all in ``graph``."""
        self.graph = graph
        self.anchors: dict[Node, tuple[TrustAnchor, ...]] = {}
        for anchor in sorted(anchors, key=lambda a: a.fingerprint):
            node = graph.node(node_key(anchor.certificate))
            if node is not None:
                self.anchors[node] = (*self.anchors.get(node, ()), anchor)
        children = _children(graph)
        self.distances = _distances(tuple(self.anchors), children)
        self.dominators = immediate_dominators(tuple(self.anchors), lambda node: children[node])
        self._ways_up: dict[Node, tuple[tuple[int, Certificate], ...]] = {}

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor; UNREACHED if there is no way."""
        return self.distances.get(node, UNREACHED)

    def ways_up(self, node: Node) -> tuple[tuple[int, Certificate], ...]:
        """Certificates of ``node`` that can lie on a simple path, with their issuer's distance.

        Nearest first. One whose issuer can itself only be reached through ``node`` is left
        out: at a bridge that is every other member, and a path never visits a node twice.
        """
        known = self._ways_up.get(node)
        if known is None:
            ways = ((self._least(node, c), c) for c in node.certificates)
            known = tuple(sorted((w for w in ways if w[0] < UNREACHED), key=_by_distance))
            self._ways_up[node] = known
        return known

    def _least(self, node: Node, certificate: Certificate) -> int:
        issuers = self.graph.issuers(certificate)
        return min(
            (self.distance(i) for i in issuers if not self.leads_through(i, {node})), default=UNREACHED
        )

    def leads_through(self, node: Node, nodes: set[Node]) -> bool:
        """Whether ``node`` is, or every way from an anchor to it passes, one of ``nodes``."""
        current: Node | None = node
        while current is not None:
            if current in nodes:
                return True
            current = self.dominators.get(current)
        return False


def _by_distance(way: tuple[int, Certificate]) -> tuple[int, str]:
    return way[0], way[1].fingerprint


def _children(graph: CaGraph) -> dict[Node, tuple[Node, ...]]:
    found: dict[Node, dict[Node, None]] = {node: {} for node in graph.nodes}
    for node in graph.nodes:
        for certificate in node.certificates:
            for issuer in graph.issuers(certificate):
                found[issuer][node] = None
    return {node: tuple(children) for node, children in found.items()}


def _distances(roots: tuple[Node, ...], children: dict[Node, tuple[Node, ...]]) -> dict[Node, int]:
    distances = dict.fromkeys(roots, 0)
    level = list(roots)
    while level:
        below = [child for node in level for child in children[node] if child not in distances]
        depth = distances[level[0]] + 1
        level = list(dict.fromkeys(below))
        distances.update(dict.fromkeys(level, depth))
    return distances


def reach_of(
    graph: CaGraph,
    anchors: tuple[TrustAnchor, ...],
    signatures: SignatureChecker,
    sm2_user_ids: tuple[bytes, ...],
) -> Reach:
    """The reach of ``anchors`` in ``graph``, remembered for the sets of anchors used last."""
    key = (anchors, sm2_user_ids)
    known = graph.reaches.pop(key, None)
    if not isinstance(known, Reach):
        missing = [a.certificate for a in anchors if a.certificate not in graph]
        whole = graph.extended(missing, signatures, sm2_user_ids) if missing else graph
        known = Reach(whole, anchors)
    while len(graph.reaches) >= _KEPT:
        graph.reaches.pop(next(iter(graph.reaches), None), None)
    graph.reaches[key] = known
    return known
