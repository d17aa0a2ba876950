"""One SingleResponse of an OCSP response from DER (RFC 6960 §4.2.1)."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import Note, RevocationStatus
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.crl_entry import reason_name
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import Extension
from ca_bridge.core.x509.ocsp import CertId, SingleResponse
from ca_bridge.core.x509.structure import read_extensions, told_as
from ca_bridge.core.x509.times import read_generalized_time

MAX_EXTENSIONS = 32

_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_PROCESSED = frozenset({_ARCHIVE_CUTOFF})

_NULL = b"\x05\x00"
_EXPLICIT_0, _EXPLICIT_1 = 0xA0, 0xA1
_GOOD, _REVOKED, _UNKNOWN = 0x80, 0xA1, 0x82


def decode_single_response(data: bytes, pos: int, end: int, notes: list[Note]) -> tuple[SingleResponse, int]:
    """Return one SingleResponse and the position behind it."""
    pos, end = der.expect(data, pos, end, der.SEQUENCE)
    cert_id, pos = _cert_id(data, pos, end)
    with told_as(reasons.OCSP_CERT_STATUS):
        status, revocation, pos = _cert_status(data, pos, end)
    this_update, pos = read_generalized_time(data, pos, end)
    next_update = None
    if der.peek(data, pos, end) == _EXPLICIT_0:
        start, pos = der.expect(data, pos, end, _EXPLICIT_0)
        next_update, start = read_generalized_time(data, start, pos)
        der.finish(start, pos)
    extensions = decode_ocsp_extensions(data, pos, end, notes)
    return (
        SingleResponse(
            cert_id=cert_id,
            status=status,
            this_update=this_update,
            next_update=next_update,
            revocation_time=revocation[0],
            revocation_reason=revocation[1],
            unknown_critical=unknown_critical_oids(extensions, _PROCESSED),
        ),
        end,
    )


def _cert_id(data: bytes, pos: int, end: int) -> tuple[CertId, int]:
    """Return the CertID at ``pos`` (RFC 6960 §4.1.1) and the position behind it.

    Any hash algorithm will do; its parameters are absent or NULL (RFC 5754 §2).
    """
    pos, end = der.expect(data, pos, end, der.SEQUENCE)
    algorithm, pos = decode_algorithm_identifier(data, pos, end)
    if algorithm.parameters not in {None, _NULL}:
        raise Malformed(reasons.OCSP_STRUCTURE, part="hashAlgorithm")
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
    revocation_time, pos = read_generalized_time(data, pos, end)
    if pos == end:
        return revocation_time, None
    start, stop = der.expect_whole(data, pos, end, _EXPLICIT_0)
    reason = reason_name(data, *der.expect_whole(data, start, stop, der.ENUMERATED))
    if reason is None:
        raise Malformed(reasons.OCSP_REVOCATION_REASON)
    return revocation_time, reason


def decode_ocsp_extensions(data: bytes, pos: int, end: int, notes: list[Note]) -> tuple[Extension, ...]:
    """Return the extensions of the [1] EXPLICIT field that fills the rest, if any."""
    if pos == end:
        return ()
    start, stop = der.expect_whole(data, pos, end, _EXPLICIT_1)
    return read_extensions(
        data,
        start,
        stop,
        notes,
        duplicate=reasons.OCSP_EXTENSION_DUPLICATE,
        too_many=Malformed(reasons.OCSP_TOO_MANY, part="extensions", maximum=str(MAX_EXTENSIONS)),
        maximum=MAX_EXTENSIONS,
    )


def unknown_critical_oids(extensions: tuple[Extension, ...], processed: frozenset[str]) -> tuple[str, ...]:
    """Return the critical ones that are not ``processed``."""
    return tuple(e.oid for e in extensions if e.critical and e.oid not in processed)
