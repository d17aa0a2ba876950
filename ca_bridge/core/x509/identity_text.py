"""Texts inside an identity extension's value, whatever wrapping its CA chose.

GB/T 20518 leaves the tagging open, so deployed CAs differ: bare strings, SET or SEQUENCE around
them, context tags explicit or implicit, or plain text without any DER.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ca_bridge.core.x509.der import read_tlv
from ca_bridge.core.x509.errors import Malformed

MAX_VALUE_BYTES = 4096
"""Identity values longer than this are not read: the longest known holds one base64 name."""

_MAX_DEPTH = 6
_MAX_TEXTS = 8

_STRING_ENCODINGS = {
    0x04: "utf-8",
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_CONSTRUCTED = 0x20
_CONTEXT = 0x80
_CLASS_BITS = 0xC0
_NUMBER_BITS = 0x1F


@dataclass(frozen=True, slots=True)
class PeeledText:
    """One text found; ``context_tag`` is the number of the innermost context tag around it, None = none."""

    text: str
    context_tag: int | None


def peel_texts(value: bytes) -> tuple[PeeledText, ...]:
    """Return the texts in an extension's value, at most 8; empty when it holds none that can be read."""
    if not value or len(value) > MAX_VALUE_BYTES:
        return ()
    found: list[PeeledText] = []
    try:
        _peel(value, 0, len(value), (None, 0), found)
    except Malformed:
        found = []
    return tuple(found) or _plain(value)


def _peel(buf: bytes, pos: int, end: int, context: tuple[int | None, int], found: list[PeeledText]) -> None:
    """Append every text between ``pos`` and ``end``; ``context`` is (context tag, depth)."""
    context_tag, depth = context
    while pos < end and len(found) < _MAX_TEXTS:
        tag, start, pos = read_tlv(buf, pos, end)
        is_context = tag & _CLASS_BITS == _CONTEXT
        inner = tag & _NUMBER_BITS if is_context else context_tag
        if tag & _CONSTRUCTED:
            if depth < _MAX_DEPTH:
                _peel(buf, start, pos, (inner, depth + 1), found)
        elif is_context or tag in _STRING_ENCODINGS:
            text = _decode(buf[start:pos], _STRING_ENCODINGS.get(tag, "utf-8"))
            if text is not None:
                found.append(PeeledText(text, inner))


def _plain(value: bytes) -> tuple[PeeledText, ...]:
    """Take the value as text without DER, as some CAs put it."""
    text = _decode(value, "utf-8")
    return () if text is None else (PeeledText(text, None),)


def _decode(octets: bytes, encoding: str) -> str | None:
    """Printable text without outer blanks, full-width forms as plain ones (UAX #15 NFKC), or None."""
    try:
        text = unicodedata.normalize("NFKC", octets.decode(encoding)).strip().strip("\x00").strip()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None
