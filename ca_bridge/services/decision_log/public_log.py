"""What anybody may know of the log: its signed heads, proofs, and the keys to verify them with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.decision_log.live_seal import KeySet
from ca_bridge.services.key_management.public_keys import public_keys_document


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLog:
    """Everything here may be shown to everybody. StoreUnavailable, StoreDamaged."""

    store: LogStore
    known: Callable[[], KeySet]
    origin: str

    def keys(self) -> dict[str, Any]:
        """The public keys document."""
        return public_keys_document(self.known().keys, self.origin)

    def checkpoint(self) -> str | None:
        """The latest signed head that is kept, a C2SP signed note; None before the first."""
        latest = self.store.latest_checkpoint()
        return None if latest is None else latest.note

    def consistency(self, first: int, second: int) -> dict[str, Any]:
        """RFC 9162 2.1.4; NotInLog."""
        proof = self.store.consistency_proof(first, second)
        return {"first": first, "second": second, "proof": [one.hex() for one in proof]}

    def inclusion(self, index: int, size: int) -> dict[str, Any]:
        """RFC 9162 2.1.3; NotInLog."""
        proof = self.store.inclusion_proof(index, size)
        (leaf,) = self.store.leaf_hashes(index, 1)
        return {
            "index": index,
            "tree_size": size,
            "leaf_hash": leaf.hex(),
            "proof": [one.hex() for one in proof],
        }
