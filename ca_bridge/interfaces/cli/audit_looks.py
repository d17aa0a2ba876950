"""`ca-bridge audit show`, `prove` and `consistency`: entries, and proofs for others to check."""

from __future__ import annotations

import json
from typing import Any

import click

from ca_bridge.interfaces.cli.release_view import Output, Words, draw_fields, draw_table
from ca_bridge.services.audit.desk import AuditDesk
from ca_bridge.services.audit.edges import edge_at
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.audit.log_port import LogRow, LogStore

_HIGHEST = (1 << 63) - 1
_POSITION = click.IntRange(0, _HIGHEST)
_PAGE, _AT_MOST = 20, 1000
_SHOWN: tuple[tuple[str, Words], ...] = (
    ("time", ("时间", "time")),
    ("kind", ("类别", "kind")),
    ("method", ("方法", "method")),
    ("application", ("应用", "application")),
    ("status", ("状态", "status")),
    ("result", ("结果", "result")),
    ("node", ("节点", "node")),
)
SHOW_OPTIONS = (
    click.option("--from", "start", type=_POSITION, help="First entry; default: the last 20. / 起始条目。"),
    click.option("--to", "end", type=_POSITION, help="Last entry. / 结束条目。"),
)
PROVE_OPTIONS = (
    click.argument("index", type=_POSITION),
    click.option(
        "--size",
        type=_POSITION,
        help="Of a tree of this size; default: the last checkpoint that covers it. / 树的大小。",
    ),
)
CONSISTENCY_OPTIONS = (
    click.argument("first", type=_POSITION),
    click.argument("second", type=_POSITION),
)


def show(desk: AuditDesk, out: Output, start: int | None, end: int | None) -> None:
    """Say entries as they are logged; at most 1000."""
    log = desk.log()
    size = log.head().size
    first = max(0, (end + 1 if end is not None else size) - _PAGE) if start is None else start
    last = first + _AT_MOST - 1 if end is None else min(end, first + _AT_MOST - 1)
    rows = log.entries(first, max(0, last - first + 1))
    fields = [{"index": row.index, "leaf_hash": row.leaf_hash.hex(), "entry": _entry(row)} for row in rows]
    titles = [out.speech.say("序号", "index"), *(out.speech.say(*words) for _, words in _SHOWN)]
    table = [[one["index"], *_cells(one["entry"])] for one in fields]
    out.say({"size": size, "entries": fields}, draw_table(titles, table))


def prove(desk: AuditDesk, out: Output, index: int, size: int | None) -> None:
    """Say that an entry is in the log: what RFC 9162 2.1.3.2 asks for."""
    log = desk.log()
    of = _covering(log, index) if size is None else size
    proof = log.inclusion_proof(index, of)
    with log.view() as view:
        root = edge_at(view, of).root
    kept = next((one.note for one in reversed(log.checkpoints()) if one.size == of), None)
    fields = {
        "index": index,
        "tree_size": of,
        "leaf_hash": log.leaf_hashes(index, 1)[0].hex(),
        "inclusion_proof": [one.hex() for one in proof],
        "root": root.hex(),
        "checkpoint": kept,
    }
    _say(out, fields)


def consistency(desk: AuditDesk, out: Output, first: int, second: int) -> None:
    """Say that the log of the second size adds to that of the first: what RFC 9162 2.1.4.2 asks for."""
    log = desk.log()
    proof = log.consistency_proof(first, second)
    with log.view() as view:
        roots = edge_at(view, first).root, edge_at(view, second).root
    fields = {
        "first_size": first,
        "second_size": second,
        "consistency_proof": [one.hex() for one in proof],
        "first_root": roots[0].hex(),
        "second_root": roots[1].hex(),
    }
    _say(out, fields)


def _say(out: Output, fields: dict[str, Any]) -> None:
    """Names are those of the JSON in both languages: proofs are for programs to check."""
    shown = {name: value for name, value in fields.items() if name != "checkpoint"}
    rows: list[tuple[Words, Any]] = [
        ((name, name), part)
        for name, value in shown.items()
        for part in (value if isinstance(value, list) else [value])
    ]
    out.say(fields, draw_fields(out.speech, rows))


def _covering(log: LogStore, index: int) -> int:
    latest = log.latest_checkpoint()
    size = latest.size if latest is not None and latest.size > index else log.head().size
    if index >= size:
        raise NotInLog
    return size


def _entry(row: LogRow) -> Any:
    """The entry as data; as text when it is no JSON."""
    text = (row.data or b"").decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _cells(entry: Any) -> list[Any]:
    if not isinstance(entry, dict):
        return [entry, *[""] * (len(_SHOWN) - 1)]
    return [entry.get(name, "") for name, _ in _SHOWN]
