"""The bridge CA of one process: its issuers and its register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.repository_folder import publish_folder
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.audit.entries import EntryKind, new_entry
from ca_bridge.services.bridge_ca.crl_issuing import IssueCrls
from ca_bridge.services.bridge_ca.desk import BridgeDesk
from ca_bridge.services.bridge_ca.ports import Log
from ca_bridge.services.bridge_ca.revoking import RevokeCrossCertificate
from ca_bridge.services.issue_cross_certificate.agreed import PolicyInForce
from ca_bridge.services.issue_cross_certificate.issue import IssueCrossCertificate
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.simulation import analysed_documents
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.bridge_issuers import bridge_issuers, bridge_repository
from ca_bridge.wiring.engine import settings
from ca_bridge.wiring.gateways import gateway
from ca_bridge.wiring.log import LogParts, log_parts
from ca_bridge.wiring.releases import opened_database


def bridge_desk() -> BridgeDesk:
    """The desk of the configured bridge CA; SettingsError when there is none, or no database."""
    from ca_bridge.adapters.pkilint_lint import PkilintLint  # noqa: PLC0415 - only who issues loads a linter
    from ca_bridge.adapters.sql_bridge import SqlBridge  # noqa: PLC0415

    chosen = settings()
    if chosen.bridge_ca is None or chosen.database is None:
        raise SettingsError(
            "a bridge CA needs CA_BRIDGE_BRIDGE_CA and CA_BRIDGE_DATABASE (docs/bridge-ca.md) / "
            "桥接 CA 须设置 CA_BRIDGE_BRIDGE_CA 与 CA_BRIDGE_DATABASE（docs/bridge-ca.md）"
        )
    database = opened_database(chosen.database)
    base, log, clock = gateway(chosen), log_parts(database, chosen), SystemClock()
    if base.releases is None:
        raise SettingsError("a bridge CA needs releases / 桥接 CA 需要策略发布版本")
    store, lint, told = SqlBridge(database), PkilintLint(), _log(log, chosen)
    issuers = bridge_issuers(chosen, chosen.bridge_ca, log)
    return BridgeDesk(
        issuers=issuers,
        store=store,
        issuing=IssueCrossCertificate(
            issuers=issuers,
            store=store,
            policy=_policy(base.releases, chosen),
            engine=base.engine,
            lint=lint,
            log=told,
        ),
        revoking=RevokeCrossCertificate(store=store, log=told),
        crls=IssueCrls(store=store, engine=base.engine, lint=lint, log=told),
        repository=bridge_repository(issuers, store),
        publishing=publish_folder,
        clock=clock,
        authenticate=base.releases.authenticate,
    )


def _log(log: LogParts, chosen: Settings) -> Log:
    clock = SystemClock()

    def write(kind: str, fields: Mapping[str, str]) -> None:
        members = {"result": "", **fields}
        log.sequencer.record(new_entry(EntryKind(kind), time=clock.now(), node=chosen.node, members=members))

    return write


def _policy(desk: ReleaseDesk, chosen: Settings) -> Callable[[datetime], PolicyInForce]:
    def in_force(now: datetime) -> PolicyInForce:
        found = desk.in_force(now)
        analysed = analysed_documents(found.documents(), now)
        known = _known_certificates(chosen)
        return PolicyInForce(
            release=found.identity,
            policy=analysed.policy,
            facts=analysed.facts,
            known_keys={digest: key_hash(found) for digest, found in known.items()},
            known_names={digest: found.subject for digest, found in known.items()},
        )

    return in_force


def _known_certificates(chosen: Settings) -> dict[str, Certificate]:
    known: dict[str, Certificate] = {}
    for fingerprint, der in certificate_files(chosen.anchors).items():
        try:
            known[fingerprint] = parse_certificate(der)
        except Malformed:
            continue
    return known
