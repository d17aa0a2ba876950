"""`ca-bridge audit verify`, `export` and `checkpoint`: the log held against what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_
from pathlib import Path

import click

from ca_bridge.core.receipt.keys import KeyRing, KeysUnusable, read_keys
from ca_bridge.interfaces.cli.audit_verdict import (
    KEYS_KNOWN_HERE,
    KEYS_NAMED,
    remarks,
    result_words,
    verification_fields,
)
from ca_bridge.interfaces.cli.audit_view import complain, showing
from ca_bridge.interfaces.cli.files import read_bytes
from ca_bridge.interfaces.cli.release_view import INDETERMINATE, REFUSED, Output, Words, draw_fields
from ca_bridge.services.audit.desk import AuditDesk
from ca_bridge.services.audit.errors import ExportRefused
from ca_bridge.services.audit.exporting import export_log
from ca_bridge.services.audit.log_port import LogView
from ca_bridge.services.audit.references import NoteTrust
from ca_bridge.services.audit.tile_view import TileView
from ca_bridge.services.audit.verification import verify_log
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.printable import printable

_PATH = click.Path(path_type=Path)
VERIFY_OPTIONS = (
    click.option(
        "--from", "folder", type=_PATH, help="An exported log instead of the database. / 已导出的日志目录。"
    ),
    click.option(
        "--key",
        "keys",
        type=_PATH,
        multiple=True,
        help="Public keys of the log, kept elsewhere: JSON of /v1/keys, or PEM; default: those that the "
        "database names. / 另存的日志公钥文件；默认使用数据库所记的公钥。",
    ),
    click.option(
        "--witness",
        "witnesses",
        type=_PATH,
        multiple=True,
        help="A checkpoint kept elsewhere. / 别处保存的检查点。",
    ),
)
FOLDER = click.argument("folder", type=_PATH)
STORED = click.option(
    "--stored", is_flag=True, help="The last one there is; nothing is signed. / 显示最近一个，不重新签名。"
)
_NO_CHECKPOINT = (
    "尚无检查点：请先运行 ca-bridge audit checkpoint / no checkpoint yet: run ca-bridge audit checkpoint"
)


def verify(
    desk: AuditDesk, out: Output, folder: Path | None, keys: tuple[Path, ...], witnesses: tuple[Path, ...]
) -> None:
    """Check the whole log; exit 1 when it is not what was signed, 3 when no known key says so."""
    ring = _named(keys) if keys else desk.keys()
    trust = NoteTrust(keys=ring, verify=desk.verify, origin=ring.origin)
    notes = [(printable(str(path)), read_bytes(path)) for path in witnesses]
    with _view(desk, folder) as view, showing(_total(view)) as tell:
        found = verify_log(view, trust, witnesses=notes, progress=tell)
    kept_elsewhere = bool(keys)
    rows: list[tuple[Words, object]] = [
        (("条目数", "entries"), found.size),
        (("签名所涵盖的条目数", "covered by a signature"), found.proven),
        (("核对的检查点", "checkpoints"), found.checkpoints),
        (("根散列", "root"), "-" if found.root is None else found.root.hex()),
        (("公钥", "keys"), out.speech.say(*(KEYS_NAMED if kept_elsewhere else KEYS_KNOWN_HERE))),
        (("结果", "result"), result_words(out.speech, found, kept_elsewhere=kept_elsewhere)),
    ]
    fields = verification_fields(found, kept_elsewhere=kept_elsewhere)
    out.say(fields, draw_fields(out.speech, rows))
    if not out.as_json:
        for remark in remarks(out.speech, found):
            click.echo(remark, err=True)
        for fault in found.faults:
            complain(out, fault)
    if not found.holds:
        raise SystemExit(INDETERMINATE if found.undecided else REFUSED)


def export(desk: AuditDesk, out: Output, folder: Path) -> None:
    """Write the log up to its last checkpoint to a folder."""
    log = desk.log()
    head = log.latest_checkpoint()
    if head is None:
        raise ExportRefused(_NO_CHECKPOINT)
    with log.view() as view, showing(head.size) as tell:
        done = export_log(view, head, desk.folder(folder), progress=tell)
    fields = {"folder": str(folder), "size_before": done.before, "size": done.size, "files": done.files}
    words = (("目录", "folder"), ("此前条目数", "entries before"), ("条目数", "entries"), ("文件数", "files"))
    out.say(fields, draw_fields(out.speech, list(zip(words, fields.values(), strict=True))))


def checkpoint(desk: AuditDesk, out: Output, stored: bool) -> None:  # noqa: FBT001 - an option
    """Say a signed head, exactly as it is to be kept elsewhere."""
    head = desk.log().latest_checkpoint() if stored else desk.checkpoint()
    if head is None:
        raise ExportRefused(_NO_CHECKPOINT)
    if not out.as_json:
        click.echo(head.note, nl=False)
        return
    out.say({"size": head.size, "root": head.root.hex(), "note": head.note}, lambda _: None)


def _named(files: tuple[Path, ...]) -> KeyRing:
    try:
        return reduce(or_, (read_keys(read_bytes(file)) for file in files))
    except KeysUnusable as error:
        raise ConfigurationError(f"公钥文件无法使用 / the keys cannot be used: {error}") from error


@contextmanager
def _view(desk: AuditDesk, folder: Path | None) -> Iterator[LogView]:
    if folder is not None:
        yield TileView(desk.folder(folder))
        return
    with desk.log().view() as view:
        yield view


def _total(view: LogView) -> int | None:
    head = view.head()
    return None if head is None else head.size
