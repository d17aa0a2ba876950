"""What the use cases of keys need from outside: the register in a database, and the tokens."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ca_bridge.services.errors import GatewayError
from ca_bridge.services.key_management.model import (
    KeyCeremony,
    KeyPlace,
    KeyTranscript,
    KeyWish,
    LogFact,
    RegisteredKey,
)
from ca_bridge.services.signing import SigningKey


class RegisterMoved(GatewayError):
    """Somebody else's change came first; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterState:
    """Everything registered, seen at one instant. ``generation`` grows with every change.

    ``keys`` by time of making, ``ceremonies`` by time of beginning.
    """

    generation: int
    keys: tuple[RegisteredKey, ...]
    ceremonies: tuple[KeyCeremony, ...]

    def key(self, key_id: str) -> RegisteredKey | None:
        """The key of this name."""
        return next((key for key in self.keys if key.key_id == key_id), None)

    def ceremony(self, plan_sha256: str) -> KeyCeremony | None:
        """The execution of this plan."""
        return next((c for c in self.ceremonies if c.plan_sha256 == plan_sha256), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChange:
    """One act to be written, whole or not at all, if ``generation`` is still the one that was seen.

    ``ceremony`` and ``keys`` are new values, in the order to be written; ``nonces`` (account, nonce) are
    used up; ``facts`` go to the audit log in the same transaction.
    """

    generation: int
    facts: tuple[LogFact, ...]
    ceremony: KeyCeremony | None = None
    keys: tuple[RegisteredKey, ...] = ()
    nonces: tuple[tuple[str, str], ...] = ()
    transcript: KeyTranscript | None = None


class KeyRegister(Protocol):
    """Keys and their ceremonies. May be used from threads and processes; StoreUnavailable, StoreDamaged."""

    def generation(self) -> int:
        """Number of the last change: cheap, for whoever keeps keys and must notice a rotation."""
        ...

    def state(self) -> RegisterState:
        """Everything registered."""
        ...

    def nonce_used(self, account: str, nonce: str) -> bool:
        """Whether a signed statement of this account under this nonce was acted on."""
        ...

    def transcript(self, plan_sha256: str) -> KeyTranscript | None:
        """What happened in the plan's ceremony."""
        ...

    def write(self, change: RegisterChange) -> None:
        """Write the act; RegisterMoved when another came first."""
        ...

    def record(self, facts: tuple[LogFact, ...]) -> None:
        """Facts for the audit log alone: an act that was refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key that was made: its public key read back from the token, and a test signature verified."""

    spki: bytes
    kind: str
    algorithm: str
    custody: str
    claims: tuple[tuple[str, str], ...]
    attestation: bytes | None
    certificate: bytes | None
    csr: bytes | None


class KeyBench(Protocol):
    """One token, opened for one act, and the key that the plan names on it. KeyRefused for all that fails."""

    def check_free(self) -> None:
        """PLACE_TAKEN when the token has a key of this label or identifier."""
        ...

    def make(self, wish: KeyWish, at: datetime, nonce: bytes) -> MadeKey:
        """The key and its papers: a certificate valid from ``at``, an attestation over ``nonce``."""
        ...

    def sign(self, spki: bytes, message: bytes) -> bytes:
        """A signature of the key on the token, verified under ``spki``."""
        ...

    def destroy(self, spki: bytes) -> bool:
        """The private key is gone, under whatever name: True when it was there.

        KEY_DIFFERS when another key has its name; then nothing is touched.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHealth:
    """Whether a key can sign now, as its token shows; ``custody`` is what the driver says now, "" unknown."""

    key_id: str
    usable: bool
    custody: str
    detail: str
    elapsed_us: int


class KeyWorkshop(Protocol):
    """The tokens."""

    def place(self, uri: str) -> KeyPlace:
        """What ``uri`` names, without opening it; URI_UNUSABLE, SOFTKEY_IN_PRODUCTION."""
        ...

    def check(self, wish: KeyWish) -> None:
        """PLAN_UNUSABLE when what the plan wants written of the key could not be, whatever the token."""
        ...

    def bench(self, uri: str) -> AbstractContextManager[KeyBench]:
        """The token of ``uri``, logged in until the block ends; TOKEN_UNUSABLE."""
        ...

    def key(self, registered: RegisteredKey) -> SigningKey:
        """The key, to sign with; SignerUnavailable unless it is current."""
        ...

    def health(self, registered: RegisteredKey) -> KeyHealth:
        """One signature made and verified; never raises."""
        ...

    def present(self, uri: str) -> bool | None:
        """Whether the token has the key that ``uri`` names; None when that can't be found out."""
        ...
