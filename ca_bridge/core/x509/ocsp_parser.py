"""OCSP responses from DER (RFC 6960 §4.2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import Extension
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.ocsp import OcspResponse, SingleResponse
from ca_bridge.core.x509.ocsp_single_response import (
    decode_ocsp_extensions,
    decode_single_response,
    unknown_critical_oids,
)
from ca_bridge.core.x509.structure import told_as
from ca_bridge.core.x509.times import read_generalized_time

MAX_OCSP_BYTES = 64 * 1024
MAX_RESPONSES = 256
MAX_CERTIFICATES = 32

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9"
_PROCESSED = frozenset({_NONCE, _EXTENDED_REVOKE})
_MAX_NONCE_OCTETS = 128

_SUCCESSFUL = "successful"
_STATUSES = {
    0: _SUCCESSFUL,
    1: "malformed_request",
    2: "internal_error",
    3: "try_later",
    5: "sig_required",
    6: "unauthorized",
}

_EXPLICIT_0, _EXPLICIT_1, _EXPLICIT_2 = 0xA0, 0xA1, 0xA2


@dataclass(frozen=True, slots=True)
class _ResponseData:
    responder_name: Name | None
    responder_key_hash: bytes | None
    produced_at: datetime
    responses: tuple[SingleResponse, ...]
    extensions: tuple[Extension, ...]
    notes: tuple[Note, ...]


def parse_ocsp_response(data: bytes, *, max_bytes: int = MAX_OCSP_BYTES) -> OcspResponse:
    """Return the response; it is not judged: times, responder and signature are for revocation to check.

    Raises only Malformed.
    """
    if len(data) > max_bytes:
        raise Malformed(reasons.OCSP_TOO_LARGE, max_bytes=str(max_bytes))
    with told_as(reasons.OCSP_STRUCTURE, part="OCSPResponse"):
        start, end = der.expect_whole(data, 0, len(data), der.SEQUENCE)
        status_start, pos = der.expect(data, start, end, der.ENUMERATED)
        status = _STATUSES.get(der.decode_integer(data, status_start, pos))
    if status is None:
        raise Malformed(reasons.OCSP_RESPONSE_STATUS)
    fingerprint = hashlib.sha256(data).hexdigest()
    if status != _SUCCESSFUL:
        if pos != end:
            raise Malformed(reasons.OCSP_RESPONSE_BYTES_UNEXPECTED)
        return OcspResponse(der=data, fingerprint=fingerprint, response_status=status)
    if pos == end:
        raise Malformed(reasons.OCSP_RESPONSE_BYTES_MISSING)
    with told_as(reasons.OCSP_STRUCTURE, part="responseBytes"):
        basic = _response_bytes(data, pos, end)
    return _basic_response(data, basic, fingerprint)


def _response_bytes(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Return the content range of BasicOCSPResponse."""
    start, end = der.expect_whole(data, pos, end, _EXPLICIT_0)
    start, end = der.expect_whole(data, start, end, der.SEQUENCE)
    type_start, type_end = der.expect(data, start, end, der.OID)
    oid = der.decode_oid(data, type_start, type_end)
    if oid != _BASIC:
        raise Malformed(reasons.OCSP_RESPONSE_TYPE, oid=oid)
    start, end = der.expect_whole(data, type_end, end, der.OCTET_STRING)
    return der.expect_whole(data, start, end, der.SEQUENCE)


