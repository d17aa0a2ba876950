"""Bytes to one JSON object: strict, bounded, and nothing but our own error."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import isfinite
from typing import Any, NoReturn

from ca_bridge.core.reasons import service as reasons
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.printable import printable

MAX_LINE_BYTES = 64 << 20
_MAX_DEPTH = 16
_MAX_DIGITS = 20
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[\]{}]', re.DOTALL)


class RepeatingObject(dict[str, Any]):
    """An object in which ``repeated`` stood more than once; the values are of no use."""

    repeated = ""


def read_object(line: bytes, max_bytes: int = MAX_LINE_BYTES) -> dict[str, Any]:
    """The JSON object on one line (a trailing newline is not part of it).

    Raises UnusableQuestion: longer than ``max_bytes``, not UTF-8, nested too deep, not JSON
    (RFC 8259; NaN, Infinity, numbers of more than 20 digits or beyond 1.8e308 are refused), not an object.
    A field given twice comes back as a RepeatingObject, so that the caller can still name the line.
    """
    if len(line) > max_bytes:
        raise UnusableQuestion(reasons.LINE_TOO_LARGE, max_bytes=str(max_bytes))
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableQuestion(reasons.LINE_NOT_UTF8) from error
    if line.count(b"[") + line.count(b"{") > _MAX_DEPTH and _too_deep(line):
        raise UnusableQuestion(reasons.LINE_TOO_DEEP, max_depth=str(_MAX_DEPTH))
    try:
        value = _DECODER.decode(text)
    except ValueError as error:
        raise UnusableQuestion(reasons.LINE_NOT_JSON) from error
    if not isinstance(value, dict):
        raise UnusableQuestion(reasons.LINE_NOT_AN_OBJECT)
    return value


def refuse_repetition(fields: dict[str, Any]) -> None:
    """Raise UnusableQuestion if a field stood in the object twice."""
    if isinstance(fields, RepeatingObject):
        raise UnusableQuestion(reasons.FIELD_REPEATED, field=printable(fields.repeated, 64))


def _too_deep(line: bytes) -> bool:
    """Nested deeper than allowed, brackets inside strings left out; linear."""
    depth = 0
    for match in _STRUCTURE.finditer(line):
        if match[0] in b"[{":
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif match[0] in b"]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    repeating = RepeatingObject(fields)
    repeating.repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
    return repeating


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("number too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_no_constant
)
