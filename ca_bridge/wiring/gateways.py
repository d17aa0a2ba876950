"""The gateway of one process, as it stands and as it would be under other documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.self_diagnosis import SelfDiagnosis
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.gateway import Gateway, GatewayOver, Published
from ca_bridge.services.shadow import Shadow
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate, each
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.engine import folder_domains, parts_of, settings
from ca_bridge.wiring.log import LogParts, log_parts
from ca_bridge.wiring.releases import (
    compiler_of,
    gateways_over,
    live_domains,
    opened_database,
    release_compiler,
    release_desk,
    release_store,
    releases_in,
)
from ca_bridge.wiring.requests import request_journal, request_recorder

if TYPE_CHECKING:
    from ca_bridge.adapters.sql_database import Database


def gateway(chosen: Settings | None = None, *, recording: bool = False) -> Gateway:
    """The gateway of one process; PolicyFileError or SettingsError when it cannot be built.

    ``recording``: requests are kept where the settings say so; for those who serve.
    """
    chosen = chosen or settings()
    parts = parts_of(chosen)
    clock = SystemClock()
    own, folder = folder_domains(chosen, parts)
    database = None if chosen.database is None else opened_database(chosen.database)
    kept = (
        None if database is None else (releases_in(database, chosen.node), compiler_of(chosen, parts, folder))
    )
    log = None if database is None else log_parts(database, chosen)
    live = None if kept is None else live_domains(*kept, own, clock)
    shadow = None if live is None else Shadow(live.shadow)
    journal = request_journal(chosen)
    recorder = request_recorder(journal, clock) if recording else None
    base = Gateway(
        validate=ValidateCertificate(
            supplied_trust=SuppliedTrust(parts.engine),
            domains=live or own,
            default_domain=chosen.default_domain,
            clock=clock,
            after=each(shadow, recorder),
        ),
        domains=live or own,
        default_domain=chosen.default_domain,
        engine=parts.engine,
        clock=clock,
        diagnosis=SelfDiagnosis(
            sm2=parts.sm2,
            domains=live or own,
            default_domain=chosen.default_domain,
            clock=clock,
            rules_id=parts.engine.rules_id,
            releases=None if live is None else live.check,
            keys=None if log is None else log.checks,
        ),
        shadow=shadow,
        recorder=recorder,
        decisions=None if log is None else log.decisions,
        log=None if log is None else log.public,
        published=None if database is None or log is None else _published(chosen, database, log),
    )
    return (
        base if kept is None else replace(base, releases=release_desk(*kept, chosen, base, journal, folder))
    )


def _published(chosen: Settings, database: Database, log: LogParts) -> Published | None:
    """What the bridge CA publishes; None without one."""
    if chosen.bridge_ca is None:
        return None
    from ca_bridge.adapters.sql_bridge import SqlBridge  # noqa: PLC0415 - only who has a bridge CA
    from ca_bridge.wiring.bridge_issuers import bridge_issuers, bridge_repository  # noqa: PLC0415

    return bridge_repository(bridge_issuers(chosen, chosen.bridge_ca, log), SqlBridge(database)).published


def gateway_over() -> GatewayOver:
    """What makes the gateway of the settings judge under other documents."""
    chosen = settings()
    return gateways_over(gateway(chosen), release_compiler(chosen))


def gateway_of_folder(folder: Path) -> Gateway:
    """The same under another policies folder, with the settings' certificates; PolicyFileError."""
    documents, _ = read_policy_folder(folder, settings().policies / "schema")
    return gateway_over()(documents)


def gateway_of_release(number: int) -> Gateway:
    """The same under a linted release of the configured database; SettingsError when it has none such."""
    url = settings().database
    store = None if url is None else release_store(url)
    release = None if store is None else store.release(number)
    linted = release is not None and release.linted_sha256 == release.content_sha256
    documents = store.documents(release.content_sha256) if store and release and linted else None
    if documents is None:
        raise SettingsError(f"no linted release {number} / 没有通过检查的发布版本 {number}")
    return gateway_over()(documents)
