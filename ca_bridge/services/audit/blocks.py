"""A log in blocks of 256 entries: what each row says, what its stored hash says, what the subtree says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ca_bridge.core.merkle.hashing import leaf_hash, node_hash
from ca_bridge.core.merkle.tiles import TILE_LEVELS, TILE_WIDTH
from ca_bridge.services.audit.intents import OpenIntents
from ca_bridge.services.audit.log_port import LogRow, LogView
from ca_bridge.services.audit.retries import kept_key

_PAGE = 16 * TILE_WIDTH
_LOWEST = -1 << 63
_MAX_NAMED = 1000
MAX_GAP = 1 << 20
"""A row so far behind the one before is not taken to be a row of the log."""


class LeafTree:
    """The tree over some leaves, of which a few can be thought to be others."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """``leaves`` are hashes, at least one."""
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)]
            self._levels.append(above if len(below) % 2 == 0 else [*above, below[-1]])

    @property
    def root(self) -> bytes:
        """MTH of the leaves."""
        return self._levels[-1][0]

    def root_with(self, changed: dict[int, bytes]) -> bytes:
        """MTH of the leaves with these others in their places."""
        for level in self._levels[:-1]:
            above = {}
            for index in changed:
                left, right = index & ~1, index | 1
                node = changed.get(left, level[left])
                if right < len(level):
                    node = node_hash(node, changed.get(right, level[right]))
                above[index >> 1] = node
            changed = above
        return changed[0]


@dataclass(frozen=True, slots=True)
class Block:
    """Entries ``start`` to ``start + len(rows)``: hashes of their data, and as stored; None = no such row.

    ``subtree`` is the stored hash of a full block, None when there is none.
    """

    start: int
    rows: tuple[bytes | None, ...]
    hashes: tuple[bytes | None, ...]
    subtree: bytes | None
    full: bool
    root: bytes | None = field(default=None)
    """Root of the rows; None when one is missing."""

    @property
    def clean(self) -> bool:
        """Whether all that is said of the block is the same."""
        return (
            self.root is not None
            and self.rows == self.hashes
            and self.root == (self.subtree if self.full else self.root)
        )

    @property
    def differing(self) -> list[int]:
        """Places where a row's data and its stored hash are not of each other."""
        return [at for at, (row, kept) in enumerate(zip(self.rows, self.hashes, strict=True)) if row != kept]

    @property
    def known(self) -> list[bytes]:
        """Hashes of the rows that there are."""
        return [row for row in self.rows if row is not None]

    def candidates(self) -> tuple[bytes, ...]:
        """What the block's root may have been, the likeliest first."""
        kept = root_of(self.hashes)
        by_rows_first = self.root is not None and self.root == self.subtree
        order = (self.root, self.subtree, kept) if by_rows_first else (self.subtree, kept, self.root)
        return tuple(dict.fromkeys(one for one in order if one is not None))


