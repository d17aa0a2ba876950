"""One case per reason about algorithms and keys: every key of the path is checked, the target's too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import der
import deviant
import extensions as ext
import pki
import small
import x509
from case import Group, passed, refused
from keys import (
    CURVE_OIDS,
    RSA_ENCRYPTION,
    SM2_CURVE,
    Dsa,
    Ecdsa,
    EdDsa,
    Key,
    PublicOnly,
    Rsa,
    RsaPss,
    Sm2,
    ec_public,
    key_octets,
    rsa_public,
)
from small import CA, ask, leaf_made

GROUP = Group("algorithms")
add = GROUP.add

CRYPTO = "CRYPTO_CONSTRAINTS_FAILURE"
ANY = ext.ANY_POLICY


def accepted(case_id: str, title: str, why: str, question: dict[str, Any]) -> None:
    add(case_id, title, why, question, passed(ANY))


def key_refused(case_id: str, reason: str, title: str, why: str, key: Key, **fields: Any) -> None:
    """The target's own key is the trouble: nobody loads it to check a path, so nobody notices."""
    add(
        case_id,
        title,
        f"leaf (this key)* <- CA <- [root]: {why}",
        ask(leaf_as=leaf_made(key=key), **fields),
        refused(CRYPTO, reason, 0),
    )


def under(ca_key: Key, **fields: Any) -> dict[str, Any]:
    """leaf <- CA with this key <- [root]."""
    ca = replace(CA, label=f"{CA.label} {ca_key!r}", key=ca_key)
    return ask(chain=[small.authority(subject=ca)], target=small.leaf(issuer=ca), **fields)


def signature_refused(case_id: str, reason: str, title: str, why: str, ca_key: Key, **fields: Any) -> None:
    """The CA signs the target in a way that is not accepted."""
    add(
        case_id,
        title,
        f"leaf* <- CA (signs so) <- [root]: {why}",
        under(ca_key, **fields),
        refused(CRYPTO, reason, 0),
    )


# What is accepted.
for label, key in (
    ("rsa-sha256", Rsa("rsa-leaf-1")),
    ("rsa-sha512", Rsa("rsa-leaf-1", "sha512")),
    ("rsa-pss", RsaPss("rsa-leaf-1")),
    ("ecdsa-p256", Ecdsa("algorithms p256")),
    ("ecdsa-p384", Ecdsa("algorithms p384", "p384", "sha384")),
    ("ecdsa-p521", Ecdsa("algorithms p521", "p521", "sha384")),
    ("ed25519", EdDsa("algorithms ed25519")),
    ("ed448", EdDsa("algorithms ed448", "ed448")),
    ("sm2-null", Sm2("algorithms sm2")),
    ("sm2-absent", Sm2("algorithms sm2", null_parameters=False)),
):
    accepted(
        f"accepted-{label}",
        f"A CA that signs with {label}",
        "leaf <- CA (signs so) <- [root]: on the list of the default profile.",
        under(key),
    )
accepted(
    "accepted-rsa-1024-legacy",
    "RSA-1024 with SHA-1 under the legacy profile",
    "leaf <- CA (RSA-1024, SHA-1) <- [root]: legacy is for old material in the operator's own runs.",
    under(Rsa("rsa-1024", "sha1"), algorithm_profile="legacy"),
)
_DSA_HEIR = replace(
    CA, label="dsa heir", name=small.name("Test DSA heir"), key=Dsa("dsa-2", inherit_parameters=True)
)
_DSA_CA = replace(CA, label="dsa ca", key=Dsa("dsa-1"))
accepted(
    "accepted-dsa-inherited-legacy",
    "DSA with parameters inherited from the issuer, under the legacy profile",
    "leaf <- CA 2 (DSA, no parameters) <- CA (DSA) <- [root]: working_public_key_parameters stay "
    "(RFC 5280 §6.1.4 (f)).",
    ask(
        chain=[small.authority(subject=_DSA_CA), small.authority(subject=_DSA_HEIR, issuer=_DSA_CA)],
        target=small.leaf(issuer=_DSA_HEIR),
        algorithm_profile="legacy",
    ),
)

# Keys nobody should accept.
_N = Rsa("rsa-leaf-1").private.private_numbers().public_numbers.n


_P = Rsa("rsa-leaf-1").private.private_numbers().p
SMALL_PRIMES = [p for p in range(3, 752) if all(p % d for d in range(2, p))]


