"""What pins and blocks know keys and certificates by: one hash for one key, every hash of one certificate."""

from __future__ import annotations

from hashlib import sha256

from ca_bridge.core.algorithms.encodings import signature_pair
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.der import read_tlv

_RSASSA_PSS = "1.2.840.113549.1.1.10"
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
_SEQUENCE, _BIT_STRING, _NO_UNUSED_BITS = 0x30, 0x03, b"\x00"
_SHORT_FORM = 0x80
_INTEGER = 0x02
_ECDSA = "1.2.840.10045.4."
_ECDSA_ORDERS = (
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
)
"""Orders of the base points of P-256, P-384 and P-521 (FIPS 186-4 D.1.2)."""


def key_hash(certificate: Certificate) -> str:
    """SHA-256, lower-case hex, of the certificate's SubjectPublicKeyInfo.

    An RSA key certified for RSASSA-PSS only (RFC 4055 §3.1) has the hash of the same key under
    rsaEncryption: a blocked key is not freed by certifying it again under the other name.
    """
    spki = certificate.spki
    if spki.algorithm.oid != _RSASSA_PSS:
        return sha256(spki.der).hexdigest()
    key = _tlv(_BIT_STRING, _NO_UNUSED_BITS + spki.key)
    return sha256(_tlv(_SEQUENCE, _RSA_ENCRYPTION + key)).hexdigest()


def certificate_hashes(certificate: Certificate) -> tuple[str, ...]:
    """SHA-256, lower-case hex, of every form in which anybody can write this certificate, its own first.

    An ECDSA signature (r, s) is one with (r, n - s) too, and the holder needs no key to write that: a blocked
    certificate is not freed by it.
    """
    if not certificate.signed.algorithm.oid.startswith(_ECDSA):
        return (certificate.fingerprint,)
    pairs = ((order, signature_pair(certificate.signed.signature, order)) for order in _ECDSA_ORDERS)
    twins = (
        _with_signature(certificate, pair[0], order - pair[1]) for order, pair in pairs if pair is not None
    )
    return (certificate.fingerprint, *(sha256(der).hexdigest() for der in twins))


def _with_signature(certificate: Certificate, r: int, s: int) -> bytes:
    der = certificate.der
    _, start, end = read_tlv(der, 0, len(der))
    _, _, stop = read_tlv(der, start + len(certificate.signed.tbs), end)
    value = _tlv(_SEQUENCE, _integer(r) + _integer(s))
    return _tlv(_SEQUENCE, der[start:stop] + _tlv(_BIT_STRING, _NO_UNUSED_BITS + value))


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tlv(tag: int, content: bytes) -> bytes:
    """DER of one value (X.690 §8.1)."""
    length = len(content)
    if length < _SHORT_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_FORM | len(octets))) + octets + content
