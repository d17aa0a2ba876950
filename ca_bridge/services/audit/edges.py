"""The tree as it was at an earlier size, out of the hashes that are kept."""

from __future__ import annotations

from collections.abc import Sequence

from ca_bridge.core.merkle.compact_range import CompactRange
from ca_bridge.core.merkle.errors import NodeMissing, OutsideTree
from ca_bridge.core.merkle.tiles import TileNodes
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import LogView


def edge_at(view: LogView, size: int) -> CompactRange:
    """Right edge of the first ``size`` leaves; NotInLog when the hashes for it are not there."""
    nodes, hashes, start = TileNodes(lambda *row: hashes_of(view, *row)), list[bytes](), 0
    try:
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                hashes.append(nodes(level, start >> level))
                start += 1 << level
        return CompactRange(size, tuple(hashes))
    except (NodeMissing, OutsideTree) as error:
        raise NotInLog(f"日志没有 {size} 条的散列 / the log lacks hashes of its first {size}") from error


def hashes_of(view: LogView, level: int, start: int, count: int) -> Sequence[bytes]:
    """Hashes of nodes from ``start`` on, up to the first that is missing; level 0 are the leaves."""
    if level == 0:
        found = [(row.index, row.leaf_hash) for row in view.rows(start, count)]
    else:
        found = list(view.subtrees(level, start, count))
    return [one for at, (index, one) in enumerate(found, start) if index == at]
