"""OCSP responses from DER (RFC 6960 §4.2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import RevocationStatus
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.core.x509.crl_entry import reason_name
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import Extension
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.ocsp import CertId, OcspResponse, SingleResponse
from ca_bridge.core.x509.structure import read_extensions, told_as

MAX_OCSP_BYTES = 64 * 1024
MAX_RESPONSES = 256
MAX_CERTIFICATES = 32
MAX_EXTENSIONS = 32

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9"
_PROCESSED = frozenset({_NONCE, _EXTENDED_REVOKE})
_PROCESSED_SINGLE = frozenset({_ARCHIVE_CUTOFF})
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
_GOOD, _REVOKED, _UNKNOWN = 0x80, 0xA1, 0x82


@dataclass(frozen=True, slots=True)
class _ResponseData:
    responder_name: Name | None
    responder_key_hash: bytes | None
    produced_at: datetime
    responses: tuple[SingleResponse, ...]
    extensions: tuple[Extension, ...]


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
        signed=SignedBytes(
            data[pos:tbs_end], algorithm, der.decode_octet_aligned(data, signature_start, signature_end)
        ),
        unknown_critical=_unknown_critical(tbs.extensions, _PROCESSED),
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
    with told_as(reasons.OCSP_RESPONDER_ID):
        name, key_hash, pos = _responder_id(data, pos, end)
    with told_as(reasons.OCSP_STRUCTURE, part="producedAt"):
        produced_at, pos = _generalized_time(data, pos, end)
    with told_as(reasons.OCSP_STRUCTURE, part="responses"):
        start, pos = der.expect(data, pos, end, der.SEQUENCE)
        responses: list[SingleResponse] = []
        while start < pos:
            if len(responses) == MAX_RESPONSES:
                raise Malformed(reasons.OCSP_TOO_MANY, part="responses", maximum=str(MAX_RESPONSES))
            single, start = _single_response(data, start, pos)
            responses.append(single)
    with told_as(reasons.OCSP_STRUCTURE, part="responseExtensions"):
        extensions = _extensions(data, pos, end)
    return _ResponseData(name, key_hash, produced_at, tuple(responses), extensions)


def _responder_id(data: bytes, pos: int, end: int) -> tuple[Name | None, bytes | None, int]:
    """Return byName or byKey and the position behind (both tags are explicit)."""
    if der.peek(data, pos, end) == _EXPLICIT_1:
        start, stop = der.expect(data, pos, end, _EXPLICIT_1)
        name, name_end = decode_name(data, start, stop)
        der.finish(name_end, stop)
        return name, None, stop
    start, stop = der.expect(data, pos, end, _EXPLICIT_2)
    start, _end = der.expect_whole(data, start, stop, der.OCTET_STRING)
    return None, data[start:stop], stop


def _single_response(data: bytes, pos: int, end: int) -> tuple[SingleResponse, int]:
    """Return one SingleResponse and the position behind it."""
    pos, end = der.expect(data, pos, end, der.SEQUENCE)
    cert_id, pos = _cert_id(data, pos, end)
    with told_as(reasons.OCSP_CERT_STATUS):
        status, revocation, pos = _cert_status(data, pos, end)
    this_update, pos = _generalized_time(data, pos, end)
    next_update = None
    if der.peek(data, pos, end) == _EXPLICIT_0:
        start, pos = der.expect(data, pos, end, _EXPLICIT_0)
        next_update, start = _generalized_time(data, start, pos)
        der.finish(start, pos)
    extensions = _extensions(data, pos, end)
    return (
        SingleResponse(
            cert_id=cert_id,
            status=status,
            this_update=this_update,
            next_update=next_update,
            revocation_time=revocation[0],
            revocation_reason=revocation[1],
            unknown_critical=_unknown_critical(extensions, _PROCESSED_SINGLE),
        ),
        end,
    )


def _cert_id(data: bytes, pos: int, end: int) -> tuple[CertId, int]:
    """Return the CertID at ``pos`` (RFC 6960 §4.1.1) and the position behind it; any hash algorithm."""
    pos, end = der.expect(data, pos, end, der.SEQUENCE)
    algorithm, pos = decode_algorithm_identifier(data, pos, end)
    name_start, name_end = der.expect(data, pos, end, der.OCTET_STRING)
    key_start, key_end = der.expect(data, name_end, end, der.OCTET_STRING)
    serial_start, serial_end = der.expect_whole(data, key_end, end, der.INTEGER)
    serial_number = der.decode_integer(data, serial_start, serial_end)
    return CertId(algorithm, data[name_start:name_end], data[key_start:key_end], serial_number), end


def _cert_status(
    data: bytes, pos: int, end: int
) -> tuple[RevocationStatus, tuple[datetime | None, str | None], int]:
    """Return CertStatus, (revocationTime, revocationReason) and the position behind."""
    tag, start, stop = der.read_tlv(data, pos, end)
    if tag == _REVOKED:
        return RevocationStatus.REVOKED, _revoked_info(data, start, stop), stop
    if tag not in {_GOOD, _UNKNOWN} or start != stop:
        raise Malformed(reasons.OCSP_CERT_STATUS)
    return RevocationStatus.GOOD if tag == _GOOD else RevocationStatus.UNKNOWN, (None, None), stop


def _revoked_info(data: bytes, pos: int, end: int) -> tuple[datetime, str | None]:
    revocation_time, pos = _generalized_time(data, pos, end)
    if pos == end:
        return revocation_time, None
    start, stop = der.expect_whole(data, pos, end, _EXPLICIT_0)
    reason = reason_name(data, *der.expect_whole(data, start, stop, der.ENUMERATED))
    if reason is None:
        raise Malformed(reasons.OCSP_REVOCATION_REASON)
    return revocation_time, reason


def _extensions(data: bytes, pos: int, end: int) -> tuple[Extension, ...]:
    """Return the extensions of the [1] EXPLICIT field that fills the rest, if any."""
    if pos == end:
        return ()
    start, stop = der.expect_whole(data, pos, end, _EXPLICIT_1)
    return read_extensions(
        data,
        start,
        stop,
        [],
        duplicate=reasons.OCSP_EXTENSION_DUPLICATE,
        too_many=Malformed(reasons.OCSP_TOO_MANY, part="extensions", maximum=str(MAX_EXTENSIONS)),
        maximum=MAX_EXTENSIONS,
    )


def _generalized_time(data: bytes, pos: int, end: int) -> tuple[datetime, int]:
    start, stop = der.expect(data, pos, end, der.GENERALIZED_TIME)
    return der.decode_time(der.GENERALIZED_TIME, data, start, stop), stop


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


def _unknown_critical(extensions: tuple[Extension, ...], processed: frozenset[str]) -> tuple[str, ...]:
    return tuple(e.oid for e in extensions if e.critical and e.oid not in processed)
