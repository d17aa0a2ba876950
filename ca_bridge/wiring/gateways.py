"""The gateway of one process."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.adapters.self_diagnosis import SelfDiagnosis
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.shadow import Shadow
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate
from ca_bridge.settings import Settings
from ca_bridge.wiring.engine import folder_domains, parts_of, settings
from ca_bridge.wiring.releases import compiler_of, live_domains, release_desk, release_store


def gateway(chosen: Settings | None = None) -> Gateway:
    """The gateway of one process; PolicyFileError or SettingsError when it cannot be built."""
    chosen = chosen or settings()
    parts = parts_of(chosen)
    clock = SystemClock()
    own, folder = folder_domains(chosen, parts)
    url = chosen.database
    kept = None if url is None else (release_store(url), compiler_of(chosen, parts, folder))
    live = None if kept is None else live_domains(*kept, own, clock)
    shadow = None if live is None else Shadow(live.shadow)
    base = Gateway(
        validate=ValidateCertificate(
            supplied_trust=SuppliedTrust(parts.engine),
            domains=live or own,
            default_domain=chosen.default_domain,
            clock=clock,
            after=shadow,
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
    )
    return base if kept is None else replace(base, releases=release_desk(*kept, chosen, base))
