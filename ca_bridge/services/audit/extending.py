"""Whether a tree that is about to be signed extends what was signed before."""

from __future__ import annotations

from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.verifying import verify_consistency
from ca_bridge.services.audit.edges import edge_at
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

NEAR = 1024
"""So many leaves are read one by one; for more, a consistency proof out of stored subtrees costs less."""


def hold_against_signed(log: LogStore, signed: CompactRange, newest: CompactRange) -> None:
    """StoreDamaged unless ``newest``, which is in ``log``, adds to ``signed``."""
    if newest.size < signed.size:
        raise StoreDamaged("the audit log is smaller than it was when it was signed")
    _hold(log, (signed.size, signed.root), (newest.size, newest.root))


def hold_against_kept(log: LogStore, newest: CompactRange) -> None:
    """StoreDamaged unless ``newest`` agrees with the last checkpoint, or, without any, with the hashes kept.

    That checkpoint may be the larger of the two: of another process that signs.
    """
    kept = log.latest_checkpoint()
    if kept is None or kept.size == 0:
        _hold_stored(log, newest)
        return
    one, other = sorted(((kept.size, kept.root), (newest.size, newest.root)))
    _hold(log, one, other)


def _hold_stored(log: LogStore, newest: CompactRange) -> None:
    """Nothing was signed yet: the head is at least that of the stored hashes."""
    try:
        with log.view() as view:
            stored = edge_at(view, newest.size)
    except NotInLog as error:
        raise StoreDamaged("a hash of the audit log is missing") from error
    if stored != newest:
        raise StoreDamaged("the head of the audit log is not that of its entries")


def _hold(log: LogStore, first: tuple[int, bytes], second: tuple[int, bytes]) -> None:
    try:
        proof = log.consistency_proof(first[0], second[0])
    except NotInLog as error:
        raise StoreDamaged("the audit log is smaller than it was when it was signed") from error
    if not verify_consistency(first[0], second[0], proof, first[1], second[1]):
        raise StoreDamaged("the audit log does not extend what was signed of it")
