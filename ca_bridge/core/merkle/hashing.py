"""Hashes of leaves and nodes (RFC 9162 2.1.1), SHA-256."""

from __future__ import annotations

from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""MTH of no leaves at all."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: HASH(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: HASH(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()
