"""PKCS#10 certification requests from DER (RFC 2986): strict, bounded, total."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.x509 import der
from ca_bridge.core.x509 import extension_oids as oids
from ca_bridge.core.x509.algorithm_identifier import (
    decode_algorithm_identifier,
    decode_subject_public_key_info,
)
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo
from ca_bridge.core.x509.der_any import read_any
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_list import decode_extension_list
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import Name

MAX_BYTES = 128 * 1024
_ATTRIBUTES = 0xA0
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationRequest:
    """A request, its signature not judged here.

    Of the attributes only the subject key identifier asked for is kept: what else a certificate says is the
    issuer's to decide. None = none asked for.
    """

    der: bytes
    subject: Name
    spki: SubjectPublicKeyInfo
    signed: SignedBytes
    subject_key_identifier: bytes | None


def parse_certification_request(encoded: bytes) -> CertificationRequest:
    """The request that ``encoded`` is, byte for byte; Malformed when it is not one."""
    if len(encoded) > MAX_BYTES:
        raise Malformed(reasons.CERTIFICATE_TOO_LARGE, max_bytes=str(MAX_BYTES))
    pos, end = der.expect_whole(encoded, 0, len(encoded), der.SEQUENCE)
    info_start, info_end = der.expect(encoded, pos, end, der.SEQUENCE)
    algorithm, algorithm_end = decode_algorithm_identifier(encoded, info_end, end)
    start, stop = der.expect_whole(encoded, algorithm_end, end, der.BIT_STRING)
    signature = der.decode_octet_aligned(encoded, start, stop)
    start, stop = der.expect(encoded, info_start, info_end, der.INTEGER)
    if der.decode_integer(encoded, start, stop) != 0:
        raise Malformed(reasons.VERSION_UNKNOWN)
    subject, at = decode_name(encoded, stop, info_end, [])
    spki, at = decode_subject_public_key_info(encoded, at, info_end)
    start, stop = der.expect_whole(encoded, at, info_end, _ATTRIBUTES)
    return CertificationRequest(
        der=encoded,
        subject=subject,
        spki=spki,
        signed=SignedBytes(encoded[pos:info_end], algorithm, signature),
        subject_key_identifier=_asked_identifier(encoded, start, stop),
    )


def _asked_identifier(buf: bytes, pos: int, end: int) -> bytes | None:
    """The subject key identifier in the extensionRequest among the attributes; None = none."""
    found: bytes | None = None
    while pos < end:
        start, stop = der.expect(buf, pos, end, der.SEQUENCE)
        oid_start, oid_end = der.expect(buf, start, stop, der.OID)
        values = der.expect_whole(buf, oid_end, stop, der.SET)
        if der.decode_oid(buf, oid_start, oid_end) == _EXTENSION_REQUEST:
            found = _identifier_of(buf, *values)
        pos = read_any(buf, pos, end)
    return found


def _identifier_of(buf: bytes, pos: int, end: int) -> bytes | None:
    for oid, _, start, stop in decode_extension_list(buf, pos, end, []):
        if oid == oids.SUBJECT_KEY_IDENTIFIER:
            return buf[slice(*der.expect_whole(buf, start, stop, der.OCTET_STRING))]
    return None
