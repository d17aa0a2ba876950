"""Tells private keys by their shape, so that they are refused and never read."""

from __future__ import annotations

from ca_bridge.core.x509 import der
from ca_bridge.core.x509.errors import Malformed

# Tags inside the outer SEQUENCE, after which nothing more needs to be known:
_SHAPES = (
    (der.INTEGER, der.SEQUENCE, der.OCTET_STRING),  # PrivateKeyInfo, RFC 5958 §2
    (der.INTEGER, der.INTEGER, der.INTEGER, der.INTEGER, der.INTEGER, der.INTEGER),  # RSA, DSA
    (der.INTEGER, der.OCTET_STRING),  # ECPrivateKey, RFC 5915 §3
)
_ENCRYPTED = [der.SEQUENCE, der.OCTET_STRING]  # EncryptedPrivateKeyInfo, RFC 5958 §3: no more inside
_PKCS12_VERSION = 3
_LONGEST = max(map(len, _SHAPES))


def looks_like_private_key(encoded: bytes) -> bool:
    """Whether the bytes have the outline of a private key, or of a PKCS#12 file, which holds one."""
    try:
        start, end = der.expect(encoded, 0, len(encoded), der.SEQUENCE)
        tags: list[int] = []
        version = -1
        pos = start
        while pos < end and len(tags) < _LONGEST:
            tag, content, pos = der.read_tlv(encoded, pos, end)
            if not tags and tag == der.INTEGER:
                version = der.decode_integer(encoded, content, pos)
            tags.append(tag)
    except Malformed:
        return False
    if version == _PKCS12_VERSION and tags[1:2] == [der.SEQUENCE]:
        return True
    return tags == _ENCRYPTED or any(tuple(tags[: len(shape)]) == shape for shape in _SHAPES)
