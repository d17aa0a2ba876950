"""Checks a DER element of whatever type, to its leaves, without giving it a meaning."""

from __future__ import annotations

from ca_bridge.core.reasons import format_der as reasons
from ca_bridge.core.x509 import der

MAX_DEPTH = 32
_CONSTRUCTED = 0x20
_CONTEXT = 0x80
_UNIVERSAL_STRUCTURES = (der.SEQUENCE, der.SET)


def read_any(buf: bytes, pos: int, end: int) -> int:
    """End of the one element at ``pos``, after checking it and everything inside it.

    Lengths, tags, booleans, integers, bit strings and identifiers are checked; the order of a
    SET is not, since SET OF can't be told from SET here. Linear in the bytes.
    """
    tag, start, stop = der.read_tlv(buf, pos, end)
    if not tag & _CONSTRUCTED:
        _check_primitive(buf, tag, start, stop)
        return stop
    open_ends = [stop]
    _check_structure(tag, pos)
    at = start
    while open_ends:
        inner_end = open_ends[-1]
        if at == inner_end:
            open_ends.pop()
            continue
        tag, start, element_end = der.read_tlv(buf, at, inner_end)
        if tag & _CONSTRUCTED:
            _check_structure(tag, at)
            if len(open_ends) == MAX_DEPTH:
                raise der.malformed(reasons.DER_DEPTH, at)
            open_ends.append(element_end)
            at = start
        else:
            _check_primitive(buf, tag, start, element_end)
            at = element_end
    return stop


def _check_structure(tag: int, pos: int) -> None:
    """Of the universal types only SEQUENCE and SET are constructed (X.690 §10.2)."""
    if tag < _CONTEXT and tag not in _UNIVERSAL_STRUCTURES:
        raise der.malformed(reasons.DER_STRING_CONSTRUCTED, pos)


def _check_primitive(buf: bytes, tag: int, start: int, stop: int) -> None:
    """Content rules of the universal primitive types; other tags are opaque."""
    if tag in (der.SEQUENCE ^ _CONSTRUCTED, der.SET ^ _CONSTRUCTED):
        raise der.malformed(reasons.DER_STRING_CONSTRUCTED, start)
    if tag == 0:
        raise der.malformed(reasons.DER_TAG_UNEXPECTED, start)
    if tag == der.BOOLEAN:
        der.decode_boolean(buf, start, stop)
    elif tag in (der.INTEGER, der.ENUMERATED):
        der.decode_integer(buf, start, stop, max_bytes=stop - start or 1)
    elif tag == der.BIT_STRING:
        der.decode_bit_string(buf, start, stop)
    elif tag == der.NULL:
        der.decode_null(start, stop)
    elif tag == der.OID:
        der.decode_oid(buf, start, stop)
