"""The issuers of the bridge CA and what it publishes; no key is opened before it signs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ca_bridge.adapters.bridge_file import read_bridge
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.bridge_ca.issuer import Issuers
from ca_bridge.services.bridge_ca.ports import BridgeStore
from ca_bridge.services.bridge_ca.repository import Repository
from ca_bridge.services.signing import SignerUnavailable, SigningKey
from ca_bridge.settings import Settings
from ca_bridge.wiring.log import LogParts


def bridge_repository(issuers: Issuers, store: BridgeStore) -> Repository:
    """What /pki/ shows: ``published`` of it is Gateway.published."""
    return Repository(issuers=issuers, store=store, now=SystemClock().now)


def bridge_issuers(chosen: Settings, file: Path, log: LogParts) -> Issuers:
    """The issuers of ``file``."""
    schema = chosen.policies / "schema" / "bridge.schema.json"

    def key_of(name: str, spki: bytes) -> Callable[[], SigningKey]:
        def opened() -> SigningKey:
            key = next((k for k in log.known().keys if k.key_id == name), None)
            if key is None or key.spki != spki:
                raise SignerUnavailable(
                    f"{name}: no such key, or not that of the certificate / 没有该密钥，或与证书不符"
                )
            return log.keys.key(key)

        return opened

    return read_bridge(file, schema, key_of=key_of)
