"""Going through a log block by block, and deciding by signed heads which of several claims is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from operator import eq

from ca_bridge.core.merkle.compact_range import EMPTY, CompactRange
from ca_bridge.core.merkle.tiles import TILE_LEVELS, TILE_WIDTH
from ca_bridge.services.audit.blocks import Block, root_of, swapped_between, swapped_within
from ca_bridge.services.audit.faults import Fault, FaultKind
from ca_bridge.services.audit.log_port import LogView
from ca_bridge.services.audit.references import Reference

_MAX_CHOICES = 4
"""So many contradictory blocks are decided one by one; more only all alike."""
_UNKNOWN = bytes(32)
_Way = tuple[dict[int, bytes], CompactRange]
"""Roots of contradictory blocks by number, as thought to be, and the edge over all blocks that follows."""


class Walk:
    """State of one walk; ``own`` are heads the log keeps, ``others`` those kept elsewhere, by size."""

    def __init__(self, own: Sequence[Reference], others: Sequence[Reference]) -> None:
        self.faults: set[Fault] = set()
        self.proven = 0
        """The largest size at which a signed head was reached."""
        self._references = sorted((*own, *others), key=lambda one: (one.size, bool(one.source)))
        self._at = 0
        self._chosen: list[bytes] = []  # roots of blocks, as believed
        self._edge = EMPTY  # over these
        self._pending: list[Block] = []  # contradictory, not decided
        self._ways: list[_Way] = [({}, EMPTY)]  # to decide these, each for itself, if they are few
        self._alike: _Way = ({}, EMPTY)  # and all by their last claims
        self._lost = False  # nothing after this can lead to a signed root
        self._vague: list[tuple[Block, int, int]] = []  # altered somewhere between two indices
        self._altered: dict[int, tuple[bytes, bytes]] = {}  # index: hashes of the row, and as stored
        self._missing: list[tuple[int, int]] = []
        self._refused: list[tuple[Reference, int]] = []  # kept elsewhere, not reached; what was proven then
        self._bounds: dict[int, tuple[int, int]] = {}  # of what is wrong in contradictory blocks, by start
        self._before = EMPTY  # what _edge was before the block at hand
        self._last: Block | None = None
        self._size = 0

    @property
    def root(self) -> bytes | None:
        """Root of the log as believed; None when that cannot be known."""
        return None if self._lost else self._edge.root

    def take(self, block: Block) -> None:
        """The next block."""
        self._note_missing(block)
        self._before, self._last = self._edge, block
        self._size = end = block.start + len(block.rows)
        if not block.clean:
            self._bounds[block.start] = (block.start, end - 1)
        decided: bytes | None = None
        while self._at < len(self._references) and self._references[self._at].size <= end:
            reference = self._references[self._at]
            self._at += 1
            decided = self._hold(reference, block) or decided
        if not block.clean and decided is None:
            self._pending.append(block)
        self._believe(block.candidates(), decided)

    def finish(self, head: CompactRange | None, view: LogView) -> None:
        """All blocks are there: ``head``, if it is of this size, decides what no signature has decided."""
        if head is not None and not self._lost and self._last is not None:
            self._hold_head(head, self._last)
        for block in self._pending:
            self._decide(block, self._chosen[block.start // TILE_WIDTH])
        self._name_altered()
        self._name_vague()
        self._name_refused()
        self.faults |= {Fault(FaultKind.ENTRY_MISSING, *run) for run in _runs(self._missing)}
        if not self._lost:
            self._check_upper(view)

    def _believe(self, claims: Sequence[bytes], decided: bytes | None) -> None:
        """The block at hand is as decided, or as the likeliest of its claims; the others are kept in mind."""
        number, claims = len(self._chosen), claims if decided is None else (decided,)
        self._lost = self._lost or not claims
        claims = claims or (_UNKNOWN,)
        self._chosen.append(claims[0])
        self._edge = self._edge.append(claims[0])
        if not self._pending:
            self._ways, self._alike = [({}, self._edge)], ({}, self._edge)
            return
        picks, edge = self._alike
        if len(claims) > 1:
            picks[number] = claims[-1]
        self._alike = picks, edge.append(claims[-1])
        if len(self._pending) <= _MAX_CHOICES:
            self._ways = [
                ({**way, number: one} if len(claims) > 1 else way, before.append(one))
                for way, before in self._ways
                for one in claims
            ]

    def _hold(self, reference: Reference, block: Block) -> bytes | None:
        """Hold the log against a head that ends in ``block``: the block's root, if that is now known."""
        count = reference.size - block.start
        if count <= 0:  # of the tree without leaves, which every log agrees with
            return None
        whole = count == len(block.rows)
        reached = None if self._lost else self._reached(reference.root, _tails(block, count))
        if reached is None:
            self._refuse(reference, block, count)
            return None
        way, tail = reached
        self._settle(way)
        self._before = self._edge
        self.proven = max(self.proven, reference.size)
        if whole and not block.clean:
            self._decide(block, tail)
        elif not whole:
            if block.start in self._bounds:
                self._bounds[block.start] = (reference.size, self._bounds[block.start][1])
            self._decide_rows(block, count, right=tail == root_of(block.rows[:count]))
        return tail if whole else None

    def _reached(self, root: bytes, tails: Sequence[bytes]) -> tuple[_Way, bytes] | None:
        """Which of the claims lead to ``root``: those of earlier blocks, and of the last part."""
        for way in self._choices():
            for tail in tails:
                if way[1].append(tail).root == root:
                    return way, tail
        return None

    def _choices(self) -> Iterator[_Way]:
        """Ways to decide the contradictory blocks, the likeliest first."""
        yield {}, self._edge
        if len(self._pending) > _MAX_CHOICES:
            yield self._alike
        elif self._pending:
            yield from self._ways

    def _settle(self, way: _Way) -> None:
        """The contradictory blocks are as picked."""
        picks, self._edge = way
        self._ways, self._alike = [({}, self._edge)], ({}, self._edge)
        for number, one in picks.items():
            self._chosen[number] = one
        for block in self._pending:
            self._decide(block, self._chosen[block.start // TILE_WIDTH])
        self._pending = []

    def _refuse(self, reference: Reference, block: Block, count: int) -> None:
        """A signed head that the log does not lead to."""
        if reference.source:
            self._refused.append((reference, self.proven))
        elif self._lost:
            return
        elif count < len(block.rows) and not block.clean:
            low, high = self._bounds[block.start]
            self._bounds[block.start] = (low, min(reference.size - 1, high))
        else:
            self._unexplained(block, count, reference)

    def _unexplained(self, block: Block, count: int, reference: Reference) -> None:
        """Everything agrees, and not with what was signed: two rows have changed places, or who knows."""
        self._lost = True
        if not self._swap(block, count, reference.root):
            self.faults.add(Fault(FaultKind.ENTRY_ALTERED, self.proven, reference.size - 1))

    def _swap(self, block: Block, count: int, root: bytes) -> bool:
        """Whether two of the first ``count`` rows, changed back, lead to ``root``; then they are named."""
        edge, rows = self._before, [row for row in block.rows[:count] if row is not None]
        if len(rows) < count or self._pending:
            return False
        found = swapped_within(rows, lambda tail: edge.append(tail).root == root)
        if found is not None:
            places = (block.start + found[0], block.start + found[1])
            self.faults.add(Fault(FaultKind.ENTRIES_SWAPPED, *places))
        return found is not None

    def _hold_head(self, head: CompactRange, last: Block) -> None:
        """What no signature decides, the head that is kept may; or it is wrong itself."""
        for way in self._choices():
            if way[1].root == head.root:
                self._settle(way)
                return
        if self.proven == self._size:
            self.faults.add(Fault(FaultKind.HEAD_ALTERED, self._size, self._size))
        elif not self._pending and not self._swap(last, len(last.rows), head.root):
            self.faults.add(Fault(FaultKind.ENTRY_ALTERED, self.proven, self._size - 1))

    def _decide(self, block: Block, root: bytes) -> None:
        """Name what is wrong with a block whose root is known."""
        if root == block.root:
            self._decide_rows(block, len(block.rows), right=True)
            if block.full and block.subtree != root:
                self.faults.add(Fault(FaultKind.SUBTREE_ALTERED, TILE_LEVELS, block.start // TILE_WIDTH))
            return
        if block.full and block.subtree is None:
            self.faults.add(Fault(FaultKind.SUBTREE_ALTERED, TILE_LEVELS, block.start // TILE_WIDTH))
        self._decide_rows(block, len(block.rows), right=False)
        if block.rows == block.hashes and None not in block.rows:
            self._vague.append((block, *self._bounds[block.start]))

    def _decide_rows(self, block: Block, count: int, *, right: bool) -> None:
        """Of rows and stored hashes that contradict each other, the rows are right, or the hashes."""
        for at in block.differing:
            row, kept = block.rows[at], block.hashes[at]
            if at >= count or row is None or kept is None:
                continue
            if right:
                self.faults.add(Fault(FaultKind.LEAF_HASH_ALTERED, block.start + at, block.start + at))
            else:
                self._altered[block.start + at] = (row, kept)

    def _note_missing(self, block: Block) -> None:
        self._missing += [
            (block.start + at, block.start + at) for at, row in enumerate(block.rows) if row is None
        ]

    def _name_altered(self) -> None:
        """Rows whose stored hashes are right: each altered, or two that have changed places."""
        by_hash = {kept: index for index, (_, kept) in self._altered.items()}
        for index, (row, kept) in self._altered.items():
            other = by_hash.get(row)
            if other is not None and self._altered[other][0] == kept:
                self.faults.add(Fault(FaultKind.ENTRIES_SWAPPED, min(index, other), max(index, other)))
            else:
                self.faults.add(Fault(FaultKind.ENTRY_ALTERED, index, index))

    def _name_vague(self) -> None:
        """Blocks whose rows and stored hashes were altered alike: a swap can be found, else a range named."""
        left = []
        for block, low, high in self._vague:
            few = len(self._vague) <= _MAX_CHOICES
            found = swapped_within(block.known, partial(eq, block.subtree)) if few else None
            if found is None:
                left.append((block, low, high))
            else:
                places = (block.start + found[0], block.start + found[1])
                self.faults.add(Fault(FaultKind.ENTRIES_SWAPPED, *places))
        if len(left) <= _MAX_CHOICES:
            for one, other in combinations(left, 2):
                places_between = swapped_between(one[0], other[0])
                if places_between is not None:
                    self.faults.add(Fault(FaultKind.ENTRIES_SWAPPED, *places_between))
                    left = [kept for kept in left if kept not in (one, other)]
        ranges = [(low, high) for _, low, high in left]
        self.faults |= {Fault(FaultKind.ENTRY_ALTERED, *run) for run in _runs(ranges)}

    def _name_refused(self) -> None:
        """Heads kept elsewhere that the log does not lead to: it forked, unless its rows were altered."""
        rows = {FaultKind.ENTRY_ALTERED, FaultKind.ENTRIES_SWAPPED, FaultKind.ENTRY_MISSING}
        bad = min((fault.first for fault in self.faults if fault.kind in rows), default=self._size)
        bad = min([bad, *(first for first, _ in self._missing)])
        for reference, proven in self._refused:
            if bad < reference.size:
                continue
            forked = self.proven >= reference.size
            kind = FaultKind.LOG_FORKED if forked else FaultKind.ENTRY_ALTERED
            last = reference.size if forked else reference.size - 1
            self.faults.add(Fault(kind, min(proven, last), last, source=reference.source))

    def _check_upper(self, view: LogView) -> None:
        """Stored subtrees above the blocks, against the blocks as believed."""
        nodes = self._chosen[: self._size // TILE_WIDTH]
        level = 2 * TILE_LEVELS
        while len(nodes) >= TILE_WIDTH:
            parts = [nodes[at : at + TILE_WIDTH] for at in range(0, len(nodes), TILE_WIDTH)]
            nodes = [root_of(part) or _UNKNOWN for part in parts if len(part) == TILE_WIDTH]
            kept = dict(view.subtrees(level, 0, len(nodes)))
            self.faults |= {
                Fault(FaultKind.SUBTREE_ALTERED, level, index)
                for index, node in enumerate(nodes)
                if kept.get(index) != node
            }
            level += TILE_LEVELS


def _tails(block: Block, count: int) -> tuple[bytes, ...]:
    """Roots that the first ``count`` leaves may have had: by rows and by stored hashes."""
    if count == len(block.rows):
        return block.candidates()
    roots = (root_of(block.rows[:count]), root_of(block.hashes[:count]))
    return tuple(dict.fromkeys(one for one in roots if one is not None))


def _runs(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of indices that follow one another as one."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], last))
        else:
            runs.append((first, last))
    return runs
