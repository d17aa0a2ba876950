"""CK_ATTRIBUTE arrays, out and back. Values that come back are bounded before they are looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from hsm.errors import TokenUnavailable
from hsm.pkcs11.constants import UNAVAILABLE
from hsm.pkcs11.library import FFI

ULONG_BYTES = FFI.sizeof("CK_ULONG")
MAX_VALUE_BYTES = 8192

Value = bool | int | bytes | str
Template = Mapping[int, Value]


class Attributes:
    """A template in C's form, kept alive as long as this object is."""

    def __init__(self, template: Template) -> None:
        self.count = len(template)
        self.array: Any = FFI.new("CK_ATTRIBUTE[]", max(1, self.count))
        self._values = []
        for row, (kind, value) in zip(self.array, template.items(), strict=False):
            octets = _octets(value)
            kept: Any = FFI.new("CK_BYTE[]", octets or b"\0")
            self._values.append(kept)
            row.type, row.pValue, row.ulValueLen = kind, kept, len(octets)


class Wanted:
    """Room for the values of ``kinds``."""

    def __init__(self, kinds: Iterable[int]) -> None:
        self._kinds = tuple(kinds)
        self.count = len(self._kinds)
        self.array: Any = FFI.new("CK_ATTRIBUTE[]", self.count)
        self._room: Any = FFI.new("CK_BYTE[]", MAX_VALUE_BYTES * self.count)
        for index, kind in enumerate(self._kinds):
            row = self.array[index]
            row.type, row.ulValueLen = kind, MAX_VALUE_BYTES
            row.pValue = self._room + index * MAX_VALUE_BYTES

    def values(self) -> dict[int, bytes]:
        """What the module gave; an attribute that it does not have or tell is absent."""
        found = {}
        for index, kind in enumerate(self._kinds):
            length = self.array[index].ulValueLen
            if length == UNAVAILABLE:
                continue
            if length > MAX_VALUE_BYTES:
                raise TokenUnavailable(f"the module gave attribute 0x{kind:X} an impossible length")
            start = index * MAX_VALUE_BYTES
            found[kind] = bytes(FFI.buffer(self._room + start, length))
        return found


def number(octets: bytes | None) -> int | None:
    """A CK_ULONG's value; None when it is none."""
    if octets is None or len(octets) != ULONG_BYTES:
        return None
    return int.from_bytes(octets, sys.byteorder)


def flag(octets: bytes | None) -> bool | None:
    """A CK_BBOOL's value; None when it is none."""
    if octets is None or len(octets) != 1:
        return None
    return octets != b"\0"


def _octets(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\1" if value else b"\0"
    if isinstance(value, int):
        return value.to_bytes(ULONG_BYTES, sys.byteorder)
    return value.encode("utf-8") if isinstance(value, str) else value
