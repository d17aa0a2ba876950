"""What a change of policy does to the matrix, cell by cell, each with its witness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.recognition.analysis.facts import CaRef
from ca_bridge.core.recognition.analysis.matrix import Basis, Reach, ReachMatrix, Witness


class Change(StrEnum):
    """What becomes of a cell."""

    GAINED = "gained"
    LOST = "lost"
    RAISED = "raised"
    LOWERED = "lowered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """``before`` and ``after`` are levels, None = no cell; ``witness``: of the new cell, or of the lost."""

    change: Change
    relying_ca: CaRef
    subject_ca: CaRef
    basis: Basis
    before: str | None
    after: str | None
    witness: Witness


@dataclass(frozen=True, slots=True)
class _Side:
    """The levels of one pair of domains in one matrix, by relying CA and subject CA."""

    levels: Mapping[tuple[CaRef, CaRef], str]
    witness: Witness


def matrix_diff(old: ReachMatrix, new: ReachMatrix) -> tuple[CellChange, ...]:
    """Cells gained, lost, raised and lowered, by relying CA and subject CA.

    A level that the new scale does not hold can't be compared: such a cell is lost and gained.
    """
    changes: list[CellChange] = []
    for parties in {**old.reaches, **new.reaches}:
        relying, _, basis = parties
        before, after = old.reaches.get(parties), new.reaches.get(parties)
        if before != after or old.members[relying] != new.members[relying]:
            levels = new.scales[relying].levels if relying in new.scales else ()
            changes += _changes(_side(old, before), _side(new, after), basis, ("", *levels))
    return tuple(sorted(changes, key=lambda c: (c.relying_ca, c.subject_ca, c.basis, c.change)))


def _side(matrix: ReachMatrix, reach: Reach | None) -> _Side:
    if reach is None:
        return _Side({}, ())
    levels = {(cell.relying_ca, cell.subject_ca): cell.level for cell in matrix.cells_of(reach)}
    return _Side(levels, matrix.witness(reach))


def _changes(old: _Side, new: _Side, basis: Basis, levels: tuple[str, ...]) -> Iterator[CellChange]:
    for pair in {**old.levels, **new.levels}:
        before, after = old.levels.get(pair), new.levels.get(pair)
        for change in _compared(before, after, levels):
            lost = change is Change.LOST
            yield CellChange(
                change=change,
                relying_ca=pair[0],
                subject_ca=pair[1],
                basis=basis,
                before=None if change is Change.GAINED else before,
                after=None if lost else after,
                witness=old.witness if lost else new.witness,
            )


def _compared(before: str | None, after: str | None, levels: tuple[str, ...]) -> tuple[Change, ...]:
    if before == after:
        return ()
    if before is None:
        return (Change.GAINED,)
    if after is None:
        return (Change.LOST,)
    if before not in levels or after not in levels:
        return (Change.LOST, Change.GAINED)
    raised = levels.index(before) < levels.index(after)
    return (Change.RAISED if raised else Change.LOWERED,)
