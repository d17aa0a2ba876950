"""Path building, RFC 4158: forward from the target to a trust anchor, every simple path.

The search deepens one length at a time and follows, at each length, only certificates from
which an anchor is near enough (iterative deepening with exact distances), so the shortest
paths come first and nothing is copied or sorted per decision but the caller's own
certificates. A path is simple: no subject name and key occurs twice on it (RFC 4158 §5.2);
a CA's other keys under the same name may (key rollover). The target alone may have the name
and key of the anchor it ends at, and a self-signed one those of its issuer's certificate.

Two stages: first over certificates that can issue by their own word, completely; then a few
paths over the rest, which validation is sure to refuse, so that the refusal names its cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.candidate import CandidatePath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dead_ends import explain_dead_end, unsigned_finding
from ca_bridge.core.path.dsa import lacks_parameters
from ca_bridge.core.path.graph import Node, is_wrong_key
from ca_bridge.core.path.issuing import can_issue
from ca_bridge.core.path.reach import UNREACHED
from ca_bridge.core.path.rejections import placed, reject
from ca_bridge.core.path.surroundings import Surroundings
from ca_bridge.core.reasons import building as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate

HOPELESS_PATHS = 8
"""Paths of the second stage: enough to tell the cause, few enough to cost nothing."""


def candidate_paths(target: Certificate, context: Context) -> Iterator[CandidatePath]:
    """Every simple path from ``target`` to a trust anchor, signatures verified, lazily.

    Shortest first; the order of input never changes the answer. What could not be built is
    appended to ``context.rejected``. Spends ``context.budget`` (raises BudgetExhausted).
    """
    around = Surroundings(target, context)
    climb = _Climb(around)
    yield from climb.paths()
    around.widen()
    hopeless = _Climb(around, only_hopeless=True)
    yield from islice(hopeless.paths(), HOPELESS_PATHS)
    if not (climb.told or hopeless.told):
        _explain(around, climb, hopeless)


def _explain(around: Surroundings, *climbs: _Climb) -> None:
    """Nothing was found: say why."""
    context, target = around.context, around.target
    if any(a.fingerprint == target.fingerprint for a in context.trust.anchors):
        reject(context, (target,), (Finding(reason=reasons.TARGET_IS_TRUST_ANCHOR),))
        return
    if any(climb.cut_short for climb in climbs):
        params = (("limit", str(context.budget.limits.path_depth)),)
        reject(context, (target,), (Finding(reason=reasons.PATH_TOO_LONG, params=params),))
    dead_ends = [climb.dead_end for climb in climbs if climb.dead_end is not None]
    explain_dead_end(dead_ends[0] if dead_ends else (target,), around)


class _Climb:
    """One depth-first walk at a time, up to a length that grows from walk to walk.

    ``_visited`` holds the nodes that no further intermediate may have: those of the path, and
    the target's own unless it is an anchor's, where the path may end. ``told`` (an anchor was
    reached), ``cut_short`` (there are ways longer than allowed) and ``dead_end`` (the first path
    whose last certificate no known key of its issuer signed) tell how the search went.
    """

    __slots__ = (
        "_around",
        "_beyond",
        "_budget",
        "_issuers",
        "_only_hopeless",
        "_path",
        "_visited",
        "cut_short",
        "dead_end",
        "told",
    )

    def __init__(self, around: Surroundings, *, only_hopeless: bool = False) -> None:
        """Stand at the target. ``only_hopeless``: only paths over some certificate that cannot issue."""
        self._around = around
        self._budget = around.context.budget
        self._path = [around.target]
        self._issuers: list[Node] = []
        self._only_hopeless = only_hopeless
        self._visited: set[Node] = set()
        if around.own is not None and around.own not in around.anchors:
            self._visited.add(around.own)
        self._beyond = UNREACHED
        self.told = False
        self.cut_short = False
        self.dead_end: tuple[Certificate, ...] | None = None

    def paths(self) -> Iterator[CandidatePath]:
        """Length by length, the shortest first."""
        room = self._nearest()
        while room < self._budget.limits.path_depth:
            self._beyond = UNREACHED
            yield from self._from_top(room)
            if self._beyond == UNREACHED:
                return
            room += self._beyond
        self.cut_short = room < UNREACHED

    def _nearest(self) -> int:
        """The least number of certificates that any path can have above the target."""
        issuers = self._around.possible_issuers(self._path[0])
        return min(map(self._around.supplied.distance, issuers), default=UNREACHED)

    def _from_top(self, room: int) -> Iterator[CandidatePath]:
        """Paths from the top of the current one with exactly ``room`` certificates more."""
        top = self._path[-1]
        issuers = self._around.possible_issuers(top)
        self._budget.spend(Resource.BUILD_STEPS, len(issuers))
        unsigned = bool(issuers)
        for node in issuers:
            distance = self._around.supplied.distance(node)
            ends = distance == room == 0 and node not in self._visited
            goes_on = self._goes_on(node)
            if distance > room:
                self._note(distance - room if goes_on and distance < UNREACHED else UNREACHED)
                unsigned = False
            elif (ends or goes_on) and self._signed_by(top, node):
                unsigned = False
                self._issuers.append(node)
                if ends:
                    yield from self._under_anchors(node)
                if goes_on:
                    yield from self._through(node, room)
                self._issuers.pop()
        if unsigned and self.dead_end is None:
            self.dead_end = tuple(self._path)

    def _goes_on(self, node: Node) -> bool:
        """Whether a path may lead on over ``node``: over the target's own only from a self-signed target."""
        if node is self._around.own:
            return len(self._path) == 1
        return not self._around.leads_back(node, self._visited)

    def _through(self, node: Node, room: int) -> Iterator[CandidatePath]:
        """Paths that go on with a certificate of ``node``."""
        before = self._visited
        self._visited = before | {node}
        for distance, certificate in self._around.supplied.ways_up(node):
            self._budget.spend(Resource.BUILD_STEPS)
            if distance >= room:
                self._note(distance + 1 - room)
                break
            self._path.append(certificate)
            yield from self._from_top(room - 1)
            self._path.pop()
        self._visited = before

    def _note(self, more: int) -> None:
        """Remember the least by which the next length must grow."""
        self._beyond = min(self._beyond, more)

    def _signed_by(self, certificate: Certificate, node: Node) -> bool:
        """Whether ``node`` signed ``certificate``; an unacceptable algorithm or key is recorded.

        Under a key that has yet to inherit its DSA parameters this waits for the whole path.
        """
        if lacks_parameters(node.spki):
            return True
        problem = self._around.signature_problem(certificate, node)
        if problem is not None and not is_wrong_key(problem):
            self._report(problem, certificate, node)
        return problem is None

    def _report(self, problem: Finding, certificate: Certificate, node: Node) -> None:
        edge = (certificate.fingerprint, node.spki.der)
        if edge not in self._around.reported:
            self._around.reported.add(edge)
            position = len(self._path) - 1
            reject(self._around.context, tuple(self._path), (placed(problem, position),))

    def _under_anchors(self, node: Node) -> Iterator[CandidatePath]:
        """The current path under each anchor with this name and key."""
        parameters = self._around.context.parameters
        if self._only_hopeless and all(can_issue(c, parameters) for c in self._path[1:]):
            return
        if any(lacks_parameters(issuer.spki) for issuer in self._issuers):
            problem = self._around.inherited_problem(self._path, self._issuers)
            if problem is not None:
                self.told = True
                position, cause = problem
                finding = unsigned_finding(self._path[position], position, cause)
                reject(self._around.context, tuple(self._path), (finding,))
                return
        for anchor in self._around.anchors[node]:
            self.told = True
            yield CandidatePath(certificates=tuple(self._path), anchor=anchor)
