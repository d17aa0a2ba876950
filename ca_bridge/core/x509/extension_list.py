"""The Extensions field itself (RFC 5280 §4.1.2.9), whatever the extensions are."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.deviations import EXPLICIT_CRITICAL_FALSE
from ca_bridge.core.x509.errors import Malformed

MAX_EXTENSIONS = 256


def decode_extension_list(
    buf: bytes, pos: int, end: int, notes: list[Note]
) -> list[tuple[str, bool, int, int]]:
    """(dotted OID, critical, content start and end of extnValue) of each extension of the range.

    The range holds exactly one Extensions SEQUENCE with at least one member, none of them twice.
    An explicit critical=FALSE is read and noted.
    """
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    extensions: list[tuple[str, bool, int, int]] = []
    seen: set[str] = set()
    while pos < end:
        content, stop = der.expect(buf, pos, end, der.SEQUENCE)
        extension = _extension(buf, content, stop, notes)
        oid = extension[0]
        if oid in seen:
            raise Malformed(reasons.EXTENSION_DUPLICATE, oid=oid)
        if len(extensions) == MAX_EXTENSIONS:
            raise Malformed(reasons.EXTENSIONS_TOO_MANY, max_extensions=str(MAX_EXTENSIONS))
        seen.add(oid)
        extensions.append(extension)
        pos = stop
    if not extensions:
        raise Malformed(reasons.EXTENSIONS_EMPTY)
    return extensions


def _extension(buf: bytes, pos: int, end: int, notes: list[Note]) -> tuple[str, bool, int, int]:
    """One Extension's content."""
    start, stop = der.expect(buf, pos, end, der.OID)
    oid = der.decode_oid(buf, start, stop)
    critical = False
    if der.peek(buf, stop, end) == der.BOOLEAN:
        start, stop = der.expect(buf, stop, end, der.BOOLEAN)
        critical = der.decode_boolean(buf, start, stop)
        if not critical:
            notes.append(Note(code=EXPLICIT_CRITICAL_FALSE, detail=oid))
    start, stop = der.expect_whole(buf, stop, end, der.OCTET_STRING)
    return oid, critical, start, stop