def odd(label: str, bits: int) -> int:
    """An odd number of exactly this many bits, from a label."""
    raw = int.from_bytes(hashlib.shake_256(label.encode()).digest(bits // 8), "big")
    return raw | 1 | 1 << bits - 1


def roca_modulus() -> int:
    """A modulus that leaves a power of 65537 modulo each small prime (CVE-2017-15361)."""
    primes = [p for p in SMALL_PRIMES if p < 168]
    product, residue = 1, 0
    for prime in primes:
        wanted = pow(65537, 5, prime)
        residue += product * ((wanted - residue) * pow(product, -1, prime) % prime)
        product *= prime
    above = (1 << 2047) // product + 1
    candidate = residue + product * above
    if candidate % 2 == 0:
        candidate += product
    return without_small_factors(candidate, 2 * product)


def without_small_factors(candidate: int, step: int) -> int:
    """The next number in steps that none of the primes below 752 divides."""
    while any(candidate % prime == 0 for prime in SMALL_PRIMES):
        candidate += step
    return candidate


for bits in (512, 1024):
    key_refused(
        f"rsa-{bits}",
        "RSA_MODULUS_TOO_SMALL",
        f"An RSA key of {bits} bits",
        "the algorithm table asks for 2,048.",
        rsa_public(without_small_factors(odd(f"rsa {bits}", bits), 2)),
    )
key_refused(
    "rsa-16384",
    "RSA_MODULUS_TOO_LARGE",
    "An RSA key of 16,384 bits",
    "verifying with it costs seconds (CVE-2023-29409): bounded.",
    rsa_public(odd("rsa 16384", 16384)),
)
for exponent, reason in (
    (1, "RSA_EXPONENT_TOO_SMALL"),
    (65536, "RSA_EXPONENT_EVEN"),
    ((1 << 64) + 13, "RSA_EXPONENT_TOO_LARGE"),
):
    key_refused(
        f"rsa-exponent-{exponent}",
        reason,
        f"RSA with exponent {exponent}",
        "an exponent is odd, above 1 and of bounded size; with 1 anything is a signature.",
        rsa_public(_N, exponent),
    )
for case_id, reason, title, why, modulus in (
    (
        "rsa-even-modulus",
        "RSA_MODULUS_EVEN",
        "RSA with an even modulus",
        "no product of two odd primes is even.",
        _N - 1,
    ),
    (
        "rsa-small-factor",
        "RSA_MODULUS_SMALL_FACTOR",
        "An RSA modulus that 3 divides",
        "no factor below 752 (SP 800-89 §5.3.3).",
        3 * odd("small factor", 2040),
    ),
    (
        "rsa-square",
        "RSA_MODULUS_PERFECT_POWER",
        "An RSA modulus that is a square",
        "its root is its factor.",
        _P**2,
    ),
    (
        "rsa-roca",
        "RSA_MODULUS_ROCA",
        "An RSA key with the fingerprint of a broken generator",
        "CVE-2017-15361: such keys can be factored.",
        roca_modulus(),
    ),
    (
        "rsa-close-primes",
        "RSA_PRIMES_TOO_CLOSE",
        "An RSA modulus of two factors beside each other",
        "Fermat's method finds them at once (CVE-2022-26320).",
        _P * without_small_factors(_P + 2, 2),
    ),
):
    key_refused(case_id, reason, title, why, rsa_public(modulus))
_RSA_BITS = der.bits(key_octets(Rsa("rsa-leaf-1").spki))
key_refused(
    "rsa-parameters",
    "KEY_PARAMETERS_INVALID",
    "An RSA key without the NULL",
    "rsaEncryption has parameters NULL (RFC 3279 §2.3.1).",
    PublicOnly(der.seq(der.seq(der.oid(RSA_ENCRYPTION)), _RSA_BITS)),
)
key_refused(
    "rsa-2048-in-2031",
    "KEY_NO_LONGER_ACCEPTABLE",
    "RSA-2048 after 2030",
    "the algorithm table lets it go at the end of 2030 (SP 800-57 Part 1).",
    Rsa("rsa-leaf-1"),
    at="2031-02-01T00:00:00Z",
)


def _named(dotted: str) -> bytes:
    return der.oid(dotted)


_P256 = key_octets(Ecdsa("algorithms p256").spki)
_SM2_POINT = key_octets(Sm2("algorithms sm2").spki)
for case_id, reason, title, why, parameters, point in (
    (
        "ec-off-curve",
        "EC_POINT_NOT_ON_CURVE",
        "A P-256 point that is not on the curve",
        "CVE-2026-23966 and older: what is off the curve leaks or forges.",
        _named(CURVE_OIDS["p256"]),
        _P256[:-1] + bytes([_P256[-1] ^ 1]),
    ),
    (
        "sm2-off-curve",
        "EC_POINT_NOT_ON_CURVE",
        "An SM2 point that is not on the curve",
        "GB/T 32918.1 §6.2: the public key is on the curve and not the point at infinity.",
        _named(SM2_CURVE),
        _SM2_POINT[:-1] + bytes([_SM2_POINT[-1] ^ 1]),
    ),
    (
        "ec-infinity",
        "KEY_ENCODING_INVALID",
        "The point at infinity as a key",
        "one zero byte encodes it (SEC 1 §2.3.3); it is nobody's key.",
        _named(CURVE_OIDS["p256"]),
        b"\x00",
    ),
    (
        "ec-compressed",
        "EC_POINT_COMPRESSED",
        "A compressed point",
        "RFC 5480 §2.2: implementations must take the uncompressed form, and that is what CAs write.",
        _named(CURVE_OIDS["p256"]),
        bytes([2 + _P256[-1] % 2]) + _P256[1:33],
    ),
    (
        "ec-curve",
        "EC_CURVE_UNSUPPORTED",
        "A key on secp256k1",
        "the algorithm table names P-256, P-384, P-521 and the SM2 curve.",
        _named("1.3.132.0.10"),
        _P256,
    ),
    (
        "ec-implicit",
        "KEY_PARAMETERS_INVALID",
        "Curve parameters inherited",
        "implicitCurve: RFC 5480 §2.1.1 allows named curves only.",
        der.null(),
        _P256,
    ),
):
    key_refused(case_id, reason, title, why, ec_public(parameters, point))
_FIELD_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
_EXPLICIT_P256 = der.seq(
    der.integer(1),
    der.seq(der.oid("1.2.840.10045.1.1"), der.integer(_FIELD_PRIME)),
    der.seq(
        der.octets((_FIELD_PRIME - 3).to_bytes(32, "big")),
        der.octets(bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")),
    ),
    der.octets(_P256),
    der.integer(0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    der.integer(1),
)
key_refused(
    "ec-explicit",
    "EC_PARAMETERS_EXPLICIT",
    "Curve parameters written out",
    "CVE-2020-0601: P-256 but for a generator of the attacker's; RFC 5480 §2.1.1 allows named curves only.",
    ec_public(_EXPLICIT_P256, _P256),
)


def _ed25519(octets: bytes) -> PublicOnly:
    return PublicOnly(der.seq(der.seq(der.oid("1.3.101.112")), der.bits(octets)))


key_refused(
    "ed25519-identity",
    "EDWARDS_POINT_SMALL_ORDER",
    "The identity point as an Ed25519 key",
    "it verifies a signature over anything; libraries take it.",
    _ed25519(b"\x01" + bytes(31)),
)
key_refused(
    "ed25519-no-point",
    "EDWARDS_POINT_INVALID",
    "An Ed25519 key that is no point",
    "no x goes with y = 2 (RFC 8032 §5.1.3).",
    _ed25519(b"\x02" + bytes(31)),
)
key_refused(
    "ed25519-length",
    "KEY_ENCODING_INVALID",
    "An Ed25519 key of 31 bytes",
    "RFC 8032 §5.1.5: 32 octets.",
    _ed25519(bytes(range(31))),
)
key_refused(
    "unknown-key",
    "KEY_ALGORITHM_UNSUPPORTED",
    "A key of an algorithm nobody knows",
    "what cannot be checked is not relied on.",
    PublicOnly(der.seq(der.seq(der.oid("2.999.10.1")), der.bits(bytes(32)))),
)
key_refused(
    "dsa-key",
    "KEY_NOT_ACCEPTABLE",
    "A DSA key under the default profile",
    "DSA is for the legacy profile.",
    Dsa("dsa-1"),
)
key_refused(
    "dsa-parameters",
    "DSA_PARAMETERS_MISSING",
    "A DSA key without parameters, under an issuer that has none to give",
    "parameters are inherited from a DSA issuer only (RFC 3279 §2.3.2, RFC 5280 §6.1.4 (f)).",
    Dsa("dsa-2", inherit_parameters=True),
    algorithm_profile="legacy",
)

# Signatures nobody should accept.
for digest in ("md5", "sha1"):
    signature_refused(
        f"rsa-{digest}",
        "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE",
        f"A certificate signed with RSA and {digest.upper()}",
        "collisions can be had; the algorithm table ended it.",
        Rsa("rsa-leaf-1", digest),
    )
signature_refused(
    "dsa-signature",
    "SIGNATURE_ALGORITHM_NOT_ACCEPTABLE",
    "A certificate signed with DSA",
    "DSA is for the legacy profile.",
    Dsa("dsa-1"),
)
signature_refused(
    "pss-digests",
    "PSS_PARAMETERS_INVALID",
    "RSASSA-PSS with two different digests",
    "the digest of the message and that of MGF1 must be the same (RFC 4055 §3.1).",
    RsaPss("rsa-leaf-1", mgf_digest="sha1"),
)


def side_by_side(signature: bytes) -> bytes:
    """r || s of 32 octets each from SEQUENCE { r, s }."""
    numbers = (int.from_bytes(deviant.content(part), "big") for part in deviant.parts(signature))
    return b"".join(number.to_bytes(32, "big") for number in numbers)


@dataclass(frozen=True)
class PssKey:
    """An RSA key certified for PSS with one hash only (RFC 4055 §1.2), used with SHA-256 all the same."""

    name: str
    digest: str
    salt_bytes: int

    @property
    def spki(self) -> bytes:
        restricted = RsaPss(self.name, self.digest, self.salt_bytes)
        return der.seq(restricted.algorithm, der.bits(key_octets(restricted.spki)))

    @property
    def algorithm(self) -> bytes:
        return RsaPss(self.name).algorithm

    def sign(self, message: bytes) -> bytes:
        return RsaPss(self.name).sign(message)


def claimed(algorithm: bytes) -> bytes:
    """The leaf signed by the usual CA, with this algorithm named inside and outside."""
    shape = x509.Shape(inner_algorithm=algorithm, outer_algorithm=algorithm)
    return small.leaf(leaf_made(shape=shape))


for case_id, reason, title, why, algorithm in (
    (
        "unknown-signature",
        "SIGNATURE_ALGORITHM_UNSUPPORTED",
        "A signature algorithm nobody knows",
        "what cannot be checked is not relied on.",
        der.seq(der.oid("2.999.10.2")),
    ),
    (
        "key-mismatch",
        "SIGNATURE_ALGORITHM_KEY_MISMATCH",
        "An RSA signature algorithm under a P-256 key",
        "the algorithm must fit the issuer's key (RFC 5280 §6.1.3 (a)(1)).",
        der.seq(der.oid("1.2.840.113549.1.1.11"), der.null()),
    ),
    (
        "sm2-under-p256",
        "SIGNATURE_ALGORITHM_KEY_MISMATCH",
        "SM3withSM2 under a P-256 key",
        "SM2 needs the curve 1.2.156.10197.1.301.",
        der.seq(der.oid("1.2.156.10197.1.501"), der.null()),
    ),
    (
        "parameters",
        "SIGNATURE_PARAMETERS_INVALID",
        "ECDSA with parameters",
        "ecdsa-with-SHA256 has none (RFC 5758 §3.2).",
        der.seq(der.oid("1.2.840.10045.4.3.2"), der.null()),
    ),
):
    add(
        case_id,
        title,
        f"leaf* <- CA (P-256) <- [root]: {why}",
        ask(target=claimed(algorithm)),
        refused("SIG_CRYPTO_FAILURE" if reason.endswith("KEY_MISMATCH") else CRYPTO, reason, 0),
    )
add(
    "signature-encoding",
    "An ECDSA signature as r and s side by side",
    "leaf* <- CA (P-256) <- [root]: r || s in the place of the DER SEQUENCE (RFC 3279 §2.2.3), users' "
    "recurring failure with SM2 too.",
    ask(target=small.leaf(leaf_made(shape=x509.Shape(signature=side_by_side)))),
    refused("SIG_CRYPTO_FAILURE", "SIGNATURE_ENCODING_INVALID", 0),
)
_RESTRICTED = PssKey("rsa-leaf-1", "sha512", 64)
add(
    "pss-restriction",
    "A signature that the signer's own key does not allow",
    "leaf (PSS, SHA-256)* <- CA (key for PSS with SHA-512 only) <- [root]: RFC 4055 §3.3.",
    under(_RESTRICTED),
    refused(CRYPTO, "PSS_KEY_RESTRICTION_VIOLATED", 0),
)
add(
    "sm2-user-id",
    "A certificate signed under another user ID",
    "company* <- GD A SM2 <- [TEST ROOTCA SM2]: Z is computed over the user ID (GB/T 32918.2 §5.5), and "
    "the domain fixes which IDs it takes.",
    deviant.ask(
        replace(pki.GD_SM2["a"], key=Sm2("gd-a-sm2", user_id=b"another user ID"))
        .issue("other id", deviant.SUBJECT, deviant.KEY, deviant.without("2.5.29.35"))
        .certificate
    ),
    refused("SIG_CRYPTO_FAILURE", "SIGNATURE_INVALID", 0),
)
