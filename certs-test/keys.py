"""Test keys: RSA and DSA from the PEM files of keys/, the rest derived from a label. Test-only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

import der
import sm2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

KEYS = Path(__file__).resolve().parent / "keys"

EC_PUBLIC_KEY = "1.2.840.10045.2.1"
SM2_CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSA_SHA256 = "1.2.840.113549.1.1.11"
RSA_PSS = "1.2.840.113549.1.1.10"

_RSA_OIDS = {
    "md5": "1.2.840.113549.1.1.4",
    "sha1": "1.2.840.113549.1.1.5",
    "sha256": RSA_SHA256,
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_ECDSA_OIDS = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3"}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - a case shows that it is refused
    "sha1": hashes.SHA1(),  # noqa: S303 - for the legacy profile
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SHA_OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_CURVES: dict[str, ec.EllipticCurve] = {
    "p256": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
}
CURVE_OIDS = {"p256": "1.2.840.10045.3.1.7", "p384": "1.3.132.0.34", "p521": "1.3.132.0.35"}


class Key(Protocol):
    """A key that certificates can name and, if it has a private half, that signs."""

    @property
    def spki(self) -> bytes:
        """DER of SubjectPublicKeyInfo."""
        ...

    @property
    def algorithm(self) -> bytes:
        """DER of the AlgorithmIdentifier its signatures carry."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Signature value, the content of the BIT STRING."""
        ...


def key_identifier(spki: bytes) -> bytes:
    """SHA-1 of the subjectPublicKey octets (RFC 5280 §4.2.1.2 (1))."""
    return hashlib.sha1(key_octets(spki)).digest()


def key_octets(spki: bytes) -> bytes:
    """Content of the subjectPublicKey BIT STRING, unused-bits octet left out."""

    def step(at: int) -> tuple[int, int]:
        first = spki[at + 1]
        if first < 0x80:
            return at + 2, first
        count = first & 0x7F
        return at + 2 + count, int.from_bytes(spki[at + 2 : at + 2 + count], "big")

    inner, _ = step(0)
    algorithm, size = step(inner)
    start, size = step(algorithm + size)
    return spki[start + 1 : start + size]


@cache
def _pem(name: str) -> object:
    return serialization.load_pem_private_key((KEYS / f"{name}.pem").read_bytes(), password=None)


def _public_der(key: object) -> bytes:
    return key.public_key().public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@dataclass(frozen=True)
class Rsa:
    """RSA PKCS#1 v1.5 from keys/<name>.pem."""

    name: str
    digest: str = "sha256"

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        key = _pem(self.name)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    @cached_property
    def spki(self) -> bytes:
        return _public_der(self.private)

    @property
    def algorithm(self) -> bytes:
        return der.seq(der.oid(_RSA_OIDS[self.digest]), der.null())

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, padding.PKCS1v15(), _HASHES[self.digest])


