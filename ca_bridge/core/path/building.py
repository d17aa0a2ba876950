"""Path building, RFC 4158: forward from the target to a trust anchor, every simple path.

The search deepens one length at a time and follows, at each length, only certificates from
which an anchor is near enough (iterative deepening with exact distances), so the shortest
paths come first and nothing is copied or sorted per decision but the caller's own
certificates. A path is simple: no subject name and key occurs twice on it (RFC 4158 §5.2);
a CA's other keys under the same name may (key rollover). The target alone may have the name
and key of the anchor it ends at.

Two stages: first over certificates that can issue by their own word, completely; then a few
paths over the rest, which validation is sure to refuse, so that the refusal names its cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.candidate import CandidatePath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dead_ends import explain_dead_end
from ca_bridge.core.path.dsa import lacks_parameters
from ca_bridge.core.path.graph import Node, is_wrong_key, node_key
from ca_bridge.core.path.issuing import can_issue
from ca_bridge.core.path.reach import UNREACHED
from ca_bridge.core.path.rejections import reject
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
    climb = _Climb(target, around)
    found = False
    for candidate in climb.paths():
        found = True
        yield candidate
    if found:
        return
    if any(a.fingerprint == target.fingerprint for a in context.trust.anchors):
        reject(context, (target,), (Finding(reason=reasons.TARGET_IS_TRUST_ANCHOR),))
        return
    if climb.cut_short:
        params = (("limit", str(context.budget.limits.path_depth)),)
        reject(context, (target,), (Finding(reason=reasons.PATH_TOO_LONG, params=params),))
    explain_dead_end(target, around)


class _Climb:
    """One depth-first walk at a time, up to a length that grows from walk to walk.

    ``_visited`` holds the nodes that no further intermediate may have: those of the path, and
    the target's own unless it is an anchor's, where the path may end.
    """

    __slots__ = (
        "_around",
        "_beyond",
        "_budget",
        "_issuers",
        "_only_sound",
        "_own",
        "_path",
        "_reported",
        "_unsound",
        "_visited",
        "cut_short",
    )

    def __init__(self, target: Certificate, around: Surroundings) -> None:
        """Stand at ``target``; ``cut_short`` tells afterwards of ways longer than allowed."""
        self._around = around
        self._budget = around.context.budget
        self._path = [target]
        self._issuers: list[Node] = []
        self._own = around.node(node_key(target))
        self._visited: set[Node] = set()
        if self._own is not None and self._own not in around.reach.anchors:
            self._visited.add(self._own)
        self._only_sound = True
        self._unsound = 0
        self._beyond = UNREACHED
        self._reported: set[tuple[str, Node]] = set()
        self.cut_short = False

    def paths(self) -> Iterator[CandidatePath]:
        """Both stages, each length by length."""
        yield from self._by_length()
        self._only_sound = False
        yield from islice(self._by_length(), HOPELESS_PATHS)

    def _by_length(self) -> Iterator[CandidatePath]:
        room = 0
        while room < self._budget.limits.path_depth:
            self._beyond = UNREACHED
            self._around.learn()
            yield from self._from_top(room)
            if self._beyond == UNREACHED:
                return
            room += self._beyond
        self.cut_short = True

    def _from_top(self, room: int) -> Iterator[CandidatePath]:
        """Paths from the top of the current one with exactly ``room`` certificates more."""
        top = self._path[-1]
        issuers = self._around.possible_issuers(top)
        self._budget.spend(Resource.BUILD_STEPS, len(issuers))
        for node in issuers:
            distance = self._around.distance(node)
            ends = distance == room == 0 and node not in self._visited
            goes_on = node is not self._own and not self._around.leads_back(node, self._visited)
            if distance > room:
                self._note(distance - room if goes_on else UNREACHED)
            elif (ends or goes_on) and self._signed_by(top, node):
                self._issuers.append(node)
                if ends:
                    yield from self._under_anchors(node)
                if goes_on:
                    yield from self._through(node, room)
                self._issuers.pop()

    def _through(self, node: Node, room: int) -> Iterator[CandidatePath]:
        """Paths that go on with a certificate of ``node``."""
        self._visited.add(node)
        for distance, certificate in self._around.ways_up(node):
            self._budget.spend(Resource.BUILD_STEPS)
            if distance >= room:
                self._note(distance + 1 - room)
                break
            sound = can_issue(certificate, self._around.context.parameters)
            if sound or not self._only_sound:
                self._unsound += not sound
                self._path.append(certificate)
                yield from self._from_top(room - 1)
                self._path.pop()
                self._unsound -= not sound
        self._visited.remove(node)

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
        if (certificate.fingerprint, node) not in self._reported:
            self._reported.add((certificate.fingerprint, node))
            position = self._path.index(certificate)
            reject(self._around.context, tuple(self._path), (replace(problem, position=position),))

    def _under_anchors(self, node: Node) -> Iterator[CandidatePath]:
        """The current path under each anchor with this name and key."""
        if not (self._only_sound or self._unsound):
            return
        if any(lacks_parameters(issuer.spki) for issuer in self._issuers):
            problem = self._around.inherited_problem(self._path, self._issuers)
            if problem is not None:
                return
        for anchor in self._around.reach.anchors[node]:
            yield CandidatePath(certificates=tuple(self._path), anchor=anchor)
