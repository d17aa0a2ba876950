"""The whole log checked anew: every entry, everything derived from entries, every head that was signed.

What a signature covers decides. Where data, stored hashes and stored subtrees contradict each other, the one
that leads to the root of a signed checkpoint is right, and the others are what was altered; the head that
the log keeps decides only about what no signature covers yet. Checkpoints that are all reached from one
sequence of entries are consistent with each other (RFC 9162 2.1.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.tiles import TILE_LEVELS
from ca_bridge.services.audit.blocks import BlockReader
from ca_bridge.services.audit.faults import UNDECIDED, Fault, FaultKind
from ca_bridge.services.audit.log_port import LogView
from ca_bridge.services.audit.references import NoteTrust, Reference, log_reference, note_reference, sort_out
from ca_bridge.services.audit.walk import Walk
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

MAX_FAULTS = 1000
"""So many are kept; the first ones tell what happened."""
Progress = Callable[[int], None]
"""Told how many entries have been checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found of a log of ``size`` entries and ``root`` (None = it has none that can be computed).

    ``proven`` is the largest size that a trusted signature covers, ``checkpoints`` the number of signed
    heads it was held against. ``intents`` are signatures announced since the newest of these, and not said to
    have failed; ``first_intent`` is the entry of the first.
    """

    size: int
    root: bytes | None
    proven: int
    checkpoints: int
    faults: tuple[Fault, ...]
    intents: int = 0
    first_intent: int | None = None

    @property
    def uncovered(self) -> int:
        """How many entries, the last ones, no signature covers."""
        return self.size - self.proven

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong and a signature says so."""
        return not self.faults

    @property
    def undecided(self) -> bool:
        """Whether nothing was found wrong, but no known key vouches for it either."""
        return bool(self.faults) and all(fault.kind in UNDECIDED for fault in self.faults)


def verify_log(
    view: LogView,
    trust: NoteTrust,
    *,
    witnesses: Sequence[tuple[str, bytes]] = (),
    progress: Progress = lambda _: None,
) -> Verification:
    """The check of everything ``view`` has; ``witnesses`` are (name, signed note) kept elsewhere.

    StoreUnavailable when the log cannot be read now.
    """
    try:
        return _verified(view, trust, witnesses, progress)
    except StoreDamaged as error:
        fault = Fault(FaultKind.LOG_UNREADABLE, 0, 0, str(error))
        return Verification(size=0, root=None, proven=0, checkpoints=0, faults=(fault,))


def _verified(
    view: LogView, trust: NoteTrust, witnesses: Sequence[tuple[str, bytes]], progress: Progress
) -> Verification:
    head = view.head()
    own, faults = sort_out(log_reference(one, trust) for one in view.checkpoints())
    others, more = sort_out(note_reference(note, trust, source=name) for name, note in witnesses)
    signed = max((one.size for one in own), default=0)
    reader = BlockReader(view, head.size if head is not None and head.size >= signed else None, signed)
    walk = Walk(own, others)
    for block in reader:
        walk.take(block)
        progress(block.start + len(block.rows))
    walk.finish(head if head is not None and head.size == reader.end else None, view)
    found = {*faults, *more, *walk.faults, *_ends(reader, head, signed, others)}
    if head is None and view.keeps_head:
        found.add(Fault(FaultKind.HEAD_ALTERED, reader.end, reader.end))
    if reader.end and not walk.proven and not (own or others):
        found.add(Fault(FaultKind.NOT_SIGNED, reader.end, reader.end))
    return Verification(
        size=reader.end,
        root=walk.root,
        proven=walk.proven,
        checkpoints=len(own) + len(others),
        faults=tuple(sorted(found, key=_order)[:MAX_FAULTS]),
        intents=reader.intents.count,
        first_intent=reader.intents.first,
    )


def _ends(
    reader: BlockReader, head: CompactRange | None, signed: int, others: Sequence[Reference]
) -> list[Fault]:
    """What is wrong with where the log ends, and with what is beside it."""
    found, end = [Fault(FaultKind.ENTRY_ADDED, at, at) for at in reader.strays], reader.end
    found += [Fault(FaultKind.SUBTREE_ALTERED, TILE_LEVELS, at) for at in reader.stray_subtrees]
    found += [Fault(FaultKind.KEY_ALTERED, at, at) for at in reader.keys_altered]
    if reader.added is not None:
        found.append(Fault(FaultKind.ENTRY_ADDED, *reader.added))
    if head is not None and head.size < min(signed, end):
        found.append(Fault(FaultKind.HEAD_ALTERED, end, end))
    had = max(head.size if head is not None else 0, signed, reader.subtrees_end << 8)
    newest = max(others, key=lambda one: one.size, default=None)
    if had > end:
        found.append(Fault(FaultKind.TAIL_CUT, end, max(had, newest.size if newest else 0)))
    elif newest is not None and newest.size > end:
        found.append(Fault(FaultKind.BACKUP_RESTORED, end, newest.size, source=newest.source))
    return found


def _order(fault: Fault) -> tuple[int, str, int]:
    return (fault.first, fault.kind, fault.last)
