"""`ca-bridge explain CODE`: one reason in full; without a code, all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Reason
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show
from ca_bridge.interfaces.cli.words import ACTORS
from ca_bridge.services.printable import printable


@click.command(
    short_help="Explain a reason code / 解释原因代码",
    help="Explain a reason code; without CODE, list all. / 解释原因代码；不带 CODE 时列出全部。",
)
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON. / 以 JSON 输出。")
@language_option
def explain(code: str | None, speech: Speech, *, as_json: bool) -> None:
    """Print one row of the catalogue, or all codes."""
    if code is None:
        rows = sorted(CATALOGUE.values(), key=lambda r: r.code)
        _list(rows, speech, as_json=as_json)
        return
    reason = CATALOGUE.get(code.strip().upper().replace("-", "_"))
    if reason is None:
        raise click.UsageError(_unknown(code))
    if as_json:
        click.echo(json.dumps(reason_row(reason), ensure_ascii=False, indent=2))
    else:
        show(lambda out: _show(out, reason))


def reason_row(reason: Reason) -> dict[str, Any]:
    """One row of the catalogue as plain data."""
    return {
        "code": reason.code,
        "indication": reason.indication.value,
        "sub_indication": reason.sub_indication.value,
        "clause": reason.clause,
        "actor": reason.actor.value,
        "message": reason.message_en,
        "message_zh": reason.message_zh,
        "remedy": reason.remedy_en,
        "remedy_zh": reason.remedy_zh,
        "params": list(reason.params),
    }


def _unknown(code: str) -> str:
    shown = printable(code, 80)
    near = get_close_matches(code.strip().upper().replace("-", "_")[:80], CATALOGUE, n=3, cutoff=0.5)
    nearest = f"\nnearest / 最接近的: {', '.join(near)}" if near else ""
    return f"no reason has the code {shown} / 没有代码为 {shown} 的原因{nearest}"


def _list(rows: Iterable[Reason], speech: Speech, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([reason_row(r) for r in rows], ensure_ascii=False, indent=2))
        return
    show(lambda out: _print_rows(out, rows, speech))


def _print_rows(out: Console, rows: Iterable[Reason], speech: Speech) -> None:
    for reason in rows:
        out.print(Text(reason.code, style="bold"))
        for language in speech.languages:
            text = reason.message_zh if language.value == "zh" else reason.message_en
            out.print(Text(f"  {text}"))


def _show(out: Console, reason: Reason) -> None:
    """Both languages always: who asks what a code means may read either."""
    zh, en = ACTORS[reason.actor]
    out.print(Text(reason.code, style="bold"))
    out.print(
        Text(f"{reason.indication.value} / {reason.sub_indication.value} · {reason.clause}", style="dim")
    )
    for text, todo, who in (
        (reason.message_zh, reason.remedy_zh, f"由谁处理：{zh}"),
        (reason.message_en, reason.remedy_en, f"Who must act: {en}"),
    ):
        out.print()
        out.print(Text(text))
        out.print(Text(f"→ {todo}"))
        out.print(Text(who, style="dim"))
    if reason.params:
        out.print()
        out.print(Text(f"{{}}: {', '.join(reason.params)}", style="dim"))
