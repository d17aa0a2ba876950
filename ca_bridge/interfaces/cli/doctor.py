"""`ca-bridge doctor`: what the gateway stands on, checked on this machine."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.text import Text

from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.ports import Check


@click.command(
    short_help="Check this installation / 自检",
    help="Check this installation; exit 0 when all is well, else 1. / 自检；全部正常时退出码为 0，否则为 1。",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON. / 以 JSON 输出。")
@click.option(
    "--live", is_flag=True, help="Only ask the server running on this machine. / 仅检查本机运行中的服务。"
)
@language_option
@click.pass_obj
def doctor(composition: Composition, speech: Speech, *, as_json: bool, live: bool) -> None:
    """Print every check."""
    checks = (composition.liveness(),) if live else _checks(composition)
    healthy = all(check.passed for check in checks)
    if as_json:
        rows = [
            {"name": c.name, "passed": c.passed, "detail": c.detail_en, "detail_zh": c.detail_zh}
            for c in checks
        ]
        click.echo(json.dumps({"healthy": healthy, "checks": rows}, ensure_ascii=False, indent=2))
    else:
        show(lambda out: _show(out, checks, speech, healthy=healthy))
    sys.exit(0 if healthy else 1)


def _checks(composition: Composition) -> tuple[Check, ...]:
    """The checks; a gateway that cannot be built is one failed check, not a crash."""
    try:
        return composition.built_gateway().diagnosis()
    except ConfigurationError as error:
        text = str(error)
        return (Check(name="configuration", passed=False, detail_en=text, detail_zh=text),)


def _show(out: Console, checks: tuple[Check, ...], speech: Speech, *, healthy: bool) -> None:
    for check in checks:
        detail = check.detail_en
        if speech is not Speech.EN and check.detail_zh != check.detail_en:
            detail = speech.say(check.detail_zh, check.detail_en)
        mark, style = ("✔", "green") if check.passed else ("✘", "bold red")
        out.print(Text.assemble((mark, style), f" {check.name}: ", detail))
    if healthy:
        out.print(Text(speech.say("一切正常", "all is well"), style="bold green"))
    else:
        out.print(Text(speech.say("存在问题", "something is wrong"), style="bold red"))
