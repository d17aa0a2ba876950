"""The gateway of one process, as it stands and as it would be under other documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.self_diagnosis import SelfDiagnosis
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.gateway import Gateway, GatewayOver
from ca_bridge.services.shadow import Shadow
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate, each
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.engine import folder_domains, parts_of, settings
from ca_bridge.wiring.releases import (
    compiler_of,
    gateways_over,
    live_domains,
    release_compiler,
    release_desk,
    release_store,
)
from ca_bridge.wiring.requests import request_journal, request_recorder


def gateway(chosen: Settings | None = None, *, recording: bool = False) -> Gateway:
    """The gateway of one process; PolicyFileError or SettingsError when it cannot be built.

    ``recording``: requests are kept where the settings say so; for those who serve.
    """
    chosen = chosen or settings()
    parts = parts_of(chosen)
    clock = SystemClock()
    own, folder = folder_domains(chosen, parts)
    url = chosen.database
    kept = None if url is None else (release_store(url), compiler_of(chosen, parts, folder))
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
        ),
        shadow=shadow,
        recorder=recorder,
    )
    return (
        base if kept is None else replace(base, releases=release_desk(*kept, chosen, base, journal, folder))
    )


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
