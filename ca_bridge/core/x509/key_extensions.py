"""Extensions about keys and their use from DER: RFC 5280 §4.2.1.1-3, §4.2.1.9, §4.2.1.12."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.deviations import EXPLICIT_CA_FALSE, PATH_LENGTH_WITHOUT_CA
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_oids import BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE
from ca_bridge.core.x509.extensions import AuthorityKeyIdentifier, BasicConstraints
from ca_bridge.core.x509.general_names import decode_general_names
from ca_bridge.core.x509.names import GeneralName
from ca_bridge.core.x509.policy_extensions import decode_count
from ca_bridge.core.x509.serial_number import decode_serial_number

_KEY_USAGE_BITS = tuple(KeyUsageBit)
_KEY_IDENTIFIER, _ISSUER, _SERIAL_NUMBER = 0x80, 0xA1, 0x82


def decode_basic_constraints(buf: bytes, pos: int, end: int, notes: list[Note]) -> BasicConstraints:
    """The basicConstraints; cA=FALSE written out, and a path length without cA, are noted."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    ca = False
    path_length: int | None = None
    if der.peek(buf, pos, end) == der.BOOLEAN:
        start, pos = der.expect(buf, pos, end, der.BOOLEAN)
        ca = der.decode_boolean(buf, start, pos)
        if not ca:
            notes.append(Note(code=EXPLICIT_CA_FALSE))
    if pos != end:
        start, pos = der.expect_whole(buf, pos, end, der.INTEGER)
        path_length = decode_count(buf, start, pos, BASIC_CONSTRAINTS)
        if not ca:
            notes.append(Note(code=PATH_LENGTH_WITHOUT_CA))
    return BasicConstraints(ca, path_length)


def decode_key_usage(buf: bytes, pos: int, end: int, _notes: list[Note]) -> frozenset[KeyUsageBit]:
    """The keyUsage: at least one of the nine usages; bits beyond them mean nothing here."""
    start, stop = der.expect_whole(buf, pos, end, der.BIT_STRING)
    bits = der.decode_named_bits(buf, start, stop)
    usages = frozenset(usage for bit, usage in enumerate(_KEY_USAGE_BITS) if bit in bits)
    if not usages:
        raise Malformed(reasons.KEY_USAGE_NO_BIT)
    return usages


def decode_extended_key_usage(buf: bytes, pos: int, end: int, _notes: list[Note]) -> frozenset[str]:
    """The extKeyUsage: dotted purposes, at least one."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    purposes: set[str] = set()
    while pos < end:
        start, pos = der.expect(buf, pos, end, der.OID)
        purposes.add(der.decode_oid(buf, start, pos))
    if not purposes:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=EXTENDED_KEY_USAGE)
    return frozenset(purposes)


def decode_subject_key_identifier(buf: bytes, pos: int, end: int, _notes: list[Note]) -> bytes:
    """The subjectKeyIdentifier: its octets."""
    start, stop = der.expect_whole(buf, pos, end, der.OCTET_STRING)
    return buf[start:stop]


def decode_authority_key_identifier(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> AuthorityKeyIdentifier:
    """The authorityKeyIdentifier: issuer name and serial number come together or not at all."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    key_identifier: bytes | None = None
    issuer: tuple[GeneralName, ...] = ()
    serial_number: int | None = None
    if der.peek(buf, pos, end) == _KEY_IDENTIFIER:
        start, pos = der.expect(buf, pos, end, _KEY_IDENTIFIER)
        key_identifier = buf[start:pos]
    if der.peek(buf, pos, end) == _ISSUER:
        start, pos = der.expect(buf, pos, end, _ISSUER)
        issuer = decode_general_names(buf, start, pos, notes)
    if pos != end:
        start, pos = der.expect_whole(buf, pos, end, _SERIAL_NUMBER)
        # The same serial number's deviations are noted where it is the certificate's own.
        serial_number = decode_serial_number(buf, start, pos, [])
    if bool(issuer) != (serial_number is not None):
        raise Malformed(reasons.AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE)
    return AuthorityKeyIdentifier(key_identifier, issuer, serial_number)
