"""The graph as one decision sees it: the shared reach with the caller's certificates on top."""

from __future__ import annotations

from collections.abc import Sequence

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import inherited, lacks_parameters
from ca_bridge.core.path.graph import Node, NodeKey
from ca_bridge.core.path.reach import UNREACHED, reach_of
from ca_bridge.core.path.supplied import Supplied
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

Way = tuple[int, Certificate]


class Surroundings:
    """Who may have issued a certificate, whether they did, and how to go on from there.

    Signatures outside the graph's own edges spend Resource.SIGNATURES the first time this
    decision asks for them, whatever any cache holds, so that answers never depend on caches.
    """

    __slots__ = ("_checked", "_disproved", "_learned", "_named", "_ways_up", "context", "reach", "supplied")

    def __init__(self, target: Certificate, context: Context) -> None:
        """Lay ``context.supplied`` on the snapshot's graph."""
        trust = context.trust
        self.context = context
        self.reach = reach_of(trust.graph, trust.anchors, trust.signatures, context.parameters.sm2_user_ids)
        self.supplied = Supplied(context.supplied, target, self.reach)
        self._checked: dict[tuple[str, Node, bytes | None], Finding | None] = {}
        self._disproved: set[tuple[str, Node]] = set()
        self._learned = 0
        self._named: dict[tuple[bytes, ...], list[Node]] = {}
        self._ways_up: dict[Node, tuple[Way, ...]] = {}

    def learn(self) -> None:
        """Find the distances again without the edges that turned out not to be signatures.

        Else forged certificates that name an anchor would lure the search for as long as the
        budget lasts.
        """
        if len(self._disproved) > self._learned and self.supplied.added:
            self._learned = len(self._disproved)
            self.supplied.spread(self._disproved)
            self._named.clear()
            self._ways_up.clear()

    def node(self, key: NodeKey) -> Node | None:
        """The node of a subject name and key, if any certificate of it is known."""
        return self.reach.graph.node(key) or self.supplied.node(key)

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor at least."""
        return self.supplied.distance(node)

    def possible_issuers(self, certificate: Certificate) -> Sequence[Node]:
        """Nodes that may have signed ``certificate``, the most likely first.

        The graph's verified issuers where it has any; else every node of the issuer's name, by
        distance, those with the key identifier asked for before others. A key identifier that
        does not match is no reason to leave a node out (RFC 4158 §3.5.12).
        """
        verified = self.reach.graph.issuers(certificate)
        if verified:
            return verified
        nodes = self._nodes_named(certificate.issuer.normalized)
        authority = certificate.extensions.authority_key_identifier
        wanted = authority.key_identifier if authority is not None else None
        if wanted is None or len(nodes) < 2:  # noqa: PLR2004 - nothing to put in order
            return nodes
        likely = [n for n in nodes if wanted in n.key_identifiers]
        return [*likely, *(n for n in nodes if wanted not in n.key_identifiers)]

    def _nodes_named(self, normalized: tuple[bytes, ...]) -> list[Node]:
        known = self._named.get(normalized)
        if known is None:
            known = [*self.reach.graph.named(normalized), *self.supplied.named(normalized)]
            if len(known) > 1:
                known.sort(key=lambda n: (self.distance(n), n.order))
            self._named[normalized] = known
        return known

    def ways_up(self, node: Node) -> tuple[Way, ...]:
        """Certificates of ``node`` from which an anchor may be reached, nearest first."""
        if not self.supplied.meets_graph and node not in self.supplied.added:
            return self.reach.ways_up(node)
        known = self._ways_up.get(node)
        if known is None:
            ways = ((self._distance_above(c), c) for c in self.certificates_of(node))
            known = tuple(sorted((w for w in ways if w[0] < UNREACHED), key=_by_distance))
            self._ways_up[node] = known
        return known

    def certificates_of(self, node: Node) -> tuple[Certificate, ...]:
        """Every certificate known of ``node``."""
        added = self.supplied.added.get(node, ())
        return added if node.certificates is added else (*node.certificates, *added)

    def _distance_above(self, certificate: Certificate) -> int:
        nodes = self.reach.graph.issuers(certificate) or self._nodes_named(certificate.issuer.normalized)
        possible = (n for n in nodes if (certificate.fingerprint, n) not in self._disproved)
        return min(map(self.distance, possible), default=UNREACHED)

    def leads_back(self, node: Node, visited: set[Node]) -> bool:
        """Whether every way from an anchor to ``node`` surely passes one of ``visited``."""
        if self.supplied.meets_graph:
            return node in visited
        return self.reach.leads_through(node, visited)

    def signature_problem(
        self, certificate: Certificate, issuer: Node, above: bytes | None = None
    ) -> Finding | None:
        """None if ``issuer`` signed ``certificate`` acceptably for this question, else why not.

        ``above``: DSA parameters that the issuer's key inherits, if it has none of its own.
        """
        key = (certificate.fingerprint, issuer, above)
        if key in self._checked:
            return self._checked[key]
        if not self.reach.graph.issuers(certificate):
            self.context.budget.spend(Resource.SIGNATURES)
        parameters = self.context.parameters
        problem = self.context.trust.signatures.verify(
            certificate.signed,
            issuer.spki,
            profile=parameters.algorithm_profile,
            at=parameters.validation_time,
            sm2_user_ids=parameters.sm2_user_ids,
            dsa_parameters=above,
        )
        self._checked[key] = problem
        if problem is not None:
            self._disproved.add((certificate.fingerprint, issuer))
        return problem

    def inherited_problem(self, path: list[Certificate], issuers: list[Node]) -> Finding | None:
        """The first problem with signatures that had to wait for inherited DSA parameters.

        ``issuers[i]`` is the node that issued ``path[i]``.
        """
        parameters: bytes | None = None
        for certificate, issuer in zip(reversed(path), reversed(issuers), strict=True):
            parameters = inherited(issuer.spki, parameters)
            if lacks_parameters(issuer.spki):
                problem = self.signature_problem(certificate, issuer, parameters)
                if problem is not None:
                    return problem
        return None


def _by_distance(way: Way) -> tuple[int, str]:
    return way[0], way[1].fingerprint
