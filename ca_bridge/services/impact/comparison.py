"""One request under two policies, and all of them counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ca_bridge.core.recognition.replay.recorded import Cause
from ca_bridge.services.impact.outcome import FLIPS, Change, Outcome, change

MOST_AFFECTED = 20
MAX_GROUPS = 10_000
OTHERS = "*"
"""Stands for the groups beyond MAX_GROUPS: labels are the callers', and memory is ours."""


@dataclass(frozen=True, slots=True, order=True)
class Authority:
    """Who issued the target: SHA-256 of the issuer's certificate where one is known, and its name."""

    fingerprint: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One request: which certificate (SHA-256), whose, from where, for what, and both answers."""

    target: str
    authority: Authority
    site: str
    domain: str
    purpose: str
    live: Outcome
    draft: Outcome

    @property
    def change(self) -> Change:
        """What became of the answer."""
        return change(self.live, self.draft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A request that could not be compared, and why."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Line:
    """What one line came to; None = it could not be read, or asks nothing of any policy."""

    compared: Compared | Unjudged | None
    drifted: bool = False


@dataclass(frozen=True, slots=True)
class Flips:
    """How many answers of one group turned each way, of how many."""

    requests: int
    to_refused: int
    to_passed: int
    otherwise: int

    @property
    def flips(self) -> int:
        """Both ways together."""
        return self.to_refused + self.to_passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What the draft would change. Groups are in order of flips; ``samples`` those of flips first.

    ``by_reason``: the leading reason of the refusal on either side of a change. ``drifted``: stored requests
    that the live policy no longer answers as it did when they were asked.
    """

    requests: int
    changes: Mapping[Change, int]
    not_replayable: Mapping[Cause, int]
    unreadable: int
    drifted: int
    by_authority: tuple[tuple[Authority, Flips], ...]
    by_site: tuple[tuple[str, Flips], ...]
    by_purpose: tuple[tuple[str, Flips], ...]
    by_reason: tuple[tuple[str, Flips], ...]
    most_affected: tuple[tuple[tuple[Authority, str], Flips], ...]
    samples: tuple[Compared, ...]

    @property
    def flips(self) -> int:
        """Answers that turn from passed to refused or back."""
        return sum(self.changes.get(kind, 0) for kind in FLIPS)


_Counts = dict[object, Counter[Change]]


@dataclass(slots=True)
class Tally:
    """Counts compared requests one by one; ``max_samples`` of flips and as many of other changes are kept."""

    max_samples: int = 20
    requests: int = 0
    unreadable: int = 0
    drifted: int = 0
    _changes: Counter[Change] = field(default_factory=Counter)
    _causes: Counter[Cause] = field(default_factory=Counter)
    _groups: dict[str, _Counts] = field(default_factory=dict)
    _flips: list[Compared] = field(default_factory=list)
    _others: list[Compared] = field(default_factory=list)

    def add_line(self, line: Line) -> None:
        """Count what one line came to."""
        self.drifted += line.drifted
        if line.compared is None:
            self.requests += 1
            self.unreadable += 1
        else:
            self.add(line.compared)

    def add(self, compared: Compared | Unjudged) -> None:
        """Count one."""
        self.requests += 1
        if isinstance(compared, Unjudged):
            self._causes[compared.cause] += 1
            return
        kind = compared.change
        self._changes[kind] += 1
        self._count("authority", compared.authority, kind)
        self._count("site", compared.site, kind)
        self._count("purpose", compared.purpose, kind)
        self._count("pair", (compared.authority, compared.site), kind)
        if kind is not Change.NONE:
            refused = compared.draft if compared.live.passed else compared.live
            self._count("reason", refused.reason, kind)
            kept = self._flips if kind in FLIPS else self._others
            if len(kept) < self.max_samples:
                kept.append(compared)

    def _count(self, name: str, group: object, kind: Change) -> None:
        groups = self._groups.setdefault(name, {})
        key = group if group in groups or len(groups) < MAX_GROUPS else OTHERS
        groups.setdefault(key, Counter())[kind] += 1

    def impact(self) -> Impact:
        """All of it so far."""
        return Impact(
            requests=self.requests,
            changes=dict(sorted(self._changes.items())),
            not_replayable=dict(sorted(self._causes.items())),
            unreadable=self.unreadable,
            drifted=self.drifted,
            by_authority=tuple((_authority(g), f) for g, f in self._ordered("authority")),
            by_site=tuple((str(g), f) for g, f in self._ordered("site")),
            by_purpose=tuple((str(g), f) for g, f in self._ordered("purpose")),
            by_reason=tuple((str(g), f) for g, f in self._ordered("reason")),
            most_affected=tuple(
                (_pair(g), f) for g, f in self._ordered("pair")[:MOST_AFFECTED] if f.flips or f.otherwise
            ),
            samples=(*self._flips, *self._others)[: self.max_samples],
        )

    def _ordered(self, name: str) -> list[tuple[object, Flips]]:
        counted = ((group, _flips(kinds)) for group, kinds in self._groups.get(name, {}).items())
        return sorted(counted, key=lambda c: (-c[1].flips, -c[1].otherwise, -c[1].requests, str(c[0])))


def _flips(kinds: Counter[Change]) -> Flips:
    refused, passed = kinds[Change.PASSED_TO_REFUSED], kinds[Change.REFUSED_TO_PASSED]
    everything = kinds.total()
    return Flips(everything, refused, passed, everything - refused - passed - kinds[Change.NONE])


def _authority(group: object) -> Authority:
    return group if isinstance(group, Authority) else Authority("", OTHERS)


def _pair(group: object) -> tuple[Authority, str]:
    return group if isinstance(group, tuple) else (Authority("", OTHERS), OTHERS)
