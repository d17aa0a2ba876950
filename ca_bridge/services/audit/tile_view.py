"""An exported log, looked at file by file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ca_bridge.core.merkle.checkpoint import parse_checkpoint
from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.hashing import HASH_BYTES
from ca_bridge.core.merkle.signed_note import parse_signed_note
from ca_bridge.core.merkle.tiles import TILE_LEVELS, TILE_WIDTH
from ca_bridge.services.audit.errors import ExportUnreadable
from ca_bridge.services.audit.log_port import KeptNote, LogRow
from ca_bridge.services.audit.tile_paths import (
    CHECKPOINT,
    MAX_FILE_BYTES,
    TileFolder,
    bundle_path,
    read_bundle,
    tile_path,
)

_CACHED_BUNDLES = 2
_CACHED = 8


class TileView:
    """LogView of the files that the checkpoint in the folder says there are."""

    keeps_head = False

    def __init__(self, folder: TileFolder) -> None:
        """ExportUnreadable when there is no checkpoint that can be read: then nothing can be."""
        self._note = kept_note(folder)
        self._folder = folder
        self._bundle = lru_cache(_CACHED_BUNDLES)(self._read_bundle)
        self._hashes = lru_cache(_CACHED)(self._read_hashes)

    def head(self) -> CompactRange | None:
        """Always None: the right edge is in the tiles."""
        return None

    def rows(self, start: int, limit: int) -> Sequence[LogRow]:
        """At most ``limit`` rows from index ``start`` on, and about as many octets as one file may have.

        A row without data is in a tile, and in no bundle.
        """
        start = max(0, start)
        end, found, octets = min(start + limit, self._note.size), list[LogRow](), 0
        for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            entries, hashes = self._bundle(number), self._hashes(0, number)
            first = number * TILE_WIDTH
            for at in range(max(start - first, 0), min(end - first, max(len(entries), len(hashes)))):
                data = entries[at] if at < len(entries) else None
                kept = hashes[at] if at < len(hashes) else b""
                found.append(LogRow(index=first + at, data=data, leaf_hash=kept))
                octets += len(data or b"")
            if octets > MAX_FILE_BYTES // 2:
                break
        return found

    def subtrees(self, level: int, start: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """(index, hash) of complete subtrees of 2**level leaves, in order."""
        end, found = min(start + limit, self._note.size >> level), list[tuple[int, bytes]]()
        for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            hashes = enumerate(self._hashes(level // TILE_LEVELS, number), number * TILE_WIDTH)
            found += [(index, one) for index, one in hashes if start <= index < end]
        return found

    def checkpoints(self) -> Iterator[KeptNote]:
        """The one there is."""
        yield self._note

    def _read_bundle(self, number: int) -> list[bytes]:
        width = min(TILE_WIDTH, self._note.size - number * TILE_WIDTH)
        return read_bundle(self._read(bundle_path(number, width), bundle_path(number)))[:width]

    def _read_hashes(self, level: int, number: int) -> list[bytes]:
        width = min(TILE_WIDTH, (self._note.size >> (TILE_LEVELS * level)) - number * TILE_WIDTH)
        octets = self._read(tile_path(level, number, width), tile_path(level, number))
        whole = min(len(octets) // HASH_BYTES, width)
        return [octets[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(whole)]

    def _read(self, path: str, instead: str) -> bytes:
        """The file, or the full one that it has become since; nothing when there is neither."""
        found = self._folder.read(path)
        if found is None and path != instead:
            found = self._folder.read(instead)
        return found or b""


def kept_note(folder: TileFolder) -> KeptNote:
    """The checkpoint in ``folder``, its signatures not verified; ExportUnreadable when there is none."""
    octets = folder.read(CHECKPOINT)
    if octets is None:
        raise ExportUnreadable("目录中没有检查点 / there is no checkpoint in the folder")
    try:
        note = parse_signed_note(octets)
        checkpoint = parse_checkpoint(note.body)
    except UnreadableNote as error:
        raise ExportUnreadable(
            f"目录中的检查点无法读取 / the checkpoint in the folder is none: {error}"
        ) from error
    return KeptNote(checkpoint.size, checkpoint.root, note.text)
