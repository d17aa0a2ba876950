"""`ca-bridge matrix` and `ca-bridge conflicts`: what the policy amounts to, at the terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show, usage_error
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_time
from ca_bridge.services.recognition_analysis import Analysed, AnalysedSource, conflicts_data, matrix_data

Data = Mapping[str, Any]
_FOUND = 1
_SAME_DOMAIN = "domain"
_DATE_LENGTH = len("2026-01-31")

_at_option = click.option("--at", help="Instant: 2026-01-31 or RFC 3339; default now. / 时间，默认为现在。")
_json_option = click.option(
    "--json", "as_json", is_flag=True, help="JSON with every witness. / 以 JSON 输出。"
)
_limit_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Rows shown; JSON has all. / 显示的行数；JSON 不受限制。",
)


def analysis_commands(source: AnalysedSource) -> tuple[click.Command, ...]:
    """The two commands; ``source`` gives the policy of the settings, its facts and the present instant."""
    return _matrix_command(source), _conflicts_command(source)


def _matrix_command(source: AnalysedSource) -> click.Command:
    @click.command(
        short_help="Which CA reaches which, at which level / 互认可达矩阵",
        help="Which principal CAs reach which, at which level and by what. / 主 CA 间的可达关系与级别。",
    )
    @_at_option
    @_json_option
    @_limit_option
    @language_option
    def matrix(at: str | None, as_json: bool, limit: int, speech: Speech) -> None:  # noqa: FBT001 - an option
        data = matrix_data(_analysed(source, at))
        if as_json:
            _say_json(data)
        else:
            show(lambda out: _draw_matrix(out, data, limit, speech))

    return matrix


def _conflicts_command(source: AnalysedSource) -> click.Command:
    @click.command(
        short_help="What contradicts itself in the policy / 策略冲突",
        help="Conflicts of the policy, each with a counter-example; exit 0 when there are none, else 1. / "
        "策略冲突及其反例；没有冲突时退出码为 0，否则为 1。",
    )
    @_at_option
    @_json_option
    @_limit_option
    @language_option
    def conflicts(at: str | None, as_json: bool, limit: int, speech: Speech) -> None:  # noqa: FBT001 - an option
        data = conflicts_data(_analysed(source, at))
        if as_json:
            _say_json(data)
        else:
            show(lambda out: _draw_conflicts(out, data, limit, speech))
        if data["conflicts"]:
            raise SystemExit(_FOUND)

    return conflicts


def _analysed(source: AnalysedSource, at: str | None) -> Analysed:
    try:
        full = f"{at}T00:00:00Z" if at is not None and len(at) == _DATE_LENGTH else at
        time = None if full is None else read_time("validation_time", full)
    except UnusableQuestion as error:
        raise usage_error(error) from error
    what = source()
    return what if time is None else replace(what, at=time)


def _say_json(data: Data) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _draw_matrix(out: Console, data: Data, limit: int, speech: Speech) -> None:
    """A row for each pair of domains; what a domain makes of itself stands in the JSON alone."""
    rows = [reach for reach in data["reaches"] if reach["basis"] != _SAME_DOMAIN]
    if not rows:
        nobody = speech.say(
            f"{data['at']} 没有任何域信任另一个域：协议与条目均未生效",
            f"at {data['at']} no domain relies on another: no agreement and no entry is in force",
        )
        out.print(Text(nobody))
        return
    table = Table(box=None, pad_edge=False)
    for title in (
        ("信任方", "relies"),
        ("对方", "on"),
        ("级别", "level"),
        ("CA 数", "CAs"),
        ("经由", "by"),
    ):
        table.add_column(speech.say(*title), overflow="fold")
    authorities = data["authorities"]
    for reach in rows[:limit]:
        relying, subject = len(authorities[reach["relying_domain"]]), len(reach["authorities"])
        by = " → ".join(_step_name(step) for step in reach["witness"])
        table.add_row(reach["relying_domain"], reach["subject"], reach["level"], f"{relying} × {subject}", by)
    out.print(table)
    _say_rest(out, len(rows), limit, speech)


def _draw_conflicts(out: Console, data: Data, limit: int, speech: Speech) -> None:
    found: Sequence[Data] = data["conflicts"]
    for conflict in found[:limit]:
        where = ", ".join(conflict["where"])
        out.print(Text.assemble(("✘ ", "red"), (conflict["kind"], "red"), (f"  {where}", "dim")))
        for language in speech.languages:
            out.print(Padding(Text(conflict["message"][language.value]), (0, 0, 0, 4)))
        for step in conflict["witness"]:
            out.print(Padding(Text(_step_line(step), style="dim"), (0, 0, 0, 6)))
        for language in speech.languages:
            out.print(Padding(Text(f"→ {conflict['remedy'][language.value]}", style="green"), (0, 0, 0, 4)))
    _say_rest(out, len(found), limit, speech)
    out.print(Text(speech.say(f"{len(found)} 处冲突", f"{len(found)} conflict(s)")))


def _step_name(step: Data) -> str:
    return f"{step['trust_list']}/{step['entry']}" if "entry" in step else step["agreement"]


def _step_line(step: Data) -> str:
    return (
        f"{step['issuer_domain']} {step['issuer_domain_policy']} → {step['subject_domain']} "
        f"{step['subject_domain_policy']}  [{step['level']}, {step['agreement']}]"
    )


def _say_rest(out: Console, count: int, limit: int, speech: Speech) -> None:
    if count > limit:
        rest = count - limit
        out.print(Text(speech.say(f"另有 {rest} 行：--limit 或 --json", f"{rest} more: --limit or --json")))
