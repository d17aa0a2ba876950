"""How far a long run is, on standard error: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from ca_bridge.interfaces.cli.terminal import console

_SAY_EVERY_S = 10.0
_Item = TypeVar("_Item")


def counted(items: Iterable[_Item], total: int | None) -> Iterator[_Item]:
    """``items`` as they are; ``total`` None = nobody knows how many."""
    return _with_bar(items, total) if sys.stderr.isatty() else _with_lines(items, total)


def _with_bar(items: Iterable[_Item], total: int | None) -> Iterator[_Item]:
    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
        task = progress.add_task("", total=total)
        for item in items:
            yield item
            progress.advance(task)


def _with_lines(items: Iterable[_Item], total: int | None) -> Iterator[_Item]:
    next_s = monotonic() + _SAY_EVERY_S
    for number, item in enumerate(items, start=1):
        yield item
        if monotonic() >= next_s:
            click.echo(f"{number}" if total is None else f"{number} / {total}", err=True)
            next_s = monotonic() + _SAY_EVERY_S
