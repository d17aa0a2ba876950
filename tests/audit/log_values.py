"""Entries, keys that sign notes, and seals, for tests of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca_bridge.core.merkle.checkpoint import Checkpoint
from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.signed_note import NoteAlgorithm, NoteSignature, note_key_id, signed_note_text
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.sealed import SealedHead, StatementSignature

NOON = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
ORIGIN = "gateway.example/log"
SIGNATURE = StatementSignature(form="jws", key_id="receipt-0011", algorithm="ES256", value="a.b.c")


def entry(number: int, key: str = "") -> NewEntry:
    return NewEntry(b'{"n":%d}' % number, key)


def entries(start: int, count: int) -> list[NewEntry]:
    return [entry(number) for number in range(start, start + count)]


def key(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@dataclass
class Ed25519Seal:
    """Signs checkpoints with a key of its own; ``sealed`` are all it has signed."""

    name: str = ORIGIN
    origin: str = ORIGIN
    seed: int = 1
    sealed: list[SealedHead] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)
        self.spki = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def __call__(self, size: int, root: bytes) -> SealedHead:
        time = NOON + timedelta(seconds=len(self.sealed))
        body = Checkpoint(self.origin, size, root, (f"time {time:%Y-%m-%dT%H:%M:%SZ}",)).body
        made = SealedHead(
            size=size,
            root=root,
            body=body,
            note=signed_note_text(body, [self.signature(body)]),
            signatures=(SIGNATURE,),
            time=time,
        )
        self.sealed.append(made)
        return made

    def of(self, edge: CompactRange) -> SealedHead:
        return self(edge.size, edge.root)

    def signature(self, body: bytes) -> NoteSignature:
        key_id = note_key_id(self.name, NoteAlgorithm.ED25519, self.spki)
        return NoteSignature(name=self.name, key_id=key_id, signature=self.private.sign(body))


def numbers(data: Iterable[bytes]) -> list[int]:
    """The numbers of entries made by entry()."""
    return [int(one[len(b'{"n":') : -1]) for one in data]
