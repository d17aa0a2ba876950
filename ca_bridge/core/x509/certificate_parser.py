"""Certificates from DER (RFC 5280 §4.1): strict, bounded, total."""

from __future__ import annotations

from hashlib import sha256

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.algorithm_identifier import (
    decode_algorithm_identifier,
    decode_subject_public_key_info,
)
from ca_bridge.core.x509.certificate import Certificate, SignedBytes
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_parser import NO_EXTENSIONS, decode_certificate_extensions
from ca_bridge.core.x509.extensions import CertificateExtensions
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.private_key import looks_like_private_key
from ca_bridge.core.x509.serial_number import decode_serial_number
from ca_bridge.core.x509.times import read_time

MAX_BYTES = 128 * 1024
_VERSION, _ISSUER_UNIQUE_ID, _SUBJECT_UNIQUE_ID, _EXTENSIONS = 0xA0, 0x81, 0x82, 0xA3
_V1, _V2, _V3 = 1, 2, 3


def parse_certificate(encoded: bytes) -> Certificate:
    """The certificate that ``encoded`` is, byte for byte; Malformed when it is not one.

    Its signature, its validity period and what it may be used for are not judged here.
    """
    if len(encoded) > MAX_BYTES:
        raise Malformed(reasons.CERTIFICATE_TOO_LARGE, max_bytes=str(MAX_BYTES))
    if not encoded or encoded[0] != der.SEQUENCE:
        raise Malformed(reasons.NOT_A_CERTIFICATE)
    try:
        return _certificate(encoded)
    except Malformed:
        if looks_like_private_key(encoded):
            raise Malformed(reasons.PRIVATE_KEY_IN_INPUT) from None
        raise


def _certificate(buf: bytes) -> Certificate:
    """Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }."""
    _, pos, end = der.read_tlv(buf, 0, len(buf))
    if end != len(buf):
        raise Malformed(reasons.CERTIFICATE_TRAILING_BYTES, count=str(len(buf) - end))
    tbs_start, tbs_end = der.expect(buf, pos, end, der.SEQUENCE)
    algorithm, algorithm_end = decode_algorithm_identifier(buf, tbs_end, end)
    start, stop = der.expect_whole(buf, algorithm_end, end, der.BIT_STRING)
    signed = SignedBytes(buf[pos:tbs_end], algorithm, der.decode_octet_aligned(buf, start, stop))
    return _tbs(buf, tbs_start, tbs_end, buf[tbs_end:algorithm_end], signed)


def _tbs(buf: bytes, pos: int, end: int, outer_algorithm: bytes, signed: SignedBytes) -> Certificate:
    """TBSCertificate's content, together with what surrounds it."""
    notes: list[Note] = []
    version, pos = _version(buf, pos, end)
    start, stop = der.expect(buf, pos, end, der.INTEGER)
    serial_number = decode_serial_number(buf, start, stop, notes)
    _, pos = decode_algorithm_identifier(buf, stop, end)
    if buf[stop:pos] != outer_algorithm:
        raise Malformed(reasons.ALGORITHM_MISMATCH)
    issuer, pos = decode_name(buf, pos, end, notes)
    if not issuer.rdns:
        raise Malformed(reasons.NAME_ISSUER_EMPTY)
    start, stop = der.expect(buf, pos, end, der.SEQUENCE)
    not_before, start = read_time(buf, start, stop, notes)
    not_after, start = read_time(buf, start, stop, notes)
    der.finish(start, stop)
    subject, pos = decode_name(buf, stop, end, notes)
    spki, pos = decode_subject_public_key_info(buf, pos, end)
    extensions = _optional_fields(buf, pos, end, version, notes)
    return Certificate(
        der=buf,
        fingerprint=sha256(buf).hexdigest(),
        version=version,
        serial_number=serial_number,
        issuer=issuer,
        subject=subject,
        not_before=not_before,
        not_after=not_after,
        spki=spki,
        extensions=extensions,
        signed=signed,
        self_issued=issuer.normalized == subject.normalized,
        notes=tuple(notes),
    )


def _version(buf: bytes, pos: int, end: int) -> tuple[int, int]:
    """(1, 2 or 3, where the field ends); v1 is the default and must be left out."""
    if der.peek(buf, pos, end) != _VERSION:
        return _V1, pos
    start, stop = der.expect(buf, pos, end, _VERSION)
    start, _ = der.expect_whole(buf, start, stop, der.INTEGER)
    version = der.decode_integer(buf, start, stop) + 1
    if version == _V1:
        raise der.malformed(format_der.DER_DEFAULT_ENCODED, pos)
    if version not in (_V2, _V3):
        raise Malformed(reasons.VERSION_UNKNOWN)
    return version, stop


def _optional_fields(
    buf: bytes, pos: int, end: int, version: int, notes: list[Note]
) -> CertificateExtensions:
    """What follows the key: unique identifiers (read and forgotten) and extensions."""
    for tag in (_ISSUER_UNIQUE_ID, _SUBJECT_UNIQUE_ID):
        if der.peek(buf, pos, end) == tag:
            if version == _V1:
                raise Malformed(reasons.VERSION_WITHOUT_UNIQUE_IDENTIFIERS)
            start, pos = der.expect(buf, pos, end, tag)
            der.decode_bit_string(buf, start, pos)
    if pos == end:
        return NO_EXTENSIONS
    start, stop = der.expect_whole(buf, pos, end, _EXTENSIONS)
    if version != _V3:
        raise Malformed(reasons.VERSION_WITHOUT_EXTENSIONS)
    return decode_certificate_extensions(buf, start, stop, notes)
