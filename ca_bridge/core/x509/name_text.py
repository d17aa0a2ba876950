"""Comparison form of attribute text: string preparation of RFC 4518 as RFC 5280 §7.1 asks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ca_bridge.core.x509 import der

# Canonical ordering in unicodedata.normalize is quadratic in a run of combining marks: longer
# text outside ASCII is compared by its bytes (the longest upper bound of RFC 5280 A.1 that
# people fill in is 256).
NORMALIZED_MAX_CHARACTERS = 1024

_PRINTABLE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    der.TELETEX_STRING: "ascii",
    der.NUMERIC_STRING: "ascii",
    der.VISIBLE_STRING: "ascii",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


def _mapping(nothing: Iterable[tuple[int, int]], space: Iterable[tuple[int, int]]) -> dict[int, str]:
    """Translation table from inclusive ranges of code points."""
    table = {point: "" for first, last in nothing for point in range(first, last + 1)}
    table.update({point: " " for first, last in space for point in range(first, last + 1)})
    return table


# RFC 4518 §2.2: what is mapped to nothing, what to a space.
_MAP = _mapping(
    nothing=[
        (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x034F, 0x034F),
        (0x06DD, 0x06DD), (0x070F, 0x070F), (0x1806, 0x1806), (0x180B, 0x180E), (0x200B, 0x200F),
        (0x202A, 0x202E), (0x2060, 0x2063), (0x206A, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFC), (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F),
    ],
    space=[
        (0x09, 0x0D), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
        (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
    ],
)  # fmt: skip


def is_text(tag: int) -> bool:
    """Whether the universal tag is one of the string types read as text."""
    return tag in _ENCODINGS


def decode_text(tag: int, content: bytes) -> str | None:
    """The text of a string type, or None when the octets are not text of that type.

    A TeletexString is text only within ASCII: real CAs put Latin-1 and GBK into it, and nothing
    says which.
    """
    try:
        return content.decode(_ENCODINGS[tag])
    except UnicodeDecodeError:
        return None


def is_printable(content: bytes) -> bool:
    """Whether the octets keep to the character set of PrintableString (X.680 §41.4)."""
    return _PRINTABLE.issuperset(content)


def prepare(text: str) -> str | None:
    """Form in which two texts are compared: equal means equal by RFC 5280 §7.1.

    Mapped, case-folded, NFKC, spaces collapsed and stripped. None when the text is too long to
    normalize at a bounded cost.
    """
    if not text.isascii():
        if len(text) > NORMALIZED_MAX_CHARACTERS:
            return None
        # NFKC both before and after folding: U+210C folds only once it has become "H".
        folded = unicodedata.normalize("NFKC", text.translate(_MAP)).casefold()
        text = unicodedata.normalize("NFKC", folded)
    elif text.isprintable():
        text = text.lower()
    else:
        text = text.translate(_MAP).lower()
    return " ".join(text.split())
