"""The audit log of one process, the keys that sign in it, and the decisions written down there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.audit.entries import KeyUseStatus, NewEntry, key_use_entry
from ca_bridge.services.audit.sequencer import Sequencer
from ca_bridge.services.decision_log.decision_log import DecisionLog
from ca_bridge.services.decision_log.heartbeat import Heartbeat
from ca_bridge.services.decision_log.key_checks import KeyChecks
from ca_bridge.services.decision_log.live_seal import KeySet, LiveSeal
from ca_bridge.services.decision_log.public_log import PublicLog
from ca_bridge.services.key_management.model import KeyUse, RegisteredKey
from ca_bridge.services.key_management.ports import KeyRegister
from ca_bridge.services.ports import Clock
from ca_bridge.settings import Settings
from ca_bridge.wiring.engine import personal_digest

if TYPE_CHECKING:
    from ca_bridge.adapters.hsm_keys import HsmKeys
    from ca_bridge.adapters.sql_database import Database
    from ca_bridge.adapters.sql_log import SqlLog

_FOR_HEADS = "checkpoint"
# Under load a group gathers this long: a few more decisions under one commit and one signature.
_GATHER_MS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogParts:
    """What one process has of the log: its store, keys, and the door for decisions."""

    store: SqlLog
    register: KeyRegister
    keys: HsmKeys
    known: Callable[[], KeySet]
    seal: LiveSeal
    sequencer: Sequencer
    decisions: DecisionLog
    public: PublicLog
    checks: KeyChecks


def log_parts(database: Database, chosen: Settings) -> LogParts:
    """The parts over a database that is up to date; no token is opened before a key is needed."""
    from ca_bridge.adapters.hsm_keys import HsmKeys  # noqa: PLC0415 - only who keeps a log
    from ca_bridge.adapters.sql_log import SqlLog  # noqa: PLC0415

    clock, store = SystemClock(), SqlLog(database)
    register = key_register(database, chosen.node)
    keys = HsmKeys(production=chosen.production, run_folder=chosen.run_folder, transcript=register.transcript)
    known = _known(register, chosen.development_keys)
    seal = LiveSeal(
        generation=register.generation,
        keys=known,
        opened=keys.key,
        origin=chosen.log_origin,
        node=chosen.node,
        clock=clock,
    )
    sequencer = Sequencer(store, seal, key_use=_key_use(seal, clock, chosen.node), max_wait_ms=_GATHER_MS)
    return LogParts(
        store=store,
        register=register,
        keys=keys,
        known=known,
        seal=seal,
        sequencer=sequencer,
        decisions=DecisionLog(
            sequencer=sequencer,
            offered=lambda: seal.offered,
            clock=clock,
            node=chosen.node,
            origin=chosen.log_origin,
            digest=personal_digest(chosen.identity_key_file),
            heartbeat=Heartbeat(store, sequencer.checkpoint_now, lambda: seal.offered),
        ),
        public=PublicLog(store=store, known=known, origin=chosen.log_origin),
        checks=KeyChecks(known, keys.health, lambda: store.head().size),
    )


def key_register(database: Database, node: str) -> KeyRegister:
    """The register of keys in ``database``; what happens to them goes into its audit log."""
    from ca_bridge.adapters.sql_keys import SqlKeys  # noqa: PLC0415 - only who keeps keys
    from ca_bridge.adapters.sql_log import append_in  # noqa: PLC0415

    return SqlKeys(database, node=node, append=append_in)


def _known(register: KeyRegister, development: Path | None) -> Callable[[], KeySet]:
    """The registered keys, and those of development where no registered one is current."""

    @lru_cache(maxsize=1)
    def made() -> tuple[RegisteredKey, ...]:
        return () if development is None else keys_of_development(development)

    def look() -> KeySet:
        state = register.state()
        registered = KeySet(state.generation, state.keys)
        more = tuple(key for key in made() if not registered.current(KeyUse(key.use)))
        return KeySet(state.generation, (*state.keys, *more))

    return look


def keys_of_development(folder: Path) -> tuple[RegisteredKey, ...]:
    """The keys in ``folder``, made at the first start; ConfigurationError."""
    from ca_bridge.adapters.development_keys import development_keys  # noqa: PLC0415 - only who has them

    return development_keys(folder)


def _key_use(seal: LiveSeal, clock: Clock, node: str) -> Callable[[KeyUseStatus, str], NewEntry]:
    def entry(status: KeyUseStatus, detail: str) -> NewEntry:
        return key_use_entry(
            status,
            time=clock.now(),
            node=node,
            key_ids=seal.key_ids(),
            purpose=_FOR_HEADS,
            detail=detail,
        )

    return entry
