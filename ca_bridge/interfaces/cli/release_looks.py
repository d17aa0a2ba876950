"""Looks at releases that change nothing: list, show, effective, trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from ca_bridge.interfaces.cli.release_draw import draw_release, state_text
from ca_bridge.interfaces.cli.release_view import HIGHEST, REFUSED, Output, Words, draw_fields, draw_table
from ca_bridge.services.field_values import read_time
from ca_bridge.services.manage_recognition.fields import release_fields, trail_fields
from ca_bridge.services.manage_recognition.model import ReleaseState
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.release_desk import ReleaseDesk

_DATE_LENGTH = len("2026-01-31")
_LIST_TITLES: tuple[Words, ...] = (
    ("编号", "release"),
    ("状态", "state"),
    ("版本", "version"),
    ("生效", "effective from"),
    ("作者", "authors"),
    ("备注", "note"),
)
_TRAIL_TITLES: tuple[tuple[str, Words], ...] = (
    ("sequence", ("序号", "row")),
    ("time", ("时间", "time")),
    ("account", ("账号", "account")),
    ("role", ("角色", "role")),
    ("action", ("操作", "action")),
    ("release", ("编号", "number")),
    ("version", ("版本", "version")),
    ("outcome", ("结果", "outcome")),
    ("detail", ("详情", "detail")),
)
LIST_OPTIONS = (
    click.option(
        "--before",
        type=click.IntRange(1, HIGHEST),
        default=HIGHEST,
        help="Numbers below. / 小于该编号。",
    ),
    click.option(
        "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows. / 行数。"
    ),
)
TRAIL_OPTIONS = (
    click.option(
        "--after",
        type=click.IntRange(0, HIGHEST),
        help="Rows after this one; default: the newest. / 该行之后；默认为最新的记录。",
    ),
    click.option(
        "--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="Rows. / 行数。"
    ),
)


def look_at_list(desk: ReleaseDesk, out: Output, before: int, limit: int) -> None:
    """Say the releases, newest first."""
    records, now = desk.releases.records, desk.releases.clock.now()
    page = records.releases(before=before, limit=limit)
    states = records.states(page, now)
    rows = [release_fields(found, state) for found, state in zip(page, states, strict=True)]
    table = [
        (
            row["release"],
            state_text(row["state"], out.speech),
            row["version"],
            row["effective_from"] or "-",
            ", ".join(row["authors"]),
            row["note"],
        )
        for row in rows
    ]
    out.say({"releases": rows}, draw_table([out.speech.say(*words) for words in _LIST_TITLES], table))


def look_at_release(desk: ReleaseDesk, out: Output, number: int, documents: bool) -> None:  # noqa: FBT001 - an option
    """Say one release, with the number of approvers its change needs while it waits for them."""
    records = desk.releases.records
    found = records.release(number)
    fields = release_fields(found, records.state(found, desk.releases.clock.now()))
    if found.state is ReleaseState.SUBMITTED:
        fields["approvers_needed"] = records.difference(number).approvers_needed
    draw = draw_release(fields, out.speech)
    if not documents:
        out.say(fields, draw)
        return
    content = records.documents(found).data()
    out.say(fields | {"documents": content}, draw)
    if not out.as_json:
        Output(as_json=True, speech=out.speech).say(content, draw)


def look_at_effective(desk: ReleaseDesk, out: Output, at: str | None) -> None:
    """Say what is in force at an instant, and what comes next."""
    instant = desk.releases.clock.now() if at is None else read_instant("validation_time", at)
    records, found = desk.releases.records, desk.in_force(instant)
    following = records.shadow_at(instant)
    shown: list[dict[str, Any] | None] = [
        None if release is None else release_fields(release, records.state(release, instant))
        for release in (found.release, following)
    ]
    fields = {
        "at": rfc3339(instant),
        "release_id": str(found.identity),
        "release": shown[0],
        "next": shown[1],
    }
    following_line = "-" if shown[1] is None else f"{shown[1]['release']} ({shown[1]['effective_from']})"
    rows: list[tuple[Words, Any]] = [
        (("时刻", "at"), fields["at"]),
        (("生效", "in force"), fields["release_id"]),
        (("随后", "next"), following_line),
    ]
    out.say(fields, draw_fields(out.speech, rows))


def look_at_trail(desk: ReleaseDesk, out: Output, after: int | None, limit: int) -> None:
    """Say rows of the trail, and whether it is whole; exit 1 when it is not what was written."""
    records = desk.releases.records
    entries = records.newest(limit) if after is None else records.trail(after=after, limit=limit)
    rows = [trail_fields(entry) for entry in entries]
    broken = records.first_broken_row()
    fields = {"trail": rows, "whole": broken is None, "first_broken": broken}
    table = [[row[name] for name, _ in _TRAIL_TITLES] for row in rows]
    out.say(fields, draw_table([out.speech.say(*words) for _, words in _TRAIL_TITLES], table))
    if broken is None:
        out.hint("哈希链完整", "the chain of hashes is whole")
        return
    click.echo(
        out.speech.say(
            f"审计记录自第 {broken} 行起被改动或截断", f"the trail is altered or cut from row {broken}"
        ),
        err=True,
    )
    raise SystemExit(REFUSED)


def read_instant(field: str, text: str) -> datetime:
    """An instant as asked: a date is its beginning in UTC, else RFC 3339; UnusableQuestion."""
    return read_time(field, f"{text}T00:00:00Z" if len(text) == _DATE_LENGTH else text)
