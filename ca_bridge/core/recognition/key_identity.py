"""A key's identity for pins and blocks: one hash for one key, whatever algorithm it is certified under."""

from __future__ import annotations

from hashlib import sha256

from ca_bridge.core.x509.certificate import Certificate

_RSASSA_PSS = "1.2.840.113549.1.1.10"
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
_SEQUENCE, _BIT_STRING, _NO_UNUSED_BITS = 0x30, 0x03, b"\x00"
_SHORT_FORM = 0x80


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


def _tlv(tag: int, content: bytes) -> bytes:
    """DER of one value (X.690 §8.1)."""
    length = len(content)
    if length < _SHORT_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_FORM | len(octets))) + octets + content
