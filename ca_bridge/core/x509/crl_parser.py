"""Certificate revocation lists from DER (RFC 5280 §5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.crl_extensions import decode_crl_extensions
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import CrlExtensions
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.revoked_index import RevokedList, empty_revoked, index_revoked
from ca_bridge.core.x509.structure import told_as
from ca_bridge.core.x509.times import read_time

CRL_REVOKED_CERTIFICATES_EMPTY = "CRL_REVOKED_CERTIFICATES_EMPTY"
CRL_CERTIFICATE_ISSUER_NOT_INDIRECT = "CRL_CERTIFICATE_ISSUER_NOT_INDIRECT"

MAX_CRL_BYTES = 64 * 1024 * 1024
"""A million entries take some 45 MB and 2 s of CPU to check and index; its offsets hold 4 GiB."""

_V1, _V2 = 1, 2
_ENCODED_V2 = 1
_EXPLICIT_0 = 0xA0
_TIMES = frozenset({der.UTC_TIME, der.GENERALIZED_TIME})


@dataclass(frozen=True, slots=True)
class _TbsCertList:
    version: int
    algorithm: bytes
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    revoked: RevokedList
    extensions: CrlExtensions
    notes: tuple[Note, ...]


def parse_crl(data: bytes, *, max_bytes: int = MAX_CRL_BYTES) -> CertificateList:
    """Return the CRL, every entry checked and indexed; whether to believe it is for revocation to judge.

    ``has_unknown_critical_entry`` is also set when an entry names a certificate issuer although the
    CRL is not indirect: such a list can say revoked, never good. Raises only Malformed.
    """
    if len(data) > max_bytes:
        raise Malformed(reasons.CRL_TOO_LARGE, max_bytes=str(max_bytes))
    with told_as(reasons.CRL_STRUCTURE, part="CertificateList"):
        start, end = der.expect_whole(data, 0, len(data), der.SEQUENCE)
        tbs_start, tbs_end = der.expect(data, start, end, der.SEQUENCE)
        algorithm, after = decode_algorithm_identifier(data, tbs_end, end)
        signature_start, signature_end = der.expect_whole(data, after, end, der.BIT_STRING)
        unused, octets = der.decode_bit_string(data, signature_start, signature_end)
    # A signature that is not whole octets is none; kept empty, it verifies under no key.
    signature = b"" if unused else octets
    tbs = _tbs(data, tbs_start, tbs_end)
    if tbs.algorithm != data[tbs_end:after]:
        raise Malformed(reasons.CRL_SIGNATURE_ALGORITHM_MISMATCH)
    return _certificate_list(data, tbs, SignedBytes(data[start:tbs_end], algorithm, signature))


def _certificate_list(data: bytes, tbs: _TbsCertList, signed: SignedBytes) -> CertificateList:
    point = tbs.extensions.issuing_distribution_point
    astray = bool(tbs.revoked.issuer_offsets) and not (point is not None and point.indirect_crl)
    astray_notes = (Note(code=CRL_CERTIFICATE_ISSUER_NOT_INDIRECT),) if astray else ()
    return CertificateList(
        der=data,
        fingerprint=hashlib.sha256(data).hexdigest(),
        version=tbs.version,
        issuer=tbs.issuer,
        this_update=tbs.this_update,
        next_update=tbs.next_update,
        extensions=tbs.extensions,
        revoked=tbs.revoked,
        signed=signed,
        has_unknown_critical_entry=tbs.revoked.has_unknown_critical_entry or astray,
        notes=tuple(dict.fromkeys((*tbs.notes, *tbs.revoked.notes, *astray_notes))),
    )


def _tbs(data: bytes, pos: int, end: int) -> _TbsCertList:
    """Return TBSCertList from its content (RFC 5280 §5.1.2)."""
    version, pos = _version(data, pos, end)
    notes: list[Note] = []
    with told_as(reasons.CRL_STRUCTURE, part="signature"):
        _algorithm, after = decode_algorithm_identifier(data, pos, end)
    with told_as(reasons.CRL_STRUCTURE, part="issuer"):
        issuer, time_at = decode_name(data, after, end, notes)
    if not issuer.rdns:
        raise Malformed(reasons.CRL_STRUCTURE, part="issuer")
    with told_as(reasons.CRL_STRUCTURE, part="thisUpdate"):
        this_update, next_at = read_time(data, time_at, end, notes)
    next_update = None
    if der.peek(data, next_at, end) in _TIMES:
        with told_as(reasons.CRL_STRUCTURE, part="nextUpdate"):
            next_update, next_at = read_time(data, next_at, end, notes)
    with told_as(reasons.CRL_STRUCTURE, part="revokedCertificates"):
        revoked, extensions_at = _revoked(data, next_at, end, issuer, notes)
    extensions = _extensions(data, extensions_at, end, version, notes)
    return _TbsCertList(
        version, data[pos:after], issuer, this_update, next_update, revoked, extensions, tuple(notes)
    )


def _version(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Return 1 (absent) or 2, and the position behind (RFC 5280 §5.1.2.1)."""
    if der.peek(data, pos, end) != der.INTEGER:
        return _V1, pos
    with told_as(reasons.CRL_STRUCTURE, part="version"):
        start, stop = der.expect(data, pos, end, der.INTEGER)
    if der.decode_integer(data, start, stop) != _ENCODED_V2:
        raise Malformed(reasons.CRL_VERSION)
    return _V2, stop


def _revoked(data: bytes, pos: int, end: int, issuer: Name, notes: list[Note]) -> tuple[RevokedList, int]:
    """Return the index of revokedCertificates, absent or not, and the position behind it.

    RFC 5280 §5.1.2.6 leaves the field out of a CRL without entries; some CAs send it empty.
    """
    if der.peek(data, pos, end) != der.SEQUENCE:
        return empty_revoked(issuer), pos
    start, stop = der.expect(data, pos, end, der.SEQUENCE)
    if start == stop:
        notes.append(Note(code=CRL_REVOKED_CERTIFICATES_EMPTY))
    return index_revoked(data, start, stop, issuer), stop


def _extensions(data: bytes, pos: int, end: int, version: int, notes: list[Note]) -> CrlExtensions:
    if pos == end:
        return CrlExtensions()
    with told_as(reasons.CRL_STRUCTURE, part="crlExtensions"):
        start, stop = der.expect_whole(data, pos, end, _EXPLICIT_0)
        if version != _V2:
            raise Malformed(reasons.CRL_EXTENSION_IN_V1)
        return decode_crl_extensions(data, start, stop, notes)
