"""Requests that are kept, and what a draft would have answered to them."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from ca_bridge.adapters.request_journal import JournalLimits, RequestJournalFolder
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.gateway import GatewayOver
from ca_bridge.services.impact.journal_port import RequestJournal
from ca_bridge.services.impact.recorder import RequestRecorder
from ca_bridge.services.impact.simulate import SimulateImpact
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.ports import Clock
from ca_bridge.services.simulation import Simulation
from ca_bridge.settings import Settings, SettingsError

_log = structlog.get_logger("ca_bridge.requests")


def request_journal(chosen: Settings) -> RequestJournalFolder | None:
    """Where requests are kept, rid of what has expired; None where none are. SettingsError."""
    folder = chosen.request_journal
    if folder is None:
        return None
    journal = RequestJournalFolder(folder, JournalLimits(keep_days=chosen.request_journal_days))
    try:
        journal.expire(SystemClock().now().date())
    except OSError as error:
        why = error.strerror
        raise SettingsError(
            f"CA_BRIDGE_REQUEST_JOURNAL: {why} / CA_BRIDGE_REQUEST_JOURNAL 无法使用：{why}"
        ) from error
    return journal


def request_recorder(journal: RequestJournal | None, clock: Clock) -> RequestRecorder | None:
    """What keeps answered requests in ``journal``."""
    return None if journal is None else RequestRecorder(journal, clock, _not_kept)


def _not_kept(cause: str) -> None:
    _log.warning("request_not_kept", cause=cause)


def simulation(
    over: GatewayOver, journal: RequestJournal | None, folder: Callable[[], PolicyDocuments], clock: Clock
) -> Simulation:
    """What the step of simulation finds out; ``folder`` is what a first release is compared with."""
    return Simulation(SimulateImpact(lambda documents: over(documents).domains, journal), folder, clock)
