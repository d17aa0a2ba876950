"""Writes decisions to the log, durably, before they are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.log_port import Recorded
from ca_bridge.services.audit.retries import kept_decision, key_of
from ca_bridge.services.audit.sequencer import Included, Sequencer
from ca_bridge.services.decision_log.errors import ReceiptsNotOffered
from ca_bridge.services.decision_log.heartbeat import Heartbeat
from ca_bridge.services.decision_log.statement import Call, Digest, decision_entry, decision_members
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from ca_bridge.services.ports import Clock
from ca_bridge.services.receipts.making import receipt_bytes
from ca_bridge.services.validate_certificate import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision to be written down; ``question`` None = it could not be judged as sent."""

    call: Call
    question: Question | None
    document: dict[str, Any]
    receipt: bool = False


class DecisionLog:
    """The log of one process. May be used from many threads."""

    def __init__(
        self,
        *,
        sequencer: Sequencer,
        offered: Callable[[], bool],
        clock: Clock,
        node: str,
        origin: str,
        digest: Digest | None,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        """``digest`` of personal texts, keyed; without it none is kept. ``heartbeat`` hears of writes."""
        self._sequencer = sequencer
        self._offered = offered
        self._clock = clock
        self._node = node
        self._origin = origin
        self._digest = digest
        self._heartbeat = heartbeat

    def check_offered(self) -> None:
        """ReceiptsNotOffered when no key could sign one."""
        if not self._offered():
            raise ReceiptsNotOffered

    def write(self, decisions: Sequence[Decided]) -> tuple[bytes | None, ...]:
        """The receipts (RFC 8785 JSON) of those decisions that want one, None for the others.

        When it returns, all are in the log, durably. SignerUnavailable, StoreUnavailable, StoreDamaged: none
        may be answered; ReceiptsNotOffered: nothing was written. A named call that is repeated within minutes
        is not written twice: it gets the receipt of the first time, and ``document`` then says the time
        judged at then.
        """
        wanted = any(decided.receipt for decided in decisions)
        if wanted:
            self.check_offered()
        entries = tuple(self._entry(decided) for decided in decisions)
        if not wanted:
            _tell_first_times(decisions, entries, self._sequencer.record_all(entries))
            if self._heartbeat is not None:
                self._heartbeat()
            return (None,) * len(entries)
        included = self._sequencer.include_all(entries)
        _tell_first_times(decisions, entries, included)
        return tuple(
            receipt_bytes(one, self._origin) if decided.receipt else None
            for decided, one in zip(decisions, included, strict=True)
        )

    def close(self) -> None:
        """Write, sign and store what is under way: the last thing that a process does."""
        if self._heartbeat is not None:
            self._heartbeat.close()
        self._sequencer.close()

    def _entry(self, decided: Decided) -> NewEntry:
        members = decision_members(decided.call, decided.question, decided.document, self._digest)
        return decision_entry(members, self._clock.now(), self._node)


def _tell_first_times(
    decisions: Sequence[Decided], entries: Sequence[NewEntry], found: Sequence[Recorded | Included]
) -> None:
    """StoreDamaged when the entry found under a call's key is not of this call."""
    for decided, entry, one in zip(decisions, entries, found, strict=True):
        if one.new:
            continue
        first = kept_decision(one.data)
        if first is None or key_of(first) not in entry.keys:
            raise StoreDamaged("a key in the audit log is not its entry's")
        if "validation_time" in decided.document:
            decided.document["validation_time"] = first["validation_time"]
