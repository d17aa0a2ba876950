"""Where text goes: a console without markup, colours only where a person looks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

import click
from rich.console import Console

from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.messages import Language, message, remedy

_PIPE_WIDTH = 160
_OPTIONS = {
    "validation_time": "--at",
    "dns_name": "--dns-name",
    "user_initial_policy_set": "--policy",
    "max_path_length": "--max-path-length",
    "domain": "--domain",
}


def console(stream: TextIO | None = None) -> Console:
    """A console on ``stream`` (standard output): no markup, no emoji, no guessing of what to colour."""
    target = stream or sys.stdout
    width = None if target.isatty() else _PIPE_WIDTH
    return Console(file=target, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def show(draw: Callable[[Console], None]) -> None:
    """Let ``draw`` print to standard output; outside a terminal no line ends in blanks."""
    out = console()
    if out.is_terminal:
        draw(out)
        return
    with out.capture() as captured:
        draw(out)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def speak_utf8() -> None:
    """A terminal that lacks a character gets its code, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def usage_error(error: UnusableQuestion) -> click.UsageError:
    """What was asked cannot be used: said in both languages, with the remedy, under the option's name."""
    field = dict(error.finding.params).get("field", "")
    option = f"{_OPTIONS[field]}: " if field in _OPTIONS else ""
    return click.UsageError(f"{option}{both(error.finding)}")


def both(finding: Finding) -> str:
    """Message and remedy of a finding, both languages, one line each."""
    return "\n".join(f"{message(finding, one)} {remedy(finding, one)}" for one in (Language.EN, Language.ZH))


def unreadable(name: str, reason: Reason, params: tuple[tuple[str, str], ...]) -> click.UsageError:
    """A file that could not be read for what it should be."""
    return click.UsageError(f"{name}: {reason.code}\n{both(Finding(reason=reason, params=params))}")
