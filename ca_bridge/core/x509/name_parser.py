"""Distinguished names from DER (RFC 5280 §4.1.2.4), with their comparison form (§7.1)."""

from __future__ import annotations

from functools import lru_cache

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.der_any import read_any
from ca_bridge.core.x509.deviations import NAME_PRINTABLE_CHARACTERS, NAME_TEXT_UNDECODABLE
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.name_text import decode_text, is_printable, is_text, prepare
from ca_bridge.core.x509.names import Attribute, Name

MAX_ATTRIBUTES = 256
# Issuers' names come again in every certificate: these are parsed once. Longer names are rare.
_INTERNED_MAX_BYTES = 1024
_INTERNED_NAMES = 4096
# No attribute syntax of X.520 or RFC 4519 has a tag of its own.
_NOT_UNIVERSAL = 0x40


def decode_name(buf: bytes, pos: int, end: int, notes: list[Note] | None = None) -> tuple[Name, int]:
    """(the Name at ``pos``, where it ends); harmless deviations are appended to ``notes``."""
    start, stop = der.expect(buf, pos, end, der.SEQUENCE)
    if stop - pos > _INTERNED_MAX_BYTES:
        name, found = _parse(buf, pos, start, stop)
    else:
        try:
            name, found = _interned(buf[pos:stop])
        except Malformed:
            name, found = _parse(buf, pos, start, stop)
    if notes is not None:
        notes.extend(found)
    return name, stop


@lru_cache(maxsize=_INTERNED_NAMES)
def _interned(encoded: bytes) -> tuple[Name, tuple[Note, ...]]:
    """The same name for the same bytes."""
    start, stop = der.expect(encoded, 0, len(encoded), der.SEQUENCE)
    return _parse(encoded, 0, start, stop)


def _parse(buf: bytes, pos: int, start: int, stop: int) -> tuple[Name, tuple[Note, ...]]:
    """The RDNSequence whose content is start..stop."""
    notes: list[Note] = []
    rdns: list[tuple[Attribute, ...]] = []
    normalized: list[bytes] = []
    left = MAX_ATTRIBUTES
    while start < stop:
        rdn_start, rdn_end = der.expect(buf, start, stop, der.SET)
        attributes, comparison = decode_rdn(buf, rdn_start, rdn_end, notes, left)
        left -= len(attributes)
        rdns.append(attributes)
        normalized.append(comparison)
        start = rdn_end
    return Name(buf[pos:stop], tuple(rdns), tuple(normalized)), tuple(notes)


def decode_rdn(
    buf: bytes, start: int, end: int, notes: list[Note], left: int = MAX_ATTRIBUTES
) -> tuple[tuple[Attribute, ...], bytes]:
    """(attributes, comparison form) of a RelativeDistinguishedName's content.

    The comparison form does not depend on the order of the attributes. At most ``left``
    attributes are read.
    """
    attributes: list[Attribute] = []
    forms: list[bytes] = []
    previous = b""
    while start < end:
        if len(attributes) == left:
            raise Malformed(reasons.NAME_TOO_LARGE, max_attributes=str(MAX_ATTRIBUTES))
        content, stop = der.expect(buf, start, end, der.SEQUENCE)
        encoded = buf[start:stop]
        if previous and _set_key(encoded, previous) <= _set_key(previous, encoded):
            raise der.malformed(format_der.DER_SET_ORDER, start)
        attribute, form = _attribute(buf, content, stop, notes)
        attributes.append(attribute)
        forms.append(form)
        previous, start = encoded, stop
    if not attributes:
        raise Malformed(reasons.NAME_RDN_EMPTY)
    return tuple(attributes), forms[0] if len(forms) == 1 else b"".join(sorted(forms))


def _set_key(encoded: bytes, other: bytes) -> bytes:
    """Padded as X.690 §11.6 compares the members of a SET OF."""
    return encoded.ljust(len(other), b"\x00")


def _attribute(buf: bytes, start: int, end: int, notes: list[Note]) -> tuple[Attribute, bytes]:
    """(AttributeTypeAndValue, its comparison form: type, then text or bytes, each with its length)."""
    oid_start, oid_end = der.expect(buf, start, end, der.OID)
    oid = der.decode_oid(buf, oid_start, oid_end)
    tag, value_start, value_end = der.read_tlv(buf, oid_end, end)
    der.finish(value_end, end)
    encoded = buf[oid_end:end]
    kind = buf[start:oid_end]
    if not is_text(tag):
        if tag >= _NOT_UNIVERSAL:
            raise der.malformed(format_der.DER_TAG_UNEXPECTED, oid_end)
        read_any(buf, oid_end, end)
        return Attribute(oid, tag, "", encoded), _form(kind, b"b", encoded)
    content = buf[value_start:value_end]
    text = decode_text(tag, content)
    if text is None:
        notes.append(Note(code=NAME_TEXT_UNDECODABLE, detail=oid))
        return Attribute(oid, tag, content.decode("utf-8", "replace"), encoded), _form(kind, b"b", encoded)
    if tag == der.PRINTABLE_STRING and not is_printable(content):
        notes.append(Note(code=NAME_PRINTABLE_CHARACTERS, detail=oid))
    prepared = prepare(text)
    if prepared is None:
        return Attribute(oid, tag, text, encoded), _form(kind, b"b", encoded)
    return Attribute(oid, tag, text, encoded), _form(kind, b"t", prepared.encode("utf-8"))


def _form(kind: bytes, marker: bytes, value: bytes) -> bytes:
    """Unambiguous concatenation: the type is DER, the value carries its length."""
    return b"%b%b%d:%b" % (kind, marker, len(value), value)
