"""Nodes of a tree out of rows of hashes that are kept every eight levels (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ca_bridge.core.merkle.errors import NodeMissing
from ca_bridge.core.merkle.hashing import node_hash

TILE_LEVELS = 8
TILE_WIDTH = 1 << TILE_LEVELS
ReadHashes = Callable[[int, int, int], Sequence[bytes]]
"""(level, start, limit): hashes of complete subtrees at level 0, 8, 16, ... from index start on, if there."""


class TileNodes:
    """A NodeSource (proving.py) over ``read``, which is asked for each tile once."""

    __slots__ = ("_read", "_tiles")

    def __init__(self, read: ReadHashes) -> None:
        self._read = read
        self._tiles: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree at (level, index); NodeMissing when its row is not all there."""
        within = level % TILE_LEVELS
        tile, at = divmod(index << within, TILE_WIDTH)
        hashes = self._tile(level - within, tile)[at : at + (1 << within)]
        if len(hashes) != 1 << within:
            raise NodeMissing("a row of hashes is not all there")
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = tuple(node_hash(left, right) for left, right in pairs)
        return hashes[0]

    def _tile(self, level: int, tile: int) -> tuple[bytes, ...]:
        found = self._tiles.get((level, tile))
        if found is None:
            found = tuple(self._read(level, tile * TILE_WIDTH, TILE_WIDTH))
            self._tiles[level, tile] = found
        return found