class BlockReader:
    """The blocks of a log as it is kept, gaps and all; what was seen besides is known when all are read."""

    def __init__(self, view: LogView, size: int | None, signed: int) -> None:
        """``size``: entries that the log has by its head, None = as many as there are.

        ``signed``: how many it has by its largest checkpoint.
        """
        self._view = view
        self._size = size
        self.intents = OpenIntents(signed)
        self.end = 0
        """One more than the index of the last entry."""
        self.added: tuple[int, int] | None = None
        """First and last index of rows that are not the log's."""
        self.strays: set[int] = set()
        """Indices of rows that are out of their order: below 0, or there twice."""
        self.keys_altered: list[int] = []
        """Indices of entries that are kept under a key which is not theirs."""
        self.subtrees_end = 0
        """One more than the index of the last stored subtree of 256 entries."""
        self.stray_subtrees: set[int] = set()
        """Indices of those out of their order."""

    def __iter__(self) -> Iterator[Block]:
        """Block after block, from entry 0 on."""
        rows, subtrees, number = self._rows(), self._subtrees(), 0
        row, subtree = next(rows, None), next(subtrees, None)
        while row is not None:
            start, found = number * TILE_WIDTH, dict[int, LogRow]()
            while row is not None and row.index < start + TILE_WIDTH:
                found[row.index - start] = row
                row = next(rows, None)
            while subtree is not None and subtree[0] < number:
                subtree = next(subtrees, None)
            kept = subtree[1] if subtree is not None and subtree[0] == number else None
            block = _block(start, TILE_WIDTH if row is not None else max(found) + 1, found, kept)
            self._check_keys(block, found)
            yield block
            number += 1
        for _ in subtrees:
            pass

    def _rows(self) -> Iterator[LogRow]:
        start = _LOWEST
        while page := self._view.rows(start, _PAGE):
            for row in page:
                if self._is_next(row.index):
                    self.end = row.index + 1
                    self.intents.take(row.index, row.data or b"")
                    yield row
            highest = max(row.index for row in page)
            if highest < start:  # of rows whose indices are no numbers
                return
            start = highest + 1

    def _is_next(self, index: int) -> bool:
        if index < self.end:
            _name(self.strays, index)
            return False
        if index >= (self.end + MAX_GAP if self._size is None else self._size):
            self.added = (self.added[0] if self.added else index, index)
            return False
        return True

    def _check_keys(self, block: Block, found: Mapping[int, LogRow]) -> None:
        """Keys are held against the data they are made of, where these are what was hashed."""
        for at, row in found.items():
            whole = row.key is not None and row.data is not None and block.rows[at] == block.hashes[at]
            if whole and len(self.keys_altered) < _MAX_NAMED and kept_key(row.data or b"") != row.key:
                self.keys_altered.append(row.index)

    def _subtrees(self) -> Iterator[tuple[int, bytes]]:
        start = 0
        while page := self._view.subtrees(TILE_LEVELS, start, _PAGE):
            for index, one in page:
                if index < self.subtrees_end:
                    _name(self.stray_subtrees, index)
                else:
                    self.subtrees_end = index + 1
                    yield index, one
            highest = max(index for index, _ in page)
            if highest < start:
                return
            start = highest + 1


def _name(among: set[int], index: int) -> None:
    if len(among) < _MAX_NAMED:
        among.add(index)


def swapped_within(leaves: Sequence[bytes], holds: Callable[[bytes], bool]) -> tuple[int, int] | None:
    """Two places whose leaves, changed back, give a root that ``holds``."""
    tree = LeafTree(leaves)
    for one, other in combinations(range(len(leaves)), 2):
        if holds(tree.root_with({one: leaves[other], other: leaves[one]})):
            return one, other
    return None


def swapped_between(left: Block, right: Block) -> tuple[int, int] | None:
    """Two places, one in each of two full blocks, whose rows, changed back, give both stored subtrees."""
    mine, theirs = left.known, right.known
    tree, other = LeafTree(mine), LeafTree(theirs)
    for at, row in enumerate(mine):
        for there, leaf in enumerate(theirs):
            if tree.root_with({at: leaf}) != left.subtree:
                continue
            if other.root_with({there: row}) == right.subtree:
                return left.start + at, right.start + there
    return None


def _block(start: int, count: int, found: dict[int, LogRow], subtree: bytes | None) -> Block:
    rows: list[bytes | None] = [None] * count
    hashes: list[bytes | None] = [None] * count
    for at, row in found.items():
        rows[at] = None if row.data is None else leaf_hash(row.data)
        hashes[at] = row.leaf_hash
    full = count == TILE_WIDTH
    return Block(
        start=start,
        rows=tuple(rows),
        hashes=tuple(hashes),
        subtree=subtree if full else None,
        full=full,
        root=root_of(rows),
    )


def root_of(leaves: Sequence[bytes | None]) -> bytes | None:
    """MTH of the leaves, if none is missing."""
    known = [leaf for leaf in leaves if leaf is not None]
    return LeafTree(known).root if len(known) == len(leaves) else None
