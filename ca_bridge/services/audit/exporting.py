"""Writing the log to a folder as tiles, again and again: only what is new, and only what continues it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ca_bridge.core.merkle.compact_range import EMPTY, CompactRange
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.tiles import TILE_LEVELS, TILE_WIDTH
from ca_bridge.services.audit.edges import edge_at, hashes_of
from ca_bridge.services.audit.errors import ExportRefused
from ca_bridge.services.audit.log_port import LogRow, LogView
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.tile_paths import (
    CHECKPOINT,
    TileFolder,
    bundle,
    bundle_path,
    levels_of,
    tile_path,
    tiles_of,
)
from ca_bridge.services.audit.tile_view import kept_note

_PAGE = 16 * TILE_WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export did: the sizes of the exported log before and after, and the files it wrote."""

    before: int
    size: int
    files: int


def export_log(
    view: LogView,
    head: SealedHead,
    folder: TileFolder,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """The log up to ``head`` is in ``folder``, its checkpoint last of all.

    ExportRefused, and nothing is written, when the log is not what ``head`` says or does not continue what
    is there: an older copy never takes the place of a newer one. StoreUnavailable.
    """
    before = _continued(view, head, folder)
    _check_new(view, head, before, progress)
    files = 0
    for number, width in tiles_of(0, head.size, since=before.size):
        rows = view.rows(number * TILE_WIDTH, width)
        entries = [_checked(row, at) for at, row in enumerate(rows, number * TILE_WIDTH)]
        folder.write(bundle_path(number, width), bundle(entries))
        files += 1
    for level in levels_of(head.size):
        for number, width in tiles_of(level, head.size, since=before.size):
            hashes = hashes_of(view, level * TILE_LEVELS, number * TILE_WIDTH, width)
            folder.write(tile_path(level, number, width), b"".join(hashes))
            files += 1
    folder.write(CHECKPOINT, head.note.encode())
    _tidy(folder, before.size, head.size)
    return Exported(before=before.size, size=head.size, files=files + 1)


def _continued(view: LogView, head: SealedHead, folder: TileFolder) -> CompactRange:
    """The tree that is in the folder, as the log has it; EMPTY when there is none."""
    if folder.read(CHECKPOINT) is None:
        return EMPTY
    kept = kept_note(folder)
    if kept.size > head.size:
        raise ExportRefused(
            f"已导出 {kept.size} 条，日志只有 {head.size} 条：日志被截断或恢复了旧备份 / {kept.size} entries"
            f" are exported and the log has {head.size}: it was cut, or an older copy restored"
        )
    edge = edge_at(view, kept.size)
    if edge.root != kept.root:
        raise ExportRefused(
            "日志与已导出的不一致：条目被改动或恢复了旧备份 / "
            "the log is not the one that is exported: it was altered, or an older copy restored"
        )
    return edge


def _check_new(
    view: LogView, head: SealedHead, before: CompactRange, progress: Callable[[int], None]
) -> None:
    """What is to be written leads from the tree before to ``head``, hash by hash, from the entries alone."""
    edge = before
    while edge.size < head.size:
        rows = view.rows(edge.size, min(_PAGE, head.size - edge.size))
        growth = Growth(edge, [leaf_hash(_checked(row, at)) for at, row in enumerate(rows, edge.size)])
        if not rows:
            raise _missing(edge.size)
        for level in range(TILE_LEVELS, growth.after.size.bit_length(), TILE_LEVELS):
            new = list(growth.completed(level))
            if new and list(view.subtrees(level, new[0][0], len(new))) != new:
                raise ExportRefused("日志的散列不符 / hashes of the log are not its own")
        edge = growth.after
        progress(edge.size)
    if edge.root != head.root:
        raise ExportRefused("日志与其检查点不符 / the log is not what its checkpoint says")


def _checked(row: LogRow, at: int) -> bytes:
    """The entry that is at its place and as its hash says."""
    if row.index != at or row.data is None:
        raise _missing(at)
    if leaf_hash(row.data) != row.leaf_hash:
        raise ExportRefused(f"第 {at} 条被改动 / entry {at} was altered")
    return row.data


def _missing(index: int) -> ExportRefused:
    return ExportRefused(f"第 {index} 条缺失 / entry {index} is missing")


def _tidy(folder: TileFolder, before: int, size: int) -> None:
    """Tiles that were partial and are full now go: the full ones say all that they did."""
    for level in levels_of(before):
        for number, width in tiles_of(level, before, since=before):
            if width < TILE_WIDTH and (size >> (TILE_LEVELS * level)) >= (number + 1) * TILE_WIDTH:
                folder.delete(tile_path(level, number, width))
                if level == 0:
                    folder.delete(bundle_path(number, width))
