"""Text from outside made safe to show: one line, nothing that moves the reader's eye or cursor."""

from __future__ import annotations

import re

_LONGEST = 512
# C0, C1, DEL, soft hyphen, bidi and zero-width controls, line and paragraph separators, surrogates,
# tags and private use beyond the basic plane: all that a terminal or a log can be led astray with.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff]"
)


def printable(text: str, longest: int = _LONGEST) -> str:
    """Text with every hostile character as its code point in hex, cut after ``longest`` characters."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return cut if cut.isascii() and cut.isprintable() else _HOSTILE.sub(_escape, cut)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{{{ord(match[0]):x}}}"