def _basic_response(data: bytes, basic: tuple[int, int], fingerprint: str) -> OcspResponse:
    pos, end = basic
    with told_as(reasons.OCSP_STRUCTURE, part="BasicOCSPResponse"):
        tbs_start, tbs_end = der.expect(data, pos, end, der.SEQUENCE)
        algorithm, after = decode_algorithm_identifier(data, tbs_end, end)
        signature_start, signature_end = der.expect(data, after, end, der.BIT_STRING)
        unused, octets = der.decode_bit_string(data, signature_start, signature_end)
        certificates = _certificates(data, signature_end, end)
    tbs = _response_data(data, tbs_start, tbs_end)
    return OcspResponse(
        der=data,
        fingerprint=fingerprint,
        response_status=_SUCCESSFUL,
        responder_name=tbs.responder_name,
        responder_key_hash=tbs.responder_key_hash,
        produced_at=tbs.produced_at,
        responses=tbs.responses,
        nonce=_nonce(tbs.extensions),
        certificates=certificates,
        # A signature that is not whole octets is none; kept empty, it verifies under no key.
        signed=SignedBytes(data[pos:tbs_end], algorithm, b"" if unused else octets),
        unknown_critical=unknown_critical_oids(tbs.extensions, _PROCESSED),
        notes=tbs.notes,
    )


def _certificates(data: bytes, pos: int, end: int) -> tuple[bytes, ...]:
    """Return the DER of each element of certs; they are parsed where they are used."""
    if pos == end:
        return ()
    start, end = der.expect_whole(data, pos, end, _EXPLICIT_0)
    start, end = der.expect_whole(data, start, end, der.SEQUENCE)
    found: list[bytes] = []
    for at, _tag, _start, stop in der.children(data, start, end):
        der.expect(data, at, end, der.SEQUENCE)
        if len(found) == MAX_CERTIFICATES:
            raise Malformed(reasons.OCSP_TOO_MANY, part="certs", maximum=str(MAX_CERTIFICATES))
        found.append(data[at:stop])
    return tuple(found)


def _response_data(data: bytes, pos: int, end: int) -> _ResponseData:
    if der.peek(data, pos, end) == _EXPLICIT_0:
        raise Malformed(reasons.OCSP_VERSION)
    notes: list[Note] = []
    with told_as(reasons.OCSP_RESPONDER_ID):
        name, key_hash, pos = _responder_id(data, pos, end, notes)
    with told_as(reasons.OCSP_STRUCTURE, part="producedAt"):
        produced_at, pos = read_generalized_time(data, pos, end)
    with told_as(reasons.OCSP_STRUCTURE, part="responses"):
        start, pos = der.expect(data, pos, end, der.SEQUENCE)
        responses: list[SingleResponse] = []
        while start < pos:
            if len(responses) == MAX_RESPONSES:
                raise Malformed(reasons.OCSP_TOO_MANY, part="responses", maximum=str(MAX_RESPONSES))
            single, start = decode_single_response(data, start, pos, notes)
            responses.append(single)
    with told_as(reasons.OCSP_STRUCTURE, part="responseExtensions"):
        extensions = decode_ocsp_extensions(data, pos, end, notes)
    return _ResponseData(
        name, key_hash, produced_at, tuple(responses), extensions, tuple(dict.fromkeys(notes))
    )


def _responder_id(
    data: bytes, pos: int, end: int, notes: list[Note]
) -> tuple[Name | None, bytes | None, int]:
    """Return byName or byKey and the position behind (both tags are explicit)."""
    if der.peek(data, pos, end) == _EXPLICIT_1:
        start, stop = der.expect(data, pos, end, _EXPLICIT_1)
        name, name_end = decode_name(data, start, stop, notes)
        der.finish(name_end, stop)
        return name, None, stop
    start, stop = der.expect(data, pos, end, _EXPLICIT_2)
    start, _end = der.expect_whole(data, start, stop, der.OCTET_STRING)
    return None, data[start:stop], stop


def _nonce(extensions: tuple[Extension, ...]) -> bytes | None:
    """Return the octets of the nonce (RFC 9654 §2.1); None = absent."""
    value = next((extension.value for extension in extensions if extension.oid == _NONCE), None)
    if value is None:
        return None
    with told_as(reasons.OCSP_NONCE):
        start, end = der.expect_whole(value, 0, len(value), der.OCTET_STRING)
    if not 1 <= end - start <= _MAX_NONCE_OCTETS:
        raise Malformed(reasons.OCSP_NONCE)
    return value[start:end]
