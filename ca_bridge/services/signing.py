"""The gateway's own signing keys, as the services see them: wherever the private key is."""

from __future__ import annotations

from typing import Protocol

from ca_bridge.services.errors import GatewayError


class SignerUnavailable(GatewayError):
    """A key cannot sign now; nothing signed was given out. The text names the key and the cause."""


class SigningKey(Protocol):
    """One key, used for one purpose, with one algorithm."""

    @property
    def key_id(self) -> str:
        """Its name for ever (kid): use, "-", and the first 16 hex digits of SHA-256 of ``spki``."""
        ...

    @property
    def algorithm(self) -> str:
        """As hsm.token.SignatureAlgorithm has them: "ecdsa-sha256", "ed25519", "sm2-sm3" and others."""
        ...

    @property
    def custody(self) -> str:
        """Where the private key is while it signs: token, token-wrapped-process-use or process."""
        ...

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        ...

    @property
    def certificate(self) -> bytes | None:
        """A certificate of the key, DER, if it has one."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature over ``message``, verified; ECDSA and SM2 as DER {r, s}. SignerUnavailable."""
        ...
