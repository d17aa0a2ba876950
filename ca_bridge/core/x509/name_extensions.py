"""Extensions made of names and places from DER: RFC 5280 §4.2.1.6-8, §4.2.1.10, §4.2.1.13, §4.2.2."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.der_any import read_any
from ca_bridge.core.x509.distribution_points import decode_distribution_points
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_oids import (
    AUTHORITY_INFO_ACCESS,
    CRL_DISTRIBUTION_POINTS,
    FRESHEST_CRL,
    NAME_CONSTRAINTS,
    SUBJECT_DIRECTORY_ATTRIBUTES,
    SUBJECT_INFO_ACCESS,
)
from ca_bridge.core.x509.extensions import AccessDescription, DistributionPoint, NameConstraints
from ca_bridge.core.x509.general_names import (
    MAX_ALTERNATIVE_NAMES,
    decode_general_name,
    decode_general_names,
    decode_subtree_base,
)
from ca_bridge.core.x509.names import GeneralName

MAX_DESCRIPTIONS = 256
_PERMITTED, _EXCLUDED = 0xA0, 0xA1
_MINIMUM, _MAXIMUM = 0x80, 0x81


def decode_alternative_names(buf: bytes, pos: int, end: int, notes: list[Note]) -> tuple[GeneralName, ...]:
    """The subjectAltName or issuerAltName: at least one name."""
    start, stop = der.expect_whole(buf, pos, end, der.SEQUENCE)
    return decode_general_names(buf, start, stop, notes, MAX_ALTERNATIVE_NAMES)


def decode_name_constraints(buf: bytes, pos: int, end: int, notes: list[Note]) -> NameConstraints:
    """The nameConstraints: at least one list of subtrees, neither list empty."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    if pos == end:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=NAME_CONSTRAINTS)
    permitted: tuple[GeneralName, ...] = ()
    excluded: tuple[GeneralName, ...] = ()
    if der.peek(buf, pos, end) == _PERMITTED:
        start, pos = der.expect(buf, pos, end, _PERMITTED)
        permitted = _subtrees(buf, start, pos, notes)
    if pos != end:
        start, pos = der.expect_whole(buf, pos, end, _EXCLUDED)
        excluded = _subtrees(buf, start, pos, notes)
    return NameConstraints(permitted, excluded)


def _subtrees(buf: bytes, pos: int, end: int, notes: list[Note]) -> tuple[GeneralName, ...]:
    """Bases of a GeneralSubtrees' content; minimum 0 must be left out (X.690 §11.5)."""
    bases: list[GeneralName] = []
    while pos < end:
        content, stop = der.expect(buf, pos, end, der.SEQUENCE)
        tag, start, base_end = der.read_tlv(buf, content, stop)
        bases.append(decode_subtree_base(buf, tag, content, start, base_end, notes))
        if base_end != stop:
            _refuse_range(buf, base_end, stop)
        pos = stop
    if not bases:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=NAME_CONSTRAINTS)
    return tuple(bases)


def _refuse_range(buf: bytes, pos: int, end: int) -> None:
    """Say what is wrong with whatever follows the base of a subtree."""
    tag, start, stop = der.read_tlv(buf, pos, end)
    if tag not in (_MINIMUM, _MAXIMUM):
        raise der.malformed(format_der.DER_TAG_UNEXPECTED, pos)
    if tag == _MINIMUM and der.decode_integer(buf, start, stop) == 0:
        raise der.malformed(format_der.DER_DEFAULT_ENCODED, pos)
    raise Malformed(reasons.NAME_CONSTRAINT_RANGE)


def decode_crl_distribution_points(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> tuple[DistributionPoint, ...]:
    """The cRLDistributionPoints: at least one point."""
    return _points(buf, pos, end, notes, CRL_DISTRIBUTION_POINTS)


def decode_freshest_crl(buf: bytes, pos: int, end: int, notes: list[Note]) -> tuple[DistributionPoint, ...]:
    """The freshestCRL: at least one point."""
    return _points(buf, pos, end, notes, FRESHEST_CRL)


def _points(buf: bytes, pos: int, end: int, notes: list[Note], oid: str) -> tuple[DistributionPoint, ...]:
    """The points of extension ``oid``."""
    start, stop = der.expect_whole(buf, pos, end, der.SEQUENCE)
    points = decode_distribution_points(buf, start, stop, notes)
    if not points:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=oid)
    return points


def decode_access_descriptions(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> tuple[AccessDescription, ...]:
    """The authorityInfoAccess: at least one description."""
    return _descriptions(buf, pos, end, notes, AUTHORITY_INFO_ACCESS)


def decode_subject_info_access(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> tuple[AccessDescription, ...]:
    """The subjectInfoAccess: at least one description."""
    return _descriptions(buf, pos, end, notes, SUBJECT_INFO_ACCESS)


def _descriptions(
    buf: bytes, pos: int, end: int, notes: list[Note], oid: str
) -> tuple[AccessDescription, ...]:
    """The access descriptions of extension ``oid``."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    descriptions: list[AccessDescription] = []
    while pos < end:
        if len(descriptions) == MAX_DESCRIPTIONS:
            raise Malformed(reasons.EXTENSION_TOO_MANY_VALUES, oid=oid, max_values=str(MAX_DESCRIPTIONS))
        content, description_end = der.expect(buf, pos, end, der.SEQUENCE)
        start, stop = der.expect(buf, content, description_end, der.OID)
        tag, name_start, name_end = der.read_tlv(buf, stop, description_end)
        der.finish(name_end, description_end)
        location = decode_general_name(buf, tag, stop, name_start, name_end, notes)
        descriptions.append(AccessDescription(der.decode_oid(buf, start, stop), location))
        pos = description_end
    if not descriptions:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=oid)
    return tuple(descriptions)


def decode_subject_directory_attributes(buf: bytes, pos: int, end: int, _notes: list[Note]) -> bytes:
    """The subjectDirectoryAttributes: its DER, not empty, unread."""
    start, _ = der.expect_whole(buf, pos, end, der.SEQUENCE)
    if start == end:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=SUBJECT_DIRECTORY_ATTRIBUTES)
    read_any(buf, pos, end)
    return buf[pos:end]


def decode_flag(buf: bytes, pos: int, end: int, _notes: list[Note]) -> bool:
    """An extension whose presence says everything: id-pkix-ocsp-nocheck, noRevAvail. NULL inside."""
    der.decode_null(*der.expect_whole(buf, pos, end, der.NULL))
    return True
