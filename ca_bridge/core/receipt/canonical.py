"""RFC 8785 (JCS) both ways: the one form a value has, and values from that form alone.

Numbers are whole and of at most 53 bits: nothing here has others, and floating point would be the one part
of the form that implementations disagree about.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

LARGEST_NUMBER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 7493 §2.2)."""

_MAX_DIGITS = len(str(LARGEST_NUMBER))
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[\]{}]', re.DOTALL)


class NotCanonical(ValueError):
    """The bytes are not the canonical form of a value, or a value has none; the text says why, in English."""


def canonical_bytes(value: Any) -> bytes:
    """The canonical form (RFC 8785) of plain data: str, bool, None, whole numbers, lists, and dicts of str.

    NotCanonical for anything else: other numbers, other types, text that is no Unicode.
    """
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("text that is no Unicode") from error
    except RecursionError as error:
        raise NotCanonical("nested too deep") from error


def _ordered(value: Any) -> Any:
    """``value`` with the members of every object in the order of RFC 8785 §3.2.3."""
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise NotCanonical("a member's name that is no text")
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise NotCanonical("a number beyond 53 bits")
    if value is None or isinstance(value, str | int):
        return value
    raise NotCanonical("a number that is not whole, or no plain data")


def _utf16(name: str) -> bytes:
    """Names are ordered by UTF-16 code units, which differs from code points beyond the basic plane."""
    return name.encode("utf-16-be", "surrogatepass")


def read_canonical(raw: bytes, *, max_bytes: int, max_depth: int) -> Any:
    """The value whose canonical form ``raw`` is, within the bounds; NotCanonical for everything else.

    That leaves out white space, members given twice or in another order, other escapes and other numbers:
    they would be other bytes for the same value.
    """
    if len(raw) > max_bytes:
        raise NotCanonical(f"more than {max_bytes} bytes")
    if _depth(raw) > max_depth:
        raise NotCanonical(f"nested more than {max_depth} levels deep")
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotCanonical("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotCanonical("not JSON") from error
    if canonical_bytes(value) != raw:
        raise NotCanonical("other bytes than the canonical form")
    return value


def _depth(raw: bytes) -> int:
    """How deep ``raw`` nests, brackets inside strings left out; linear."""
    depth = deepest = 0
    for match in _STRUCTURE.finditer(raw):
        if match[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in b"]}":
            depth -= 1
    return deepest


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > _MAX_DIGITS:
        raise NotCanonical("a number beyond 53 bits")
    return int(digits)


def _refused(text: str) -> NoReturn:
    raise NotCanonical(f"a number that is not whole: {text[:32]}")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_refused, parse_constant=_refused)
