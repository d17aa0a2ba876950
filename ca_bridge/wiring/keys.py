"""What the commands of the log, of receipts and of keys open onto."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.adapters.tile_folder import FolderTiles
from ca_bridge.core.receipt.keys import KeyRing, read_keys
from ca_bridge.services.audit.desk import AuditDesk
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.key_management.ceremony_values import KeyTerms
from ca_bridge.services.key_management.desk import KeyDesk, key_desk
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.engine import settings
from ca_bridge.wiring.log import LogParts, key_register, log_parts
from ca_bridge.wiring.releases import opened_database

if TYPE_CHECKING:
    from ca_bridge.adapters.sql_database import Database
    from ca_bridge.services.release_desk import ReleaseDesk


def audit_desk() -> AuditDesk:
    """The desk of the configured log; nothing is opened before it is needed."""
    return AuditDesk(
        log=lambda: _log().store,
        keys=_known_keys,
        verify=verify_statement,
        checkpoint=_checkpoint,
        folder=FolderTiles,
    )


def keys_desk(open_releases: Callable[[], ReleaseDesk]) -> KeyDesk:
    """The desk of the configured register; accounts and who signs for them are those of releases."""
    from ca_bridge.adapters.hsm_keys import HsmKeys  # noqa: PLC0415 - only who keeps keys
    from ca_bridge.adapters.hsm_workshop import HsmWorkshop  # noqa: PLC0415

    chosen = settings()
    accounts = open_releases().accounts
    register = key_register(_database(chosen), chosen.node)
    keys = HsmKeys(production=chosen.production, run_folder=chosen.run_folder, transcript=register.transcript)
    return key_desk(
        register=register,
        workshop=HsmWorkshop(keys, production=chosen.production),
        accounts=accounts.accounts,
        signers=accounts.signers,
        clock=SystemClock(),
        terms=KeyTerms(
            installation=chosen.log_origin,
            node=chosen.node,
            software=f"ca-bridge {version('ca-bridge')}",
        ),
        read_plan=read_plan_file,
        origin=chosen.log_origin,
    )


def _log() -> LogParts:
    chosen = settings()
    return log_parts(_database(chosen), chosen)


def _known_keys() -> KeyRing:
    return read_keys(json.dumps(_log().public.keys()).encode())


def _checkpoint() -> SealedHead:
    """A head, signed and stored by this process."""
    parts = _log()
    try:
        return parts.sequencer.checkpoint_now()
    finally:
        parts.sequencer.close()


def _database(chosen: Settings) -> Database:
    if chosen.database is None:
        raise SettingsError(
            "the audit log and the keys are kept in a database: set CA_BRIDGE_DATABASE"
            " (docs/audit-log.md, docs/keys.md) / 审计日志与密钥保存在数据库中：请设置 CA_BRIDGE_DATABASE"
            "（docs/audit-log.md、docs/keys.md）"
        )
    return opened_database(chosen.database)
