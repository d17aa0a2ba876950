"""Public keys a receipt may be checked with: what each is for, and its one algorithm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from ca_bridge.core.algorithms.key_loading import load_key
from ca_bridge.core.receipt.encodings import base64_octets
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.algorithm_identifier import decode_subject_public_key_info
from ca_bridge.core.x509.der import finish
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pem import holds_pem, pem_blocks

MAX_KEY_FILE_BYTES = 1 << 20
RECEIPT, LOG = "receipt", "log"
STATES = frozenset({"next", "current", "retired", "destroyed"})
"""States of a key; its old signatures stand in each of them, for only the private key ever goes."""

JOSE_NAMES = MappingProxyType({"ecdsa-sha256": "ES256", "ed25519": "EdDSA", "sm2-sm3": "SM2-SM3"})
"""How a receipt names each algorithm that receipts are signed with (RFC 7518, RFC 8037, docs/receipts.md)."""

_ALGORITHM_OF_KIND = MappingProxyType(
    {"P-256": "ecdsa-sha256", "P-384": "ecdsa-sha384", "Ed25519": "ed25519", "SM2": "sm2-sm3"}
)
_MEMBERS = ("key_id", "use", "algorithm", "spki", "custody", "state")


class KeysUnusable(ValueError):
    """A key file cannot be used; the text says why, in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A public key whose ``algorithm`` (as hsm names it) and ``use`` are known beforehand.

    ``custody`` is where its private key is or was; "" = not known.
    """

    key_id: str
    use: str
    algorithm: str
    spki: bytes
    custody: str = ""


def key_id_of(use: str, spki: bytes) -> str:
    """The name of a key: its use and the first 16 hexadecimal digits of SHA-256 of its DER."""
    return f"{use}-{sha256(spki).hexdigest()[:16]}"


def algorithm_of(spki: bytes) -> str | None:
    """The one algorithm of a key of ``spki``; None for a key that is not sound, or of no kind used here."""
    try:
        info, end = decode_subject_public_key_info(spki, 0, len(spki))
        finish(end, len(spki))
    except Malformed:
        return None
    key = load_key(info, None)
    return None if isinstance(key, Finding) else _ALGORITHM_OF_KIND.get(key.kind)


class KeyRing:
    """Keys by name, and the origin of the one log that they are of ("" = not known)."""

    __slots__ = ("_keys", "origin")

    def __init__(self, keys: Iterable[KnownKey], *, origin: str = "") -> None:
        """A key may come more than once; KeysUnusable when what is said of one name differs.

        A custody that is not known is none that differs.
        """
        self.origin = origin
        self._keys: dict[str, KnownKey] = {}
        for key in keys:
            known = self._keys.get(key.key_id, key)
            custody = known.custody or key.custody
            joined = replace(known, custody=custody)
            if joined != replace(key, custody=key.custody or custody):
                raise KeysUnusable(f"two keys of the name {key.key_id}")
            self._keys[key.key_id] = joined

    def __iter__(self) -> Iterator[KnownKey]:
        """The keys, in the order they came."""
        return iter(self._keys.values())

    def get(self, key_id: str) -> KnownKey | None:
        """The key of this name."""
        return self._keys.get(key_id)

    def __or__(self, other: KeyRing) -> KeyRing:
        """The keys of both; KeysUnusable when they are of two logs."""
        if self.origin and other.origin and self.origin != other.origin:
            raise KeysUnusable(f"keys of two logs, {self.origin} and {other.origin}")
        return KeyRing((*self, *other), origin=self.origin or other.origin)


def read_keys(raw: bytes) -> KeyRing:
    """The keys of a file: PEM public keys, or the JSON of GET /v1/keys; KeysUnusable.

    A PEM file says nothing of use: its keys are taken for both, receipts and the log.
    """
    if len(raw) > MAX_KEY_FILE_BYTES:
        raise KeysUnusable(f"more than {MAX_KEY_FILE_BYTES} bytes")
    return KeyRing(_pem_keys(raw)) if holds_pem(raw) else _json_keys(raw)


def _pem_keys(raw: bytes) -> Iterator[KnownKey]:
    try:
        blocks = tuple(pem_blocks(raw))
    except Malformed as error:
        raise KeysUnusable("not readable as PEM") from error
    for label, spki in blocks:
        algorithm = algorithm_of(spki) if label == "PUBLIC KEY" else None
        if algorithm is None:
            raise KeysUnusable("PEM that is no public key on P-256, P-384, Ed25519 or SM2")
        for use in (RECEIPT, LOG):
            yield KnownKey(key_id=key_id_of(use, spki), use=use, algorithm=algorithm, spki=spki)


def _json_keys(raw: bytes) -> KeyRing:
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise KeysUnusable("neither PEM nor JSON") from error
    match data:
        case {"keys": [*rows], "origin": str(origin)}:
            return KeyRing(map(_json_key, rows), origin=origin)
    raise KeysUnusable("no object with keys and origin")


def _json_key(row: Any) -> KnownKey:
    """A key of the file; members this reader does not know are no harm, for they change nothing."""
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in _MEMBERS):
        raise KeysUnusable(f"a key without {', '.join(_MEMBERS)}")
    spki = base64_octets(row["spki"])
    if spki is None or row["key_id"] != key_id_of(row["use"], spki):
        raise KeysUnusable("a key whose name does not follow from its use and its octets")
    if row["state"] not in STATES:
        raise KeysUnusable("a key in a state that there is not")
    return KnownKey(
        key_id=row["key_id"], use=row["use"], algorithm=row["algorithm"], spki=spki, custody=row["custody"]
    )
