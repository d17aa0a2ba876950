"""GeneralName and GeneralNames from DER (RFC 5280 §4.2.1.6), and subtree bases (§4.2.1.10)."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.der_any import read_any
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import GeneralName, GeneralNameType

# Lists other than a subject alternative name: no CA needs more than a handful.
MAX_NAMES = 256
# What 128 KiB of certificate can hold at most anyway (an empty-ish dNSName takes 3 bytes).
MAX_ALTERNATIVE_NAMES = 100_000

_TEXT_KINDS = {
    0x81: GeneralNameType.RFC822_NAME,
    0x82: GeneralNameType.DNS_NAME,
    0x86: GeneralNameType.URI,
}
_OTHER_NAME, _X400_ADDRESS, _DIRECTORY_NAME, _EDI_PARTY_NAME = 0xA0, 0xA3, 0xA4, 0xA5
_IP_ADDRESS, _REGISTERED_ID = 0x87, 0x88
_VALUE = 0xA0
_ADDRESS_LENGTHS = (4, 16)


def decode_general_names(
    buf: bytes, start: int, end: int, notes: list[Note], max_names: int = MAX_NAMES
) -> tuple[GeneralName, ...]:
    """The names of a GeneralNames' content, at least one."""
    names: list[GeneralName] = []
    while start < end:
        if len(names) == max_names:
            raise Malformed(reasons.GENERAL_NAMES_TOO_MANY, max_names=str(max_names))
        tag, content, stop = der.read_tlv(buf, start, end)
        names.append(decode_general_name(buf, tag, start, content, stop, notes))
        start = stop
    if not names:
        raise Malformed(reasons.GENERAL_NAMES_EMPTY)
    return tuple(names)


def decode_general_name(
    buf: bytes, tag: int, pos: int, start: int, end: int, notes: list[Note]
) -> GeneralName:
    """The GeneralName with ``tag`` at ``pos``, content start..end, as it names something.

    Text is ASCII without control characters and not blank; an address has 4 or 16 octets.
    """
    kind = _TEXT_KINDS.get(tag)
    if kind is not None:
        text = _text(buf, start, end, kind)
        if not text or text.isspace():
            raise Malformed(reasons.GENERAL_NAME_EMPTY, kind=kind)
        return GeneralName(kind, text)
    if tag == _IP_ADDRESS:
        if end - start not in _ADDRESS_LENGTHS:
            raise Malformed(reasons.GENERAL_NAME_IP_LENGTH, length=str(end - start), expected="4/16")
        return GeneralName(GeneralNameType.IP_ADDRESS, octets=buf[start:end])
    return _structured(buf, tag, pos, start, end, notes)


def decode_subtree_base(
    buf: bytes, tag: int, pos: int, start: int, end: int, notes: list[Note]
) -> GeneralName:
    """The GeneralName of a name constraint: text may be empty (every name), an address has its mask."""
    kind = _TEXT_KINDS.get(tag)
    if kind is not None:
        return GeneralName(kind, _text(buf, start, end, kind))
    if tag == _IP_ADDRESS:
        return GeneralName(GeneralNameType.IP_ADDRESS, octets=_masked_address(buf[start:end]))
    return _structured(buf, tag, pos, start, end, notes)


def _text(buf: bytes, start: int, end: int, kind: GeneralNameType) -> str:
    """IA5 text without control characters (NUL above all: CVE-2009-2408)."""
    content = buf[start:end]
    if content.isascii():
        text = content.decode("ascii")
        if text.isprintable():
            return text
    raise Malformed(reasons.GENERAL_NAME_CHARACTERS, kind=kind)


def _masked_address(octets: bytes) -> bytes:
    """Address and mask, the mask's one bits all in front."""
    size = len(octets) // 2
    if len(octets) % 2 or size not in _ADDRESS_LENGTHS:
        raise Malformed(reasons.GENERAL_NAME_IP_LENGTH, length=str(len(octets)), expected="8/32")
    host_bits = int.from_bytes(octets[size:], "big") ^ ((1 << 8 * size) - 1)
    if host_bits & (host_bits + 1):
        raise Malformed(reasons.NAME_CONSTRAINT_IP_MASK)
    return octets


def _structured(buf: bytes, tag: int, pos: int, start: int, end: int, notes: list[Note]) -> GeneralName:
    """The name forms that are neither text nor address."""
    if tag == _DIRECTORY_NAME:
        name, stop = decode_name(buf, start, end, notes)
        der.finish(stop, end)
        return GeneralName(GeneralNameType.DIRECTORY_NAME, name=name)
    if tag == _REGISTERED_ID:
        return GeneralName(GeneralNameType.REGISTERED_ID, der.decode_oid(buf, start, end))
    if tag == _OTHER_NAME:
        return _other_name(buf, start, end)
    if tag in (_X400_ADDRESS, _EDI_PARTY_NAME):
        read_any(buf, pos, end)
        kind = GeneralNameType.X400_ADDRESS if tag == _X400_ADDRESS else GeneralNameType.EDI_PARTY_NAME
        return GeneralName(kind, octets=buf[start:end])
    raise der.malformed(format_der.DER_TAG_UNEXPECTED, pos)


def _other_name(buf: bytes, start: int, end: int) -> GeneralName:
    """An otherName: type-id and [0] EXPLICIT value."""
    oid_start, oid_end = der.expect(buf, start, end, der.OID)
    value_start, value_end = der.expect_whole(buf, oid_end, end, _VALUE)
    der.finish(read_any(buf, value_start, value_end), value_end)
    return GeneralName(
        GeneralNameType.OTHER_NAME,
        octets=buf[start:end],
        type_id=der.decode_oid(buf, oid_start, oid_end),
    )
