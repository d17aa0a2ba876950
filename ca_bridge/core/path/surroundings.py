"""The graph as one decision sees it: a reach with the caller's certificates on top."""

from __future__ import annotations

from collections.abc import Sequence

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import inherited, lacks_parameters
from ca_bridge.core.path.graph import Node, NodeKey, node_key
from ca_bridge.core.path.issuing import can_issue
from ca_bridge.core.path.reach import UNREACHED, nearest_first, usable_reach, whole_reach
from ca_bridge.core.path.supplied import Supplied
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

_Way = tuple[int, Certificate]
_Checked = dict[tuple[str, bytes, bytes | None], Finding | None]

WANDERING = 32
"""Questions after which working out dominators for one decision alone pays."""


class Surroundings:
    """Who may have issued a certificate, whether they did, and how to go on from there.

    Either over certificates that can issue by their own word, or (``everything``) over all.
    Signatures outside the graph's own edges spend Resource.SIGNATURES the first time this
    decision asks for them, whatever any cache holds, so that answers never depend on caches.
    ``reported``: certificates with keys whose problem has been told.
    """

    __slots__ = (
        "_checked",
        "_disproved",
        "_named",
        "_questions",
        "_ways_up",
        "anchors",
        "context",
        "graph",
        "own",
        "reach",
        "reported",
        "supplied",
        "target",
    )

    def __init__(self, target: Certificate, context: Context) -> None:
        """Lay those of ``context.supplied`` that can issue on the graph."""
        parameters = context.parameters
        self.target = target
        self.context = context
        self.reported: set[tuple[str, bytes]] = set()
        self._checked: _Checked = {}
        self._disproved: set[tuple[str, bytes]] = set()
        whole = whole_reach(context)
        self.graph = whole.graph
        self.anchors = whole.anchors
        self.reach = usable_reach(whole, parameters)
        self._lay(tuple(c for c in context.supplied if can_issue(c, parameters)))

    def widen(self) -> None:
        """From now on over everything; what is known of signatures stays known."""
        self.reach = whole_reach(self.context)
        self._lay(self.context.supplied)

    def _lay(self, certificates: tuple[Certificate, ...]) -> None:
        self.supplied = Supplied(certificates, self.target, self.reach, self._disproved)
        self.own = self.node(node_key(self.target))
        self._questions = 0
        self._named: dict[tuple[bytes, ...], list[Node]] = {}
        self._ways_up: dict[Node, tuple[_Way, ...]] = {}

    def node(self, key: NodeKey) -> Node | None:
        """The node of a subject name and key, if any certificate of it is known."""
        return self.graph.node(key) or self.supplied.node(key)

    def distance(self, node: Node) -> int:
        """Certificates between ``node`` and the nearest anchor at least."""
        return self.supplied.distance(node)

    def possible_issuers(self, certificate: Certificate) -> Sequence[Node]:
        """Nodes that may have signed ``certificate``, the most likely first.

        The graph's verified issuers where it has any; else every node of the issuer's name, by
        distance, those with the key identifier asked for before others. A key identifier that
        does not match is no reason to leave a node out (RFC 4158 §3.5.12).
        """
        verified = self.graph.issuers(certificate)
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
            known = [*self.graph.named(normalized), *self.supplied.named(normalized)]
            if len(known) > 1:
                known.sort(key=lambda n: (self.distance(n), n.order))
            self._named[normalized] = known
        return known

    def ways_up(self, node: Node) -> tuple[_Way, ...]:
        """Certificates of ``node`` from which an anchor may be reached, nearest first.

        With the distance of their nearest possible issuer.
        """
        if not self.supplied.meets_graph and node not in self.supplied.added:
            return self.reach.ways_up(node)
        known = self._ways_up.get(node)
        if known is None:
            ways = ((self._distance_above(c), c) for c in self._certificates(node))
            known = tuple(sorted((w for w in ways if w[0] < UNREACHED), key=nearest_first))
            self._ways_up[node] = known
        return known

    def _certificates(self, node: Node) -> list[Certificate]:
        known = [c for c in node.certificates if c.fingerprint not in self.reach.unusable]
        added = self.supplied.added.get(node, ())
        return known if added is node.certificates else [*known, *added]

    def _distance_above(self, certificate: Certificate) -> int:
        nodes = self.graph.issuers(certificate) or self._nodes_named(certificate.issuer.normalized)
        possible = (n for n in nodes if (certificate.fingerprint, n.spki.der) not in self._disproved)
        return min(map(self.distance, possible), default=UNREACHED)

    def leads_back(self, node: Node, visited: set[Node]) -> bool:
        """Whether every way from an anchor to ``node`` surely passes one of ``visited``."""
        if not self.supplied.meets_graph and node not in self.supplied.added:
            return self.reach.leads_through(node, visited)
        self._questions += 1
        if self._questions > WANDERING:
            return self.supplied.leads_through(node, visited)
        return node in visited

    def signature_problem(
        self, certificate: Certificate, issuer: Node, above: bytes | None = None
    ) -> Finding | None:
        """None if ``issuer`` signed ``certificate`` acceptably for this question, else why not.

        ``above``: DSA parameters that the issuer's key inherits, if it has none of its own.
        """
        key = (certificate.fingerprint, issuer.spki.der, above)
        if key in self._checked:
            return self._checked[key]
        if not self.graph.issuers(certificate):
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
        if problem is not None and above is None:
            self._disprove(certificate, issuer)
        return problem

    def _disprove(self, certificate: Certificate, issuer: Node) -> None:
        """Find the distances again without an edge that turned out not to be a signature.

        Else forged certificates that name an anchor lure the search as long as the budget lasts.
        """
        self._disproved.add((certificate.fingerprint, issuer.spki.der))
        added = self.supplied.added
        if added and certificate.fingerprint != self.target.fingerprint:
            self.context.budget.spend(Resource.BUILD_STEPS, len(added))
            self.supplied.spread(self._disproved)
            self._named.clear()
            self._ways_up.clear()

    def inherited_problem(self, path: list[Certificate], issuers: list[Node]) -> tuple[int, Finding] | None:
        """The first problem with signatures that had to wait for inherited DSA parameters.

        With its position. ``issuers[i]`` is the node that issued ``path[i]``.
        """
        parameters: bytes | None = None
        for position in range(len(path) - 1, -1, -1):
            issuer = issuers[position]
            parameters = inherited(issuer.spki, parameters)
            if lacks_parameters(issuer.spki):
                problem = self.signature_problem(path[position], issuer, parameters)
                if problem is not None:
                    return position, problem
        return None
