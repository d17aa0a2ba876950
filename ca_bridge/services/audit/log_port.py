"""What the audit log needs of a store, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.sealed import SealedHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as the log has it; ``new`` is False when its key was there before, and this is that one."""

    index: int
    data: bytes
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What one append did: ``recorded`` are the entries in the order given.

    ``before`` is the tree before it; ``leaf_hashes`` those of the new leaves, from ``before.size`` on.
    """

    before: CompactRange
    after: CompactRange
    leaf_hashes: tuple[bytes, ...]
    recorded: tuple[Recorded, ...]

    @property
    def first_index(self) -> int:
        """Index of the first new leaf, if there is any."""
        return self.before.size


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A row as it is stored, right or wrong.

    ``data`` None = the leaf is known by its hash alone; ``key`` "" = it has none, None = keys are not kept.
    """

    index: int
    data: bytes | None
    leaf_hash: bytes
    key: str | None = None


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A signed note, and the size and root it is kept under."""

    size: int
    root: bytes
    note: str


class LogView(Protocol):
    """A log at one instant, as it is kept: in a database, or in exported tiles. What is kept may be wrong."""

    @property
    def keeps_head(self) -> bool:
        """Whether size and right edge are kept apart from the rest."""
        ...

    def head(self) -> CompactRange | None:
        """Size and right edge, if they are kept and the edge of a tree."""
        ...

    def rows(self, start: int, limit: int) -> Sequence[LogRow]:
        """At most ``limit`` rows from index ``start`` on, in order; below 0 there should be none."""
        ...

    def subtrees(self, level: int, start: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """(index, hash) of stored complete subtrees of 2**level leaves, in order; level is 8, 16, ..."""
        ...

    def checkpoints(self) -> Iterator[KeptNote]:
        """All that are kept, the smallest first."""
        ...


class LogStore(Protocol):
    """The log. May be used from threads and processes.

    Every method may raise StoreUnavailable, and StoreDamaged when what is stored is not what was written.
    """

    def append(self, entries: Sequence[NewEntry]) -> Appended:
        """Append all, in order, or none; they are durable when this returns.

        An entry is not appended when the log has one of its keys: the entry under that key is given back.
        """
        ...

    def head(self) -> CompactRange:
        """Size and right edge of the log."""
        ...

    def view(self) -> AbstractContextManager[LogView]:
        """The log as it is kept at one instant, to be checked or exported."""
        ...

    def entries(self, start: int, limit: int) -> tuple[LogRow, ...]:
        """At most ``limit`` entries from index ``start`` on, in order."""
        ...

    def leaf_hashes(self, start: int, limit: int) -> tuple[bytes, ...]:
        """At most ``limit`` hashes from leaf ``start`` on, in order."""
        ...

    def by_key(self, key: str) -> Recorded | None:
        """The entry of this key."""
        ...

    def save_checkpoint(self, head: SealedHead) -> None:
        """Keep a signed head; once more is no error."""
        ...

    def checkpoints(self) -> tuple[SealedHead, ...]:
        """All that are kept, the smallest first."""
        ...

    def latest_checkpoint(self) -> SealedHead | None:
        """The largest, and of these the last signed."""
        ...

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that leaf ``index`` is in the tree of ``size``; NotInLog."""
        ...

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Proof that the tree of ``second`` leaves adds to that of ``first``; NotInLog."""
        ...
