"""The graph as one decision sees it: a reach with the caller's certificates on top."""

from __future__ import annotations

from collections.abc import Sequence

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import inherited, lacks_parameters
from ca_bridge.core.path.graph import Node, node_key
from ca_bridge.core.path.issuing import can_issue
from ca_bridge.core.path.reach import Reach, usable_reach, whole_reach
from ca_bridge.core.path.supplied import Supplied
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

_Checked = dict[tuple[str, bytes, bytes | None], Finding | None]

WANDERING = 32
"""Questions after which working out dominators for one decision alone pays."""

_BYTES_PER_CERTIFICATE = 2_000
"""What remembering one costs beside its parsed value, roughly."""


class Surroundings:
    """Who may have issued a certificate, whether they did, and how to go on from there.

    Either over certificates that can issue by their own word, or (after ``widen``) over all.
    Signatures outside the graph's own edges spend Resource.SIGNATURES the first time this
    decision asks for them, whatever any cache holds, so that answers never depend on caches.
    ``reported``: certificates with keys whose problem has been told.
    """

    __slots__ = (
        "_checked",
        "_disproved",
        "_questions",
        "_reach",
        "anchors",
        "context",
        "graph",
        "own",
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
        self._lay(usable_reach(whole, parameters), [c for c in context.supplied if can_issue(c, parameters)])

    def widen(self) -> None:
        """From now on over everything; what is known of signatures stays known."""
        self._lay(whole_reach(self.context), self.context.supplied)

    def _lay(self, reach: Reach, certificates: Sequence[Certificate]) -> None:
        own = self.target.fingerprint
        fresh = [c for c in certificates if c not in self.graph and c.fingerprint != own]
        self._questions = 0
        self._reach = reach
        self.supplied = _remembered(reach, fresh, self.target.issuer.normalized)
        if self._disproved:
            self.supplied = self.supplied.without(frozenset(self._disproved))
        self.own = self.supplied.node(node_key(self.target))

    def possible_issuers(self, certificate: Certificate) -> Sequence[Node]:
        """Nodes that may have signed ``certificate``, the most likely first.

        The graph's verified issuers where it has any; else every node of the issuer's name, by
        distance, those with the key identifier asked for before others. A key identifier that
        does not match is no reason to leave a node out (RFC 4158 §3.5.12).
        """
        verified = self.graph.issuers(certificate)
        if verified:
            return verified
        nodes = self.supplied.named(certificate.issuer.normalized)
        authority = certificate.extensions.authority_key_identifier
        wanted = authority.key_identifier if authority is not None else None
        if wanted is None or len(nodes) < 2:  # noqa: PLR2004 - nothing to put in order
            return nodes
        likely = [n for n in nodes if wanted in n.key_identifiers]
        return [*likely, *(n for n in nodes if wanted not in n.key_identifiers)]

    def leads_back(self, node: Node, visited: set[Node]) -> bool:
        """Whether every way from an anchor to ``node`` surely passes one of ``visited``."""
        if not self.supplied.meets_graph and node not in self.supplied.added:
            return self._reach.leads_through(node, visited)
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
        if self.supplied.added and certificate.fingerprint != self.target.fingerprint:
            self.context.budget.spend(Resource.BUILD_STEPS, self.supplied.steps)
            self.supplied = self.supplied.without(frozenset(self._disproved))

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


def _remembered(reach: Reach, certificates: list[Certificate], issuer: tuple[bytes, ...]) -> Supplied:
    """Kept with the reach: callers bring the same intermediates again and again."""
    key = (issuer, *(c.fingerprint for c in certificates))
    size_bytes = _BYTES_PER_CERTIFICATE * (1 + len(certificates))
    known: Supplied | None = reach.overlays.get(key, size_bytes)
    if known is None:
        known = Supplied(reach, certificates, issuer)
        reach.overlays.put(key, known, size_bytes)
    return known
