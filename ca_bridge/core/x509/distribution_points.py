"""DistributionPoint and its parts (RFC 5280 §4.2.1.13), shared by certificates and CRLs."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import DistributionPoint
from ca_bridge.core.x509.general_names import decode_general_names
from ca_bridge.core.x509.name_parser import decode_rdn
from ca_bridge.core.x509.names import GeneralName

MAX_POINTS = 256
_NAME, _REASONS, _CRL_ISSUER = 0xA0, 0x81, 0xA2
_FULL_NAME, _RELATIVE_NAME = 0xA0, 0xA1

# ReasonFlags in bit order from bit 1; bit 0 is unused, and set in real and published CRLs.
_FLAGS = (
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "privilege_withdrawn",
    "aa_compromise",
)


def decode_distribution_points(
    buf: bytes, start: int, end: int, notes: list[Note]
) -> tuple[DistributionPoint, ...]:
    """The points of a CRLDistributionPoints' content; may be empty, which the caller refuses."""
    points: list[DistributionPoint] = []
    while start < end:
        if len(points) == MAX_POINTS:
            raise Malformed(reasons.DISTRIBUTION_POINTS_TOO_MANY, max_points=str(MAX_POINTS))
        content, stop = der.expect(buf, start, end, der.SEQUENCE)
        points.append(_distribution_point(buf, content, stop, notes))
        start = stop
    return tuple(points)


def _distribution_point(buf: bytes, pos: int, end: int, notes: list[Note]) -> DistributionPoint:
    """One point; it has a name or a CRL issuer, or both."""
    full_name: tuple[GeneralName, ...] = ()
    crl_issuer: tuple[GeneralName, ...] = ()
    relative_name: bytes | None = None
    flags: frozenset[str] | None = None
    if der.peek(buf, pos, end) == _NAME:
        start, pos = der.expect(buf, pos, end, _NAME)
        full_name, relative_name = decode_distribution_point_name(buf, start, pos, notes)
    if der.peek(buf, pos, end) == _REASONS:
        start, pos = der.expect(buf, pos, end, _REASONS)
        flags = decode_reason_flags(buf, start, pos)
    if der.peek(buf, pos, end) == _CRL_ISSUER:
        start, pos = der.expect(buf, pos, end, _CRL_ISSUER)
        crl_issuer = decode_general_names(buf, start, pos, notes)
    der.finish(pos, end)
    if not (full_name or relative_name or crl_issuer):
        raise Malformed(reasons.DISTRIBUTION_POINT_EMPTY)
    return DistributionPoint(full_name, relative_name, flags, crl_issuer)


def decode_distribution_point_name(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> tuple[tuple[GeneralName, ...], bytes | None]:
    """(full name, comparison form of the relative name): one of the two, the other empty or None."""
    tag, start, stop = der.read_tlv(buf, pos, end)
    der.finish(stop, end)
    if tag == _FULL_NAME:
        return decode_general_names(buf, start, stop, notes), None
    if tag == _RELATIVE_NAME:
        return (), decode_rdn(buf, start, stop, notes)[1]
    raise der.malformed(format_der.DER_TAG_UNEXPECTED, pos)


def decode_reason_flags(buf: bytes, start: int, end: int) -> frozenset[str]:
    """ReasonFlags names of a BIT STRING's content, without unused(0): a set of that alone is empty."""
    bits = der.decode_named_bits(buf, start, end)
    if not bits or max(bits) > len(_FLAGS):
        raise Malformed(reasons.REASON_FLAGS_UNKNOWN)
    return frozenset(_FLAGS[bit - 1] for bit in bits if bit)
