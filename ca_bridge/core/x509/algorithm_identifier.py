"""AlgorithmIdentifier and SubjectPublicKeyInfo from DER (RFC 5280 §4.1.1.2, §4.1.2.7)."""

from __future__ import annotations

from ca_bridge.core.x509 import der
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SubjectPublicKeyInfo
from ca_bridge.core.x509.der_any import read_any


def decode_algorithm_identifier(buf: bytes, pos: int, end: int) -> tuple[AlgorithmIdentifier, int]:
    """(the AlgorithmIdentifier at ``pos``, where it ends); parameters well-formed, unread."""
    start, stop = der.expect(buf, pos, end, der.SEQUENCE)
    oid_start, oid_end = der.expect(buf, start, stop, der.OID)
    oid = der.decode_oid(buf, oid_start, oid_end)
    if oid_end == stop:
        return AlgorithmIdentifier(oid, None), stop
    der.finish(read_any(buf, oid_end, stop), stop)
    return AlgorithmIdentifier(oid, buf[oid_end:stop]), stop


def decode_subject_public_key_info(buf: bytes, pos: int, end: int) -> tuple[SubjectPublicKeyInfo, int]:
    """(the SubjectPublicKeyInfo at ``pos``, where it ends); the key itself is not judged."""
    start, stop = der.expect(buf, pos, end, der.SEQUENCE)
    algorithm, key_pos = decode_algorithm_identifier(buf, start, stop)
    key_start, key_end = der.expect_whole(buf, key_pos, stop, der.BIT_STRING)
    key = der.decode_octet_aligned(buf, key_start, key_end)
    return SubjectPublicKeyInfo(buf[pos:stop], algorithm, key), stop
