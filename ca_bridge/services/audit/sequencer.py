"""The door through which a process's entries enter the log: many callers, one writer, few signatures."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock, Thread
from time import monotonic, sleep

from ca_bridge.services.audit.entries import KeyUseStatus, NewEntry
from ca_bridge.services.audit.log_port import LogStore, Recorded
from ca_bridge.services.audit.sealed import Seal, SealedHead
from ca_bridge.services.audit.sealing import KeyUse, Sealer
from ca_bridge.services.audit.tickets import Line, Ticket, Written
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable

_STORE_TIMEOUT_S = 60.0
_CLOSE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """An entry in the log, and the proof that it is in the tree whose ``head`` was signed after it.

    ``new`` is False when the entry's key was in the log before: ``data`` is then that of the first time.
    """

    index: int
    data: bytes
    new: bool
    tree_size: int
    proof: tuple[bytes, ...]
    head: SealedHead


class Sequencer:
    """Writes entries in groups: what has come while the last group was written is the next one.

    Its threads start with the first call in each process, so that it may be made before a fork if ``store``
    may. May be used from many threads.
    """

    def __init__(
        self,
        store: LogStore,
        seal: Seal | None,
        *,
        key_use: KeyUse | None = None,
        max_batch: int = 1024,
        max_wait_ms: float = 2.0,
        seal_timeout_s: float = 3.0,
        save_every_s: float = 1.0,
    ) -> None:
        """``seal`` None: no heads are signed here.

        ``key_use`` makes the entries that tell of signatures: one before each, and one after each that
        failed. ``max_wait_ms``: how long a group waits for more, and only when more than one came in the
        group before. ``seal_timeout_s``: how long anybody waits for a signature.
        """
        self._store = store
        self._seal = seal
        self._key_use = key_use
        self._max_batch = max_batch
        self._max_wait_s = max_wait_ms / 1000
        self._seal_timeout_s = seal_timeout_s
        self._save_every_s = save_every_s
        self._lock = Lock()
        self._working: _Working | None = None
        begin = weakref.WeakMethod(self._begin)

        def in_child() -> None:
            again = begin()
            if again is not None:
                again()

        os.register_at_fork(after_in_child=in_child)

    @property
    def seals(self) -> bool:
        """Whether heads are signed here, so that include() can be asked for."""
        return self._seal is not None

    def record(self, entry: NewEntry) -> Recorded:
        """The entry as the log has it, durably; StoreUnavailable, StoreDamaged: it is not acknowledged."""
        return self.record_all((entry,))[0]

    def record_all(self, entries: Sequence[NewEntry]) -> tuple[Recorded, ...]:
        """The same for several, all or none, one after another in the log."""
        return self._served(Ticket(entries)).recorded if entries else ()

    def include(self, entry: NewEntry) -> Included:
        """The entry as the log has it, durably, under a head signed after it.

        As record(); and SignerUnavailable when no head was signed: the entry stays in the log.
        """
        return self.include_all((entry,))[0]

    def include_all(self, entries: Sequence[NewEntry]) -> tuple[Included, ...]:
        """The same for several, all or none, under one head."""
        if not entries:
            return ()
        ticket = self._served(self._sealed_ticket(entries))
        return tuple(
            Included(
                index=one.index,
                data=one.data,
                new=one.new,
                tree_size=ticket.head.size,
                proof=proof,
                head=ticket.head,
            )
            for one, proof in zip(ticket.recorded, ticket.proofs, strict=True)
        )

    def checkpoint_now(self) -> SealedHead:
        """A head of the log as it is, signed and stored; raises as include()."""
        return self._served(self._sealed_ticket((), kept=True)).head

    def close(self) -> None:
        """Write and sign what is waiting, and end the threads; the next call would start others."""
        with self._lock:
            working, self._working = self._working, None
        if working is None:
            return
        working.line.close()
        working.writer.join(_CLOSE_S)
        if working.sealer is not None and working.signer is not None:
            working.sealer.close()
            working.signer.join(_CLOSE_S)
        self._write(working.line.take(self._max_batch, _weigh), working.sealer)

    def _begin(self) -> None:
        """No thread runs and nobody waits: so it is in the child of a fork, too."""
        self._lock = Lock()
        self._working = None

    def _sealed_ticket(self, entries: Sequence[NewEntry], *, kept: bool = False) -> Ticket:
        if self._seal is None:
            raise SignerUnavailable("no key signs heads of the audit log here")
        return Ticket(entries, sealed=True, kept=kept)

    def _served(self, ticket: Ticket) -> Ticket:
        """The ticket, when everything it asked for has been done; else the error, in bounded time."""
        with self._lock:
            working = self._working = self._working or self._start()
            working.line.put(ticket)
        end_s = monotonic() + _STORE_TIMEOUT_S
        while (left_s := _deadline_s(ticket, end_s, self._seal_timeout_s) - monotonic()) > 0:
            if ticket.wait(min(left_s, self._seal_timeout_s)):
                return ticket
        ticket.given_up = True
        if ticket.wait(0):
            return ticket
        if ticket.written_s is None:
            raise StoreUnavailable("the audit log did not answer in time")
        stuck = working.sealer is not None and working.sealer.tell_if_stuck()
        why = "the signing key does not answer" if stuck else "too many wait for the signing key"
        raise SignerUnavailable(f"no head of the audit log was signed in time: {why}")

    def _start(self) -> _Working:
        line: Line[Ticket] = Line()
        sealer = signer = None
        if self._seal is not None:
            sealer = Sealer(
                self._store,
                self._seal,
                lambda cause: self._tell(line, cause),
                timeout_s=self._seal_timeout_s,
                save_every_s=self._save_every_s,
            )
            signer = _thread("audit-sealer", sealer.run)
        writer = _thread("audit-writer", lambda: self._write_all(line, sealer))
        return _Working(line=line, sealer=sealer, writer=writer, signer=signer)

    def _write_all(self, line: Line[Ticket], sealer: Sealer | None) -> None:
        crowded = False
        while line.wait():
            if crowded:
                sleep(self._max_wait_s)
            tickets = line.take(self._max_batch, _weigh)
            crowded = len(tickets) > 1
            self._write(tickets, sealer)

    def _write(self, tickets: Sequence[Ticket], sealer: Sealer | None) -> None:
        """Append what they brought, whole or not at all, and tell them."""
        tickets = [one for one in tickets if one.waiting]
        entries = [entry for one in tickets for entry in one.entries]
        error: GatewayError = StoreUnavailable("the audit log could not be written")
        try:
            sealed = tuple(one for one in tickets if one.sealed)
            if sealed and self._key_use is not None:
                entries.append(self._key_use(KeyUseStatus.INTENDED, ""))
            appended = self._store.append(entries)
            recorded = iter(appended.recorded)
            for one in tickets:
                one.recorded = tuple(islice(recorded, len(one.entries)))
                one.written_s = monotonic()
                if not one.sealed:
                    one.settle()
            if sealed and sealer is not None:
                sealer.push(Written(appended, sealed))
        except GatewayError as raised:
            error = raised
        finally:
            for one in tickets:
                if one.written_s is None:
                    one.settle(error)

    def _tell(self, line: Line[Ticket], cause: str) -> None:
        """Let the next group say that a head could not be signed."""
        if self._key_use is not None:
            line.put(Ticket((self._key_use(KeyUseStatus.FAILED, cause),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """What runs in one process."""

    line: Line[Ticket]
    sealer: Sealer | None
    writer: Thread
    signer: Thread | None


def _thread(name: str, work: Callable[[], None]) -> Thread:
    """A thread that does ``work``; should a defect end it, another goes on in its place."""

    def run() -> None:
        ended = False
        try:
            work()
            ended = True
        finally:
            if not ended:
                _thread(name, work)

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _deadline_s(ticket: Ticket, end_s: float, seal_timeout_s: float) -> float:
    """Until when the caller waits: for the store, and from then on for the signature."""
    return end_s if ticket.written_s is None else ticket.written_s + seal_timeout_s


def _weigh(ticket: Ticket) -> int:
    return len(ticket.entries)
