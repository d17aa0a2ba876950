"""Public keys loaded for verification; only sound ones are ever made (see each loader)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@dataclass(frozen=True, slots=True)
class PssParameters:
    """RSASSA-PSS-params (RFC 4055 §3.1) with MGF1 over the same hash and trailer 1, as all here have."""

    hash_name: str
    salt_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class RsaKey:
    """An RSA key. ``pss_only``: certified as id-RSASSA-PSS; ``pss`` restricts it further (RFC 4055 §3.3)."""

    bits: int
    public: RSAPublicKey
    pss_only: bool = False
    pss: PssParameters | None = None
    kind: str = "RSA"


@dataclass(frozen=True, slots=True, eq=False)
class EcdsaKey:
    """A point on the NIST curve ``kind``; ``order`` is that of its base point."""

    kind: str
    bits: int
    order: int
    public: EllipticCurvePublicKey


@dataclass(frozen=True, slots=True, eq=False)
class EdwardsKey:
    """A point of Ed25519 or Ed448 (``kind``) that is not of small order."""

    kind: str
    bits: int
    public: Ed25519PublicKey | Ed448PublicKey


@dataclass(frozen=True, slots=True, eq=False)
class DsaKey:
    """A DSA key with its own or inherited parameters; ``bits`` is the length of p."""

    bits: int
    order: int
    public: DSAPublicKey
    kind: str = "DSA"


@dataclass(frozen=True, slots=True, eq=False)
class Sm2Key:
    """A point of the SM2 curve: 64 octets X || Y."""

    point: bytes
    bits: int = 256
    kind: str = "SM2"


LoadedKey = RsaKey | EcdsaKey | EdwardsKey | DsaKey | Sm2Key