def _mgf1(seed: bytes, size: int, digest: str) -> bytes:
    out, counter = b"", 0
    while len(out) < size:
        out += hashlib.new(digest, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return out[:size]


@dataclass(frozen=True)
class RsaPss:
    """RSASSA-PSS (RFC 8017 §9.1.1) with a salt derived from the message."""

    name: str
    digest: str = "sha256"
    salt_bytes: int = 32
    mgf_digest: str = ""

    @property
    def _key(self) -> Rsa:
        return Rsa(self.name)

    @property
    def spki(self) -> bytes:
        return self._key.spki

    @property
    def algorithm(self) -> bytes:
        mgf = self.mgf_digest or self.digest
        return der.seq(
            der.oid(RSA_PSS),
            der.seq(
                der.explicit(0, der.seq(der.oid(_SHA_OIDS[self.digest]), der.null())),
                der.explicit(
                    1, der.seq(der.oid("1.2.840.113549.1.1.8"), der.seq(der.oid(_SHA_OIDS[mgf]), der.null()))
                ),
                der.explicit(2, der.integer(self.salt_bytes)),
            ),
        )

    def sign(self, message: bytes) -> bytes:
        numbers = self._key.private.private_numbers()
        modulus = numbers.public_numbers.n
        em_bits = modulus.bit_length() - 1
        em_size = (em_bits + 7) // 8
        salt = hashlib.shake_256(b"salt" + message).digest(self.salt_bytes)
        h = hashlib.new(self.digest, bytes(8) + hashlib.new(self.digest, message).digest() + salt).digest()
        block = b"\x01" + salt
        block = bytes(em_size - len(h) - 1 - len(block)) + block
        mask = _mgf1(h, len(block), self.mgf_digest or self.digest)
        masked = bytearray(x ^ y for x, y in zip(block, mask, strict=True))
        masked[0] &= 0xFF >> (8 * em_size - em_bits)
        encoded = int.from_bytes(bytes(masked) + h + b"\xbc", "big")
        return pow(encoded, numbers.d, modulus).to_bytes((modulus.bit_length() + 7) // 8, "big")


@dataclass(frozen=True)
class Ecdsa:
    """ECDSA with RFC 6979 nonces; scalar from SHA-256 of the label."""

    label: str
    curve: str = "p256"
    digest: str = "sha256"

    @cached_property
    def private(self) -> ec.EllipticCurvePrivateKey:
        scalar = int.from_bytes(hashlib.sha256(b"ca-bridge test key: " + self.label.encode()).digest(), "big")
        return ec.derive_private_key(scalar >> 1 | 1, _CURVES[self.curve])

    @cached_property
    def spki(self) -> bytes:
        return _public_der(self.private)

    @property
    def algorithm(self) -> bytes:
        return der.seq(der.oid(_ECDSA_OIDS[self.digest]))

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, ec.ECDSA(_HASHES[self.digest], deterministic_signing=True))


@dataclass(frozen=True)
class EdDsa:
    """Ed25519 or Ed448, seed from the label."""

    label: str
    curve: str = "ed25519"

    @cached_property
    def private(self) -> ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey:
        seed = hashlib.shake_256(b"ca-bridge test key: " + self.label.encode())
        if self.curve == "ed25519":
            return ed25519.Ed25519PrivateKey.from_private_bytes(seed.digest(32))
        return ed448.Ed448PrivateKey.from_private_bytes(seed.digest(57))

    @cached_property
    def spki(self) -> bytes:
        return _public_der(self.private)

    @property
    def algorithm(self) -> bytes:
        return der.seq(der.oid("1.3.101.112" if self.curve == "ed25519" else "1.3.101.113"))

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass(frozen=True)
class Sm2:
    """SM2 with SM3; ``null_parameters`` as deployed CAs write, absent as some tools do."""

    label: str
    user_id: bytes = sm2.DEFAULT_USER_ID
    null_parameters: bool = True

    @cached_property
    def spki(self) -> bytes:
        point = sm2.encode_point(sm2.public_point(self.label))
        return der.seq(der.seq(der.oid(EC_PUBLIC_KEY), der.oid(SM2_CURVE)), der.bits(point))

    @property
    def algorithm(self) -> bytes:
        return der.seq(der.oid(SM2_WITH_SM3), der.null() if self.null_parameters else b"")

    def sign(self, message: bytes) -> bytes:
        r, s = sm2.sign(self.label, message, self.user_id)
        return der.seq(der.integer(r), der.integer(s))


@dataclass(frozen=True)
class Dsa:
    """DSA with SHA-256 or SHA-1 and a derived k; for the legacy profile only."""

    name: str
    digest: str = "sha1"
    inherit_parameters: bool = False

    @cached_property
    def private(self) -> dsa.DSAPrivateKey:
        key = _pem(self.name)
        assert isinstance(key, dsa.DSAPrivateKey)
        return key

    @cached_property
    def spki(self) -> bytes:
        whole = _public_der(self.private)
        if not self.inherit_parameters:
            return whole
        return der.seq(der.seq(der.oid("1.2.840.10040.4.1")), der.bits(key_octets(whole)))

    @property
    def algorithm(self) -> bytes:
        return der.seq(der.oid("1.2.840.10040.4.3" if self.digest == "sha1" else "2.16.840.1.101.3.4.3.2"))

    def sign(self, message: bytes) -> bytes:
        numbers = self.private.private_numbers()
        p, q, g = (getattr(numbers.public_numbers.parameter_numbers, name) for name in "pqg")
        hashed = hashlib.new(self.digest, message).digest()
        h = int.from_bytes(hashed[: q.bit_length() // 8], "big")
        k = (
            int.from_bytes(hashlib.sha256(b"k" + numbers.x.to_bytes(64, "big") + hashed).digest(), "big")
            % (q - 1)
            + 1
        )
        r = pow(g, k, p) % q
        s = pow(k, -1, q) * (h + numbers.x * r) % q
        return der.seq(der.integer(r), der.integer(s))


@dataclass(frozen=True)
class PublicOnly:
    """A key that can only be certified: for public keys that nobody should accept."""

    spki: bytes
    algorithm: bytes = b""

    def sign(self, message: bytes) -> bytes:
        raise AssertionError(f"a public key does not sign ({len(message)} bytes)")


def rsa_public(modulus: int, exponent: int = 65537) -> PublicOnly:
    key = der.seq(der.integer(modulus), der.integer(exponent))
    return PublicOnly(der.seq(der.seq(der.oid(RSA_ENCRYPTION), der.null()), der.bits(key)))


def ec_public(parameters: bytes, point: bytes) -> PublicOnly:
    return PublicOnly(der.seq(der.seq(der.oid(EC_PUBLIC_KEY), parameters), der.bits(point)))
