"""Signing heads of the log for those who wait for one, while the next entries are being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import OutsideTree
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_inclusion
from ca_bridge.services.audit.entries import KeyUseStatus, NewEntry
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.extending import NEAR, hold_against_kept, hold_against_signed
from ca_bridge.services.audit.log_port import LogStore, Recorded
from ca_bridge.services.audit.sealed import Seal, SealedHead
from ca_bridge.services.audit.tickets import Line, Ticket, Written
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable

KeyUse = Callable[[KeyUseStatus, str], NewEntry]
"""The entry that says so of the keys that sign heads; the text is a cause, "" when there is none."""
MAX_PENDING = 1 << 16


class Sealer:
    """One thread's work: one signature over everything written by then, whoever waits for it.

    No head is signed that does not extend the last one signed here, or at first the last one stored.
    A head is stored for auditors at most every ``save_every_s``, the last one always.
    """

    def __init__(
        self,
        store: LogStore,
        seal: Seal,
        failed: Callable[[str], None],
        *,
        timeout_s: float,
        save_every_s: float,
    ) -> None:
        """``failed`` is told why a head could not be signed."""
        self._store = store
        self._seal = seal
        self._failed = failed
        self._timeout_s = timeout_s
        self._save_every_s = save_every_s
        self._line: Line[Written] = Line()
        self._since_s: float | None = None
        self._told_stuck = False
        self._edge: CompactRange | None = None  # of the last head that was signed here
        self._unsaved: SealedHead | None = None
        self._saved_s = monotonic() - save_every_s

    def push(self, written: Written) -> None:
        """Those of ``written`` wait for a head; at once in vain while a key does not answer."""
        if self.tell_if_stuck():
            _settle(written.tickets, SignerUnavailable("the signing key does not answer"))
        else:
            self._line.put(written)

    def close(self) -> None:
        """Finish what there is to do."""
        self._line.close()

    def tell_if_stuck(self) -> bool:
        """Whether a signature has been under way for longer than anybody waits; told once each time."""
        since_s = self._since_s
        if since_s is None or monotonic() - since_s < self._timeout_s:
            return False
        if not self._told_stuck:
            self._told_stuck = True
            self._failed(f"no answer within {self._timeout_s:g} s")
        return True

    def run(self) -> None:
        """Serve until closed."""
        while True:
            if self._line.wait(self._save_due_s()):
                self._serve(self._line.take(MAX_PENDING, lambda _: 1))
            elif self._line.closed:
                self._save(needed=True)
                return
            self._save(needed=False)

    def _serve(self, taken: Sequence[Written]) -> None:
        tickets = tuple(one for written in taken for one in written.tickets if one.waiting)
        if not tickets:
            return
        error: GatewayError = StoreUnavailable("a head of the audit log could not be made")
        try:
            growth = self._grown(taken)
            head = self._signed(growth.after)
            self._unsaved, self._edge = head, growth.after
            self._prove(tickets, growth, head)
            _settle([one for one in tickets if not one.kept], None)
            kept = [one for one in tickets if one.kept]
            if kept and self._save(needed=True):
                _settle(kept, None)
        except GatewayError as raised:
            error = raised
        finally:
            _settle(tickets, error)

    def _grown(self, taken: Sequence[Written]) -> Growth:
        """What the tree has grown by; StoreDamaged, and told, when it does not extend what was signed."""
        first, edge = taken[0].appended.before, self._edge
        try:
            if edge is not None and 0 <= first.size - edge.size <= NEAR:
                return self._growth(edge, taken)
            growth = self._growth(first, taken)
            if edge is None:
                hold_against_kept(self._store, growth.after)
            else:
                hold_against_signed(self._store, edge, growth.after)
        except (StoreDamaged, StoreUnavailable) as error:
            self._failed(str(error))
            raise
        return growth

    def _growth(self, before: CompactRange, taken: Sequence[Written]) -> Growth:
        """All that was written after ``before``, with what other processes wrote in between."""
        hashes = list[bytes]()
        for written in taken:
            gap = written.appended.before.size - before.size - len(hashes)
            if gap:
                hashes += self._store.leaf_hashes(before.size + len(hashes), gap)
            hashes += written.appended.leaf_hashes
        try:
            growth = Growth(before, hashes)
        except OutsideTree as error:
            raise StoreDamaged("a hash of the audit log is none") from error
        if growth.after != taken[-1].appended.after:
            raise StoreDamaged("the audit log is not what was appended to it")
        return growth

    def _signed(self, newest: CompactRange) -> SealedHead:
        self._told_stuck, self._since_s = False, monotonic()
        try:
            head = self._seal(newest.size, newest.root)
        except SignerUnavailable as error:
            if not self._told_stuck:
                self._failed(str(error))
            raise
        finally:
            self._since_s = None
        if (head.size, head.root) != (newest.size, newest.root):
            raise SignerUnavailable("another head was signed than the one asked for")
        return head

    def _prove(self, tickets: Sequence[Ticket], growth: Growth, head: SealedHead) -> None:
        """What is wrong with an entry is told to those alone who asked about it."""
        for ticket in tickets:
            try:
                ticket.proofs = tuple(self._proof(one, growth, head) for one in ticket.recorded)
                ticket.head = head
            except (StoreDamaged, StoreUnavailable) as error:
                ticket.settle(error)

    def _proof(self, one: Recorded, growth: Growth, head: SealedHead) -> tuple[bytes, ...]:
        """Of an entry that was there before, the proof is the store's: StoreDamaged when it is none."""
        if one.new:
            return growth.inclusion_proof(one.index)
        try:
            proof = self._store.inclusion_proof(one.index, head.size)
        except NotInLog as error:
            raise StoreDamaged("an entry of the audit log is not at its place") from error
        if not verify_inclusion(leaf_hash(one.data), one.index, head.size, proof, head.root):
            raise StoreDamaged("an entry of the audit log is not what was signed")
        return proof

    def _save_due_s(self) -> float | None:
        """Seconds until the last head is to be stored; None when it is."""
        if self._unsaved is None:
            return None
        return max(0.0, self._saved_s + self._save_every_s - monotonic())

    def _save(self, *, needed: bool) -> bool:
        """Store the last head if it is time, or ``needed``; whether it is stored; else it is tried again."""
        if self._unsaved is not None and (needed or self._save_due_s() == 0):
            self._saved_s = monotonic()
            try:
                self._store.save_checkpoint(self._unsaved)
            except (StoreUnavailable, StoreDamaged):
                return False
            self._unsaved = None
        return self._unsaved is None


def _settle(tickets: Sequence[Ticket], error: GatewayError | None) -> None:
    for one in tickets:
        one.settle(error)
