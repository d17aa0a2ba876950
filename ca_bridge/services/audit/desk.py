"""What the doors of the audit log open onto."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ca_bridge.core.receipt.keys import KeyRing
from ca_bridge.core.receipt.verifying import VerifySignature
from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.tile_paths import TileFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDesk:
    """Nothing is opened before it is needed: an exported log is checked without database and key.

    ``log`` opens the configured log, and ``keys`` gives the public keys and the origin that are known here;
    both raise ConfigurationError where there is no database. ``checkpoint`` signs and stores a head.
    """

    log: Callable[[], LogStore]
    keys: Callable[[], KeyRing]
    verify: VerifySignature
    checkpoint: Callable[[], SealedHead]
    folder: Callable[[Path], TileFolder]
