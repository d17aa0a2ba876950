"""What lies below a set of trust anchors in the CA graph, how far, and through which nodes.

Computed once per set of anchors and kept with the graph, so that a decision walks straight
towards an anchor and never into a part of the graph from which none can be reached.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from ca_bridge.core.algorithms.memo import Memo
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dominators import immediate_dominators
from ca_bridge.core.path.graph import CaGraph, Node
from ca_bridge.core.path.issuing import can_issue
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import Parameters
from ca_bridge.core.x509.certificate import Certificate

Way = tuple[int, Certificate]
"""A certificate and the distance of its issuer."""

UNREACHED = 1 << 30
"""Distance of a node below no anchor: more than any path may be long."""

_KEPT = 32
"""Sets of anchors remembered per graph, and periods and purposes asked about for each of them."""

_OVERLAY_BYTES = 8 << 20
"""What is remembered of certificates that callers bring again and again, per reach."""


class Reach:
    """Distances from the anchors, and each node's immediate dominator as seen from them.

    The distance of a node is the least number of certificates between it and an anchor.
    ``graph`` holds the anchors' own certificates too; ``unusable``: fingerprints of its
    certificates that are left out. ``periods`` is the memo of ``usable_reach``,
    ``overlays`` that of ``core.path.surroundings``.
    """

    __slots__ = (
        "_ways_up",
        "anchors",
        "distances",
        "dominators",
        "graph",
        "overlays",
        "periods",
        "unusable",
    )

    def __init__(
        self, graph: CaGraph, anchors: tuple[TrustAnchor, ...], unusable: Container[str] = frozenset()
    ) -> None:
        """Walk down from ``anchors``, whose certificates are all in ``graph``."""
        self.graph = graph
        self.unusable = unusable
        self.anchors: dict[Node, tuple[TrustAnchor, ...]] = {}
        for anchor in sorted(anchors, key=lambda a: a.fingerprint):
            node = graph.certified(anchor.certificate)
            self.anchors[node] = (*self.anchors.get(node, ()), anchor)
        children = self._children()
        self.distances = _distances(tuple(self.anchors), children)
        self.dominators = immediate_dominators(tuple(self.anchors), lambda node: children[node])
        self.overlays: Memo[Any] = Memo(max_entries=_KEPT, max_bytes=_OVERLAY_BYTES)
        self.periods: Memo[Reach] = Memo(max_entries=_KEPT, max_bytes=0)
        self._ways_up: dict[Node, tuple[Way, ...]] = {}

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor; UNREACHED if there is no way."""
        return self.distances.get(node, UNREACHED)

    def ways_up(self, node: Node) -> tuple[Way, ...]:
        """Certificates of ``node`` that can lie on a simple path, with their issuer's distance.

        Nearest first. One whose issuer can itself only be reached through ``node`` is left
        out: at a bridge that is every other member, and a path never visits a node twice.
        """
        known = self._ways_up.get(node)
        if known is None:
            usable = (c for c in node.certificates if c.fingerprint not in self.unusable)
            ways = ((self._distance_above(node, c), c) for c in usable)
            known = tuple(sorted((w for w in ways if w[0] < UNREACHED), key=nearest_first))
            self._ways_up[node] = known
        return known

    def _distance_above(self, node: Node, certificate: Certificate) -> int:
        issuers = (i for i in self.graph.issuers(certificate) if not self.leads_through(i, {node}))
        return min(map(self.distance, issuers), default=UNREACHED)

    def leads_through(self, node: Node, nodes: Container[Node]) -> bool:
        """Whether ``node`` is, or every way from an anchor to it passes, one of ``nodes``."""
        current: Node | None = node
        while current is not None:
            if current in nodes:
                return True
            current = self.dominators.get(current)
        return False

    def _children(self) -> dict[Node, tuple[Node, ...]]:
        found: dict[Node, dict[Node, None]] = {node: {} for node in self.graph.nodes}
        for node in self.graph.nodes:
            for certificate in node.certificates:
                if certificate.fingerprint not in self.unusable:
                    for issuer in self.graph.issuers(certificate):
                        found[issuer][node] = None
        return {node: tuple(children) for node, children in found.items()}


def nearest_first(way: Way) -> tuple[int, str]:
    """Orders ways by distance, then by fingerprint."""
    return way[0], way[1].fingerprint


def _distances(roots: tuple[Node, ...], children: dict[Node, tuple[Node, ...]]) -> dict[Node, int]:
    distances = dict.fromkeys(roots, 0)
    level = list(distances)
    depth = 0
    while level:
        depth += 1
        below = dict.fromkeys(c for node in level for c in children[node] if c not in distances)
        distances.update(dict.fromkeys(below, depth))
        level = list(below)
    return distances


def whole_reach(context: Context) -> Reach:
    """The reach of the snapshot's anchors over every certificate of its graph."""
    trust, user_ids = context.trust, context.parameters.sm2_user_ids
    key = (trust.anchors, user_ids)
    known: Reach | None = trust.graph.reaches.get(key, 0)
    if known is None:
        missing = [a.certificate for a in trust.anchors if a.certificate not in trust.graph]
        graph = trust.graph.extended(missing, trust.signatures, user_ids) if missing else trust.graph
        known = Reach(graph, trust.anchors)
        trust.graph.reaches.put(key, known, 0)
    return known


def usable_reach(whole: Reach, parameters: Parameters) -> Reach:
    """``whole`` less the certificates that cannot issue at the time and for the purpose asked about.

    One serves every question about a period in which no certificate of the graph begins or
    ends to be valid, so questions about the present share it.
    """
    key = (parameters.purpose, whole.graph.period(parameters.validation_time))
    known = whole.periods.get(key, 0)
    if known is None:
        unusable = {c.fingerprint for c in whole.graph.certificates if not can_issue(c, parameters)}
        anchors = tuple(a for at_node in whole.anchors.values() for a in at_node)
        known = Reach(whole.graph, anchors, unusable) if unusable else whole
        whole.periods.put(key, known, 0)
    return known
