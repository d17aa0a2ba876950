"""The values of a key's life. Everything here is immutable; a step makes a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

_KID_DIGITS = 16


class KeyUse(StrEnum):
    """What a key is for; no key has two uses."""

    RECEIPT = "receipt"
    LOG = "log"
    BRIDGE_CA = "bridge_ca"


class KeyState(StrEnum):
    """Where a key stands (life_cycle.py). Only CURRENT signs; RETIRED and DESTROYED are for verifying."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"
    DESTROYED = "destroyed"


class KeyAction(StrEnum):
    """Acts on keys, as plans, signed statements and the log name them."""

    CEREMONY = "key_ceremony"
    DESTRUCTION = "key_destruction"
    ROTATION = "key_rotation"
    RETIREMENT = "key_retirement"
    CERTIFICATION = "key_certification"
    ABANDONMENT = "key_ceremony_abandonment"


class CeremonyState(StrEnum):
    """INTENDED: begun and not known to have ended. DONE: all is registered. FAILED: nothing is."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"


class OutputForm(StrEnum):
    """What a ceremony writes beside the key."""

    NONE = "none"
    SELF_SIGNED = "self_signed"
    CSR = "csr"


ALGORITHM_OF_KIND: Mapping[str, str] = MappingProxyType(
    {
        "rsa-2048": "rsa-pkcs1-sha256",
        "rsa-3072": "rsa-pkcs1-sha256",
        "rsa-4096": "rsa-pkcs1-sha256",
        "p-256": "ecdsa-sha256",
        "p-384": "ecdsa-sha384",
        "ed25519": "ed25519",
        "sm2": "sm2-sm3",
    }
)
"""The one algorithm a key of each kind signs with, for its whole life."""


def key_id_of(use: KeyUse, spki: bytes) -> str:
    """A key's name for ever: its use and the first 16 hex digits of SHA-256 of ``spki`` (DER)."""
    return f"{use.value}-{sha256(spki).hexdigest()[:_KID_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredKey:
    """A key of this gateway. ``uri`` names it on its token and holds no secret.

    ``custody`` is what the driver said when the key was made; what it says now is what counts.
    ``spki``, ``certificate`` and ``csr`` are DER, ``attestation`` is as the vendor encodes it and ``claims``
    is what the module says of the key, unproven. ``ceremony`` is the plan's SHA-256, "" for a key of
    development. ``since`` is when it came into ``state``.
    """

    key_id: str
    use: KeyUse
    kind: str
    algorithm: str
    uri: str
    spki: bytes
    custody: str
    state: KeyState
    created: datetime
    since: datetime
    ceremony: str = ""
    certificate: bytes | None = None
    csr: bytes | None = None
    attestation: bytes | None = None
    claims: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where a key is to be: ``device`` names its token, ``identifier`` is CKA_ID or index in hex."""

    uri: str
    device: str
    label: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOutput:
    """What is written of a new key; ``subject`` is a name of RFC 4514, ``days`` of a certificate's life."""

    form: OutputForm = OutputForm.NONE
    subject: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """The key that a plan asks for, and the state it begins in (NEXT or CURRENT).

    ``existing``: the device's own tool has made it (GM/T 0018 has no function that does), and it is taken
    up as it is found.
    """

    use: KeyUse
    uri: str
    kind: str
    sealed: bool
    existing: bool
    state: KeyState
    output: KeyOutput

    @property
    def algorithm(self) -> str:
        """What it will sign with."""
        return ALGORITHM_OF_KIND[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlan:
    """What several people approve by its hash. ``text`` is its canonical JSON.

    ``wish`` of a ceremony, ``key_id`` of a destruction.
    """

    action: KeyAction
    title_zh: str
    title_en: str
    installation: str
    approvals: int
    approvers: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    text: str
    wish: KeyWish | None = None
    key_id: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of ``text``, lower-case hex."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCeremony:
    """One plan's only execution.

    ``key_id`` is "" until a key is registered; a destruction has an empty ``place``.
    """

    plan_sha256: str
    action: KeyAction
    plan: str
    state: CeremonyState
    place: KeyPlace
    started: datetime
    ended: datetime | None = None
    key_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSignature:
    """One key's signature over a transcript's bytes."""

    key_id: str
    algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTranscript:
    """What happened in a ceremony, as canonical JSON, and who vouches for it."""

    plan_sha256: str
    text: str
    signatures: tuple[TranscriptSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFact:
    """Something for the audit log: ``kind`` "administration" or "key_use", and its plain members."""

    kind: str
    time: datetime
    fields: Mapping[str, Any]


NO_PLACE = KeyPlace(uri="", device="", label="", identifier="")
