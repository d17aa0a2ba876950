"""`ca-bridge release diff`: what a release changes, by document and value, and in who reaches whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_diff import document_changes
from ca_bridge.interfaces.cli.release_view import HIGHEST, LONGEST, Data, Draw, Output
from ca_bridge.services.manage_recognition.fields import difference_fields
from ca_bridge.services.printable import printable
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.release_reach import reach_data

_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
_CELLS = {
    "gained": ("+", "green", "新增", "gained"),
    "lost": ("-", "red", "失去", "lost"),
    "raised": ("↑", "yellow", "提高", "raised"),
    "lowered": ("↓", "yellow", "降低", "lowered"),
}
_ABSENT = "∅"

NUMBER = click.argument("number", type=click.IntRange(1, HIGHEST))
AGAINST = click.argument("against", required=False, type=click.IntRange(0, HIGHEST))
LIMIT = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Changes of reach shown; JSON has all. / 显示的可达关系变化数；JSON 不受限制。",
)


def look_at_difference(desk: ReleaseDesk, out: Output, number: int, against: int | None, limit: int) -> None:
    """Say what ``number`` changes against its base, or against release ``against``."""
    fields = difference_fields(desk.releases.records.difference(number, against))
    for document in fields["documents"]:
        changes = document_changes(document)
        document["fields"] = [{"path": c.path, "before": c.before, "after": c.after} for c in changes]
    fields["reach"] = reach_data(desk, number, against)
    out.say(fields, draw_difference(fields, out.speech, limit))


def draw_difference(fields: Data, speech: Speech, limit: int) -> Draw:
    """Documents that differ, each with the values that do; then the cells of the matrix."""

    def draw(out: Console) -> None:
        for document in fields["documents"]:
            mark, style = _MARKS[document["difference"]]
            out.print(Text(f"{mark} {printable(document['name'])}", style=style), soft_wrap=True)
            for change in document["fields"]:
                _draw_change(out, change, speech)
        kinds = ", ".join(fields["kinds"]) or "-"
        needed = fields["approvers_needed"]
        out.print(
            speech.say(
                f"变更种类：{kinds}；除作者外需 {needed} 名审批人",
                f"kinds of change: {kinds}; {needed} approver(s) beside the authors",
            )
        )
        _draw_reach(out, fields["reach"], speech, limit)

    return draw


def _draw_change(out: Console, change: Data, speech: Speech) -> None:
    """On one line when it is short; else one below the other, so that neither side hides the other."""
    before, after = (_value(change[side], speech) for side in ("before", "after"))
    path = printable(change["path"] or ".", LONGEST)
    if len(before) + len(after) <= LONGEST // 4:
        out.print(Text(f"    {path}: {before} → {after}"), soft_wrap=True)
        return
    out.print(Text(f"    {path}:"), soft_wrap=True)
    out.print(Text(f"      - {before}", style="red"), soft_wrap=True)
    out.print(Text(f"      + {after}", style="green"), soft_wrap=True)


def _value(text: str | None, speech: Speech) -> str:
    if text is None:
        return _ABSENT
    more = len(text) - LONGEST
    if more <= 0:
        return printable(text, LONGEST)
    left_out = speech.say(f"…另有 {more} 个字符，见 --json", f"… {more} more characters: --json")
    return printable(text[:LONGEST], LONGEST) + left_out


def _draw_reach(out: Console, reach: Any, speech: Speech, limit: int) -> None:
    if reach is None:
        out.print(speech.say("可达关系：检查（lint）之后可见", "reach: to be seen once it is linted"))
        return
    changes = reach["changes"]
    out.print(
        speech.say(
            f"可达关系，相对 {reach['before'][:14]}…，于 {reach['at']}：{len(changes)} 处变化",
            f"reach, against {reach['before'][:14]}…, at {reach['at']}: {len(changes)} change(s)",
        )
    )
    for line, style in _cell_lines(changes[:limit], speech):
        out.print(Text(line, style=style), soft_wrap=True)
    if len(changes) > limit:
        rest = len(changes) - limit
        out.print(speech.say(f"另有 {rest} 处：--limit 或 --json", f"{rest} more: --limit or --json"))


def _cell_lines(changes: Any, speech: Speech) -> Iterator[tuple[str, str]]:
    for cell in changes:
        mark, style, zh, en = _CELLS[cell["change"]]
        before, after = (cell[side] or _ABSENT for side in ("before", "after"))
        by = " → ".join(_step_name(step) for step in cell["witness"])
        said = f"{mark} {speech.say(zh, en)} {cell['relying_ca']} → {cell['subject_ca']}"
        yield f"  {said}: {before} → {after} [{cell['basis']}{': ' if by else ''}{by}]", style


def _step_name(step: Data) -> str:
    return str(f"{step['trust_list']}/{step['entry']}" if "entry" in step else step["agreement"])
