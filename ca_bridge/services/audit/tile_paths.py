"""Names and contents of files of an exported log (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ca_bridge.core.merkle.tiles import TILE_LEVELS, TILE_WIDTH

CHECKPOINT = "checkpoint"
MAX_FILE_BYTES = TILE_WIDTH * ((1 << 16) + 1)
"""The longest file: a bundle of 256 entries, each with a length of two bytes before it."""
_LENGTH_BYTES = 2
_GROUP = 1000


class TileFolder(Protocol):
    """Where the files lie; StoreUnavailable when it cannot be read or written."""

    def read(self, path: str) -> bytes | None:
        """The file, at most MAX_FILE_BYTES of it; None when there is none."""
        ...

    def write(self, path: str, octets: bytes) -> None:
        """The file is there whole, durably, or as it was."""
        ...

    def delete(self, path: str) -> None:
        """The file is gone; so it may be before."""
        ...


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Path of the ``number``-th tile of ``level`` (0 = hashes of leaves), of ``width`` hashes."""
    return f"tile/{level}/{_numbered(number, width)}"


def bundle_path(number: int, width: int = TILE_WIDTH) -> str:
    """Path of the ``number``-th bundle of entries."""
    return f"tile/entries/{_numbered(number, width)}"


def tiles_of(level: int, size: int, *, since: int = 0) -> Iterator[tuple[int, int]]:
    """(number, width) of the tiles of ``level`` in a tree of ``size``, but for those full at ``since``."""
    hashes = size >> (TILE_LEVELS * level)
    first = (since >> (TILE_LEVELS * level)) // TILE_WIDTH
    for number in range(first, -(-hashes // TILE_WIDTH)):
        yield number, min(TILE_WIDTH, hashes - number * TILE_WIDTH)


def levels_of(size: int) -> range:
    """Levels that have tiles in a tree of ``size``."""
    return range(-(-size.bit_length() // TILE_LEVELS))


def bundle(entries: Sequence[bytes]) -> bytes:
    """The entries, each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def read_bundle(octets: bytes) -> list[bytes]:
    """The entries, up to the first that is not all there."""
    entries, at = [], 0
    while at + _LENGTH_BYTES <= len(octets):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(octets[at:start], "big")
        if at > len(octets):
            break
        entries.append(octets[start:at])
    return entries


def _numbered(number: int, width: int) -> str:
    groups = [f"{number % _GROUP:03d}"]
    while number := number // _GROUP:
        groups.append(f"x{number % _GROUP:03d}")
    name = "/".join(reversed(groups))
    return name if width == TILE_WIDTH else f"{name}.p/{width}"
