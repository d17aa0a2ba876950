"""The search: sets of changes by size, then by cost, every one of them judged by the engine.

A world that does not pass says by its findings what could be changed next, so a set grows along what the
engine itself says. A set that passes is taken only when no proper part of it passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from ca_bridge.services.manage_recognition.changes import change_kinds
from ca_bridge.services.minimal_fix.candidates import candidates
from ca_bridge.services.minimal_fix.edits import NoSuchPlace
from ca_bridge.services.minimal_fix.judging import Judge, Judged, JudgementsSpent
from ca_bridge.services.minimal_fix.library import Library
from ca_bridge.services.minimal_fix.model import Change, Fix
from ca_bridge.services.minimal_fix.obstacles import Obstacle, obstacles_of
from ca_bridge.services.minimal_fix.soundness import is_sound
from ca_bridge.services.minimal_fix.steps import World

MAX_CHANGES = 4
"""More than four changes at once are no fix but a new arrangement."""
_MAX_FOUND = 20
_Signature = frozenset[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; ``complete``: nothing as small was left untried.

    Without fixes: complete means that no set of any size can be made of the changes there are.
    """

    fixes: tuple[Fix, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Node:
    """Changes in the order they were found, and the world they make, which does not pass."""

    changes: tuple[Change, ...]
    judged: Judged
    obstacles: tuple[Obstacle, ...]

    @property
    def signature(self) -> _Signature:
        return frozenset(obstacle.signature for obstacle in self.obstacles)


class Search:
    """One search over one question. Same input, same answer."""

    def __init__(self, judge: Judge, library: Library) -> None:
        self._judge = judge
        self._library = library
        self._seen: set[frozenset[str]] = set()
        self._is_cut = False

    def run(self, asked: Judged, obstacles: tuple[Obstacle, ...]) -> Found:
        """The smallest sets that make ``asked`` pass, the cheapest first."""
        frontier, complete = [_Node((), asked, obstacles)], True
        for _ in range(MAX_CHANGES):
            fixes: list[Fix] = []
            try:
                frontier = list(self._larger(frontier, asked, fixes))
            except JudgementsSpent:
                complete = False
            if fixes:
                smallest = self._smallest(fixes, asked)
                is_of_this_size = len(smallest[0].changes) == len(fixes[0].changes)
                return Found(smallest, complete and is_of_this_size)
            if not complete or not frontier:
                break
        return Found((), complete=complete and not self._is_cut)

    def _larger(self, frontier: list[_Node], asked: Judged, fixes: list[Fix]) -> Iterator[_Node]:
        """Every set with one change more than those of ``frontier``; those that pass go into ``fixes``.

        Raises JudgementsSpent.
        """
        for parent, change in self._steps(frontier):
            judged = self._changed(parent.judged, change)
            if judged is None:
                continue
            changes = (*parent.changes, change)
            if judged.passed:
                if is_sound(judged, asked):
                    fixes.append(_fix(changes, judged, asked))
                continue
            if fixes or len(changes) == MAX_CHANGES:
                self._is_cut = True
                continue  # no larger set is wanted any more
            node = _Node(changes, judged, obstacles_of(judged, self._judge))
            if change.type.partial or node.signature != parent.signature:
                yield node

    def _steps(self, frontier: list[_Node]) -> list[tuple[_Node, Change]]:
        """Sets not tried yet, the cheapest first."""
        steps: list[tuple[int, str, _Node, Change]] = []
        for node in frontier:
            slots = {change.slot for change in node.changes}
            for change in candidates(node.judged, node.obstacles, self._library):
                keys = frozenset((*(c.key for c in node.changes), change.key))
                if change.slot not in slots and keys not in self._seen:
                    self._seen.add(keys)
                    cost = sum(c.type.cost for c in node.changes) + change.type.cost
                    steps.append((cost, "\n".join(sorted(keys)), node, change))
        steps.sort(key=lambda step: step[:2])
        return [(node, change) for _, _, node, change in steps]

    def _changed(self, judged: Judged, change: Change) -> Judged | None:
        """The world after ``change``; None when the change does nothing there or contradicts something."""
        world = applied(judged.world, (change,))
        return None if world is None or world == judged.world else self._judge.judge(world)

    def _smallest(self, fixes: list[Fix], asked: Judged) -> tuple[Fix, ...]:
        """The cheapest fixes without those of which a part passes; where parts do, the smallest of them.

        The parts are judged beyond the bound of the search: what is found is found to be minimal.
        """
        cheapest = sorted(fixes, key=_by_cost)[:_MAX_FOUND]
        self._judge.allow(len(cheapest) * (1 << MAX_CHANGES))
        minimal: list[Fix] = []
        parts: list[Fix] = []
        for fix in cheapest:
            part = self._passing_part(fix, asked)
            if part is None:
                minimal.append(fix)
            else:
                parts.append(part)
        size = min((len(part.changes) for part in parts), default=None)
        kept = minimal if size is None else [part for part in parts if len(part.changes) == size]
        unique = {frozenset(c.key for c in fix.changes): fix for fix in reversed(kept)}
        return tuple(sorted(unique.values(), key=_by_cost))

    def _passing_part(self, fix: Fix, asked: Judged) -> Fix | None:
        """The smallest proper part of ``fix`` that passes by itself; None = each change is needed."""
        for size in range(1, len(fix.changes)):
            for part in combinations(fix.changes, size):
                world = applied(asked.world, part)
                judged = None if world is None else self._judge.judge(world)
                if judged is not None and judged.passed and is_sound(judged, asked):
                    return _fix(part, judged, asked)
        return None


def _fix(changes: tuple[Change, ...], judged: Judged, asked: Judged) -> Fix:
    before, after = asked.world.documents, judged.world.documents
    kinds = () if before == after else change_kinds(before, after)
    return Fix(
        changes=changes,
        answer=judged.answer,
        documents=after,
        release_kinds=tuple(sorted(kind.value for kind in kinds)),
    )


def applied(world: World, changes: tuple[Change, ...]) -> World | None:
    """The world after ``changes`` in this order; None when one has nothing to stand on."""
    try:
        for change in changes:
            world = change.step.apply(world)
    except NoSuchPlace:
        return None
    return world


def _by_cost(fix: Fix) -> tuple[int, tuple[str, ...]]:
    return fix.cost, tuple(change.key for change in fix.changes)
