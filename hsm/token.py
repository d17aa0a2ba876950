"""What a token is to whoever uses one, whatever drives it: values, and the protocol of every driver."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SM2_DEFAULT_ID = b"1234567812345678"
"""The user ID of SM2 signatures where a profile names no other (GM/T 0009)."""


class KeyKind(StrEnum):
    """Kinds of key pairs that tokens make."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"
    P256 = "p-256"
    P384 = "p-384"
    ED25519 = "ed25519"
    SM2 = "sm2"


class SignatureAlgorithm(StrEnum):
    """How a message is signed: digest included, for a token is given whole messages."""

    RSA_PKCS1_SHA256 = "rsa-pkcs1-sha256"
    RSA_PKCS1_SHA384 = "rsa-pkcs1-sha384"
    RSA_PKCS1_SHA512 = "rsa-pkcs1-sha512"
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ED25519 = "ed25519"
    SM2_SM3 = "sm2-sm3"


class Custody(StrEnum):
    """Where a private key is while it signs; never said better than it is.

    TOKEN: inside the token, which it never leaves. TOKEN_WRAPPED_PROCESS_USE: kept encrypted under a key
    that never leaves the token, and decrypted into this process's memory to sign. PROCESS: this process.
    """

    TOKEN = "token"  # noqa: S105 - no password
    TOKEN_WRAPPED_PROCESS_USE = "token-wrapped-process-use"  # noqa: S105 - no password
    PROCESS = "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRef:
    """A key on a token: by label, identifier (CKA_ID), or both; an empty one does not narrow the search."""

    label: str = ""
    key_id: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpec:
    """A key pair to be made. ``sealed`` asks for TOKEN_WRAPPED_PROCESS_USE, which only SM2 has."""

    label: str
    key_id: bytes
    kind: KeyKind
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A key pair that is there; ``spki`` is its SubjectPublicKeyInfo, DER.

    ``claims`` are what the module says of the private key (sensitive, extractable, local and the like):
    names and values, as said and not proven.
    """

    label: str
    key_id: bytes
    kind: KeyKind
    custody: Custody
    spki: bytes
    claims: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDescription:
    """What a token says it is; ``driver`` is "pkcs11", "sdf" or "softkey"."""

    driver: str
    label: str
    manufacturer: str
    model: str
    serial: str
    library: str
    in_token_sm2: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a key can sign now: one signature was made and verified. ``detail`` names no secret."""

    usable: bool
    detail: str
    elapsed_us: int


class Token(Protocol):
    """One token, logged in. Safe from many threads; made after any fork, and of no use in a forked child.

    Every method raises a TokenError (errors.py) and nothing else.
    """

    def describe(self) -> TokenDescription:
        """What the token says of itself; no secrets."""
        ...

    def keys(self) -> tuple[KeyInfo, ...]:
        """All signing key pairs, by label and then identifier."""
        ...

    def generate(self, spec: KeySpec) -> KeyInfo:
        """A new key pair, not extractable; KeyExists when label or identifier is taken."""
        ...

    def info(self, ref: KeyRef) -> KeyInfo:
        """The one key that ``ref`` names, without listing the others; KeyNotFound, KeyAmbiguous."""
        ...

    def public_key(self, ref: KeyRef) -> bytes:
        """SubjectPublicKeyInfo, DER; KeyNotFound, KeyAmbiguous."""
        ...

    def sign(
        self,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        message: bytes,
        *,
        signer_id: bytes = SM2_DEFAULT_ID,
    ) -> bytes:
        """The signature over ``message``, verified under the key's public key before it is returned.

        ECDSA and SM2: DER SEQUENCE {r, s}. RSA and Ed25519: the octets. BadSignature when the token gave
        something that does not verify: that is never returned. ``signer_id`` is SM2's user ID.
        """
        ...

    def health(self, ref: KeyRef) -> Health:
        """Signs a fixed text that no protocol gives a meaning to, and verifies it. Never raises."""
        ...

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:
        """What the token can prove of the key, as the vendor encodes it; None when it can prove nothing."""
        ...

    def destroy(self, ref: KeyRef) -> None:
        """The key pair is gone from the token; KeyNotFound, KeyAmbiguous."""
        ...

    def close(self) -> None:
        """Log out and let go; a closed token raises TokenUnavailable."""
        ...
