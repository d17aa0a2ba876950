"""The texts and octets that signatures come in, each in its one form."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_HASH = re.compile(r"[0-9a-f]{64}")
_SCALAR_BYTES = 32


def base64_octets(text: str) -> bytes | None:
    """The octets of base64 with its padding (RFC 4648 §4), if ``text`` is their one encoding."""
    try:
        octets = b64decode(text, validate=True)
    except (Error, ValueError):
        return None
    return octets if b64encode(octets).decode("ascii") == text else None


def base64url_octets(text: str) -> bytes | None:
    """The octets of base64url without padding (RFC 7515 §2), if ``text`` is their one encoding."""
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return None
    return octets if base64url(octets) == text else None


def base64url(octets: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def hash_octets(text: str) -> bytes | None:
    """The 32 octets of 64 lower-case hexadecimal digits."""
    return bytes.fromhex(text) if _HASH.fullmatch(text) else None


def der_of_pair(octets: bytes) -> bytes | None:
    """SEQUENCE {r, s} of r || s, 32 octets each (RFC 7518 §3.4); None for another length."""
    if len(octets) != 2 * _SCALAR_BYTES:
        return None
    r, s = octets[:_SCALAR_BYTES], octets[_SCALAR_BYTES:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def pair_of_der(der: bytes) -> bytes:
    """The octets r || s, 32 each, of a signature in DER that was made with a curve of 256 bits."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_SCALAR_BYTES, "big") + s.to_bytes(_SCALAR_BYTES, "big")
