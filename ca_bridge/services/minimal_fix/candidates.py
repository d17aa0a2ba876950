"""What could be changed next in a world that does not pass, and what nothing can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ca_bridge.core.verdict import Finding
from ca_bridge.services.minimal_fix.for_building import damaged_authority, path_ends, wanted
from ca_bridge.services.minimal_fix.judging import Judged
from ca_bridge.services.minimal_fix.library import Library
from ca_bridge.services.minimal_fix.model import Bar, Barred, Change, Wanted
from ca_bridge.services.minimal_fix.obstacles import Case, Obstacle
from ca_bridge.services.minimal_fix.registry import answer_to

_ENDS = (path_ends, damaged_authority)
_FATAL = frozenset({Bar.REVOKED, Bar.ON_HOLD, Bar.FORGED, Bar.WEAK, Bar.MALFORMED, Bar.KEY_BLOCKED})


def candidates(judged: Judged, obstacles: Iterable[Obstacle], library: Library) -> tuple[Change, ...]:
    """Changes for every path that no finding bars, each once, the cheapest first."""
    found: dict[str, Change] = {}
    for case in _cases(judged, obstacles, library):
        answer = answer_to(case.finding.reason)
        if not isinstance(answer, Bar):
            for change in answer(case):
                found.setdefault(change.key, change)
    return tuple(sorted(found.values(), key=lambda c: (c.type.cost, c.key)))


def fatal(obstacles: Iterable[Obstacle]) -> tuple[Barred, ...]:
    """What is wrong with the target itself and stays so on every path and under every policy.

    Revoked, forged, weak, malformed: on whichever path it was found, nothing is proposed.
    """
    return tuple(
        barred for barred in all_barred(obstacles) if barred.bar in _FATAL and barred.finding.position == 0
    )


def all_barred(obstacles: Iterable[Obstacle]) -> tuple[Barred, ...]:
    """Every finding that no change answers, each once, the nearest to the cause first."""
    found = {f: bar for o in obstacles for f in o.findings if (bar := bar_of(f)) is not None}
    ranked = sorted(found.items(), key=lambda item: (-item[0].reason.rank, item[0].position or 0))
    return tuple(Barred(finding, bar) for finding, bar in ranked)


def bar_of(finding: Finding) -> Bar | None:
    """Why no change answers the finding; None when one may."""
    answer = answer_to(finding.reason)
    return answer if isinstance(answer, Bar) else None


def all_wanted(judged: Judged, obstacles: Iterable[Obstacle], library: Library) -> tuple[Wanted, ...]:
    """What the paths that end before an anchor call for."""
    found: dict[Wanted, None] = {}
    for case in _cases(judged, obstacles, library):
        missing = wanted(case) if answer_to(case.finding.reason) in _ENDS else None
        if missing is not None:
            found[missing] = None
    return tuple(found)


def _cases(judged: Judged, obstacles: Iterable[Obstacle], library: Library) -> Iterator[Case]:
    for obstacle in obstacles:
        if not any(bar_of(finding) for finding in obstacle.findings):
            for finding in obstacle.findings:
                yield Case(judged=judged, obstacle=obstacle, finding=finding, library=library)
