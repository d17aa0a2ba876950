"""Values of the CRL extensions (RFC 5280 §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ca_bridge.core.reasons import format_der
from ca_bridge.core.reasons import format_status as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509 import extension_oids as oids
from ca_bridge.core.x509.distribution_points import decode_distribution_point_name, decode_reason_flags
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import CrlExtensions, Extension, IssuingDistributionPoint
from ca_bridge.core.x509.key_extensions import decode_authority_key_identifier
from ca_bridge.core.x509.name_extensions import (
    decode_access_descriptions,
    decode_alternative_names,
    decode_crl_distribution_points,
)
from ca_bridge.core.x509.names import GeneralName
from ca_bridge.core.x509.structure import read_extensions

_CRL_NUMBER = "2.5.29.20"
_DELTA_CRL_INDICATOR = "2.5.29.27"
_ISSUING_DISTRIBUTION_POINT = "2.5.29.28"
_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
_MAX_NUMBER_OCTETS = 20
MAX_EXTENSIONS = 64
_OWN_FAULTS = frozenset({reasons.CRL_NUMBER_TOO_LONG, reasons.CRL_SCOPE_CONTRADICTION})

_NAME, _USER, _CA, _REASONS, _INDIRECT, _ATTRIBUTE = 0xA0, 0x81, 0x82, 0x83, 0x84, 0x85


def decode_crl_number(buf: bytes, pos: int, end: int, _notes: list[Note]) -> int:
    """Return a CRLNumber or BaseCRLNumber: not negative, at most 20 octets (RFC 5280 §5.2.3, §5.2.4)."""
    start, end = der.expect_whole(buf, pos, end, der.INTEGER)
    number = der.decode_integer(buf, start, end)
    if number < 0 or end - start > _MAX_NUMBER_OCTETS:
        raise Malformed(reasons.CRL_NUMBER_TOO_LONG)
    return number


def decode_issuing_distribution_point(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> IssuingDistributionPoint:
    """Return the scope of the CRL: not empty, at most one kind of certificate (RFC 5280 §5.2.5)."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    if pos == end:
        raise Malformed(reasons.CRL_SCOPE_CONTRADICTION)
    full_name: tuple[GeneralName, ...] = ()
    relative_name: bytes | None = None
    some_reasons: frozenset[str] | None = None
    if der.peek(buf, pos, end) == _NAME:
        start, pos = der.expect(buf, pos, end, _NAME)
        full_name, relative_name = decode_distribution_point_name(buf, start, pos, notes)
    user, pos = _flag(buf, pos, end, _USER)
    ca, pos = _flag(buf, pos, end, _CA)
    if der.peek(buf, pos, end) == _REASONS:
        start, pos = der.expect(buf, pos, end, _REASONS)
        some_reasons = decode_reason_flags(buf, start, pos)
    indirect, pos = _flag(buf, pos, end, _INDIRECT)
    attribute, pos = _flag(buf, pos, end, _ATTRIBUTE)
    der.finish(pos, end)
    if user + ca + attribute > 1:
        raise Malformed(reasons.CRL_SCOPE_CONTRADICTION)
    return IssuingDistributionPoint(full_name, relative_name, user, ca, attribute, some_reasons, indirect)


def _flag(buf: bytes, pos: int, end: int, tag: int) -> tuple[bool, int]:
    """Return a BOOLEAN DEFAULT FALSE with this implicit tag and the position behind; DER leaves FALSE out."""
    if der.peek(buf, pos, end) != tag:
        return False, pos
    start, stop = der.expect(buf, pos, end, tag)
    if not der.decode_boolean(buf, start, stop):
        raise der.malformed(format_der.DER_DEFAULT_ENCODED, pos)
    return True, stop


def decode_expired_certs_on_crl(buf: bytes, pos: int, end: int, _notes: list[Note]) -> datetime:
    """Return since when expired certificates stay on the CRL (X.509 §9.5.2.8); GeneralizedTime."""
    start, stop = der.expect_whole(buf, pos, end, der.GENERALIZED_TIME)
    return der.decode_time(der.GENERALIZED_TIME, buf, start, stop)


_Reader = Callable[[bytes, int, int, list[Note]], Any]

# OID -> (field of CrlExtensions or None = checked and forgotten, reader of extnValue's content).
_READERS: dict[str, tuple[str | None, _Reader]] = {
    _CRL_NUMBER: ("crl_number", decode_crl_number),
    _DELTA_CRL_INDICATOR: ("delta_crl_indicator", decode_crl_number),
    _ISSUING_DISTRIBUTION_POINT: ("issuing_distribution_point", decode_issuing_distribution_point),
    oids.AUTHORITY_KEY_IDENTIFIER: ("authority_key_identifier", decode_authority_key_identifier),
    oids.FRESHEST_CRL: ("freshest_crl", decode_crl_distribution_points),
    oids.ISSUER_ALT_NAME: (None, decode_alternative_names),
    oids.AUTHORITY_INFO_ACCESS: (None, decode_access_descriptions),
    _EXPIRED_CERTS_ON_CRL: (None, decode_expired_certs_on_crl),
}

# What is checked but changes no decision must not be critical: we would claim to obey it.
_PROCESSED = frozenset(_READERS) - {_EXPIRED_CERTS_ON_CRL}


def decode_crl_extensions(buf: bytes, pos: int, end: int, notes: list[Note]) -> CrlExtensions:
    """Return every extension of the Extensions SEQUENCE that fills the range.

    A malformed extension of a known type is an error, critical or not; others are kept raw.
    """
    raw = read_extensions(
        buf,
        pos,
        end,
        notes,
        duplicate=reasons.CRL_EXTENSION_DUPLICATE,
        too_many=Malformed(reasons.CRL_EXTENSIONS_TOO_MANY, maximum=str(MAX_EXTENSIONS)),
        maximum=MAX_EXTENSIONS,
    )
    fields: dict[str, Any] = {}
    for extension in raw:
        field, reader = _READERS.get(extension.oid, (None, None))
        if reader is not None:
            value = _read(reader, extension, notes)
            if field is not None:
                fields[field] = value
    critical = tuple(extension.oid for extension in raw if extension.critical)
    return CrlExtensions(
        raw=raw,
        critical=frozenset(critical),
        unknown_critical=tuple(oid for oid in critical if oid not in _PROCESSED),
        **fields,
    )


def _read(reader: _Reader, extension: Extension, notes: list[Note]) -> Any:
    """Return what ``reader`` reads; a fault that is not a CRL's own is told as one of this extension."""
    try:
        return reader(extension.value, 0, len(extension.value), notes)
    except Malformed as error:
        if error.reason in _OWN_FAULTS:
            raise
        cause = error.reason.code
    raise Malformed(reasons.CRL_EXTENSION_MALFORMED, oid=extension.oid, cause=cause)
