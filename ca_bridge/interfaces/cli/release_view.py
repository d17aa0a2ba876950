"""How the commands of releases and accounts speak: as JSON, or for people in their language; and refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show, usage_error
from ca_bridge.services.errors import ConfigurationError, UnusableQuestion
from ca_bridge.services.impact.journal_port import JournalFailed
from ca_bridge.services.manage_recognition.fields import refusal_fields
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import RefusalKind, ReleaseRefused

Data = Mapping[str, Any]
Words = tuple[str, str]
Draw = Callable[[Console], None]
REFUSED, INDETERMINATE = 1, 3
LONGEST = 400
HIGHEST = (1 << 31) - 1
"""The highest number that stores keep."""
_Command = TypeVar("_Command", bound=Callable[..., Any])
_NOT_ASCII = re.compile("[^\x20-\x7e\n]")
_STORE = {
    "code": "STORE_UNUSABLE",
    "kind": RefusalKind.INDETERMINATE.value,
    "message_zh": "存储目前无法使用",
    "message_en": "the store cannot be used now",
    "remedy_zh": "请稍后再试；先查看该步骤是否已执行",
    "remedy_en": "try later, and look first whether the step was taken",
}


@dataclass(frozen=True, slots=True)
class Output:
    """How a command speaks."""

    as_json: bool
    speech: Speech

    def say(self, data: Any, draw: Draw) -> None:
        """``data`` as JSON, or what ``draw`` draws."""
        if self.as_json:
            click.echo(json_text(data))
        else:
            show(draw)

    def hint(self, zh: str, en: str) -> None:
        """What a person may want to know next, beside the answer; programs are spared."""
        if not self.as_json:
            click.echo(f"→ {self.speech.say(zh, en)}", err=True)


def json_text(data: Any) -> str:
    """``data`` as JSON that misleads no terminal: what would move its cursor or its text is escaped."""
    return _NOT_ASCII.sub(_harmless, json.dumps(data, ensure_ascii=False, indent=2))


def _harmless(match: re.Match[str]) -> str:
    character = match[0]
    return character if printable(character) == character else json.dumps(character)[1:-1]


def output_options(command: _Command) -> _Command:
    """Add --json and --lang; the command gets ``as_json`` and ``speech``."""
    option = click.option("--json", "as_json", is_flag=True, help="JSON. / 以 JSON 输出。")
    return option(language_option(command))


@contextmanager
def refusals(out: Output) -> Iterator[None]:
    """A refusal ends the command: exit 1 with its code, texts and remedy, or 3 when it can't be known now."""
    try:
        yield
    except ReleaseRefused as refused:
        _show_refusal(out, refusal_fields(refused))
        unknown = refused.refusal.kind is RefusalKind.INDETERMINATE
        raise SystemExit(INDETERMINATE if unknown else REFUSED) from refused
    except UnusableQuestion as error:
        raise usage_error(error) from error
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    except (StoreUnavailable, StoreDamaged, JournalFailed) as error:
        _show_refusal(out, _STORE | {"params": {"cause": printable(str(error))}})
        raise SystemExit(INDETERMINATE) from error


def _show_refusal(out: Output, fields: Data) -> None:
    """As JSON on standard output, for people on standard error."""
    if out.as_json:
        click.echo(json_text({"refused": fields}))
        return
    _complain(f"{fields['code']}: {out.speech.say(fields['message_zh'], fields['message_en'])}")
    for problem in fields.get("problems", ()):
        place = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
        _complain(f"{place}: {out.speech.say(problem['message_zh'], problem['message_en'])}")
    _complain(f"→ {out.speech.say(fields['remedy_zh'], fields['remedy_en'])}")


def _complain(line: str) -> None:
    click.echo(printable(line, 4 * LONGEST), err=True)


def draw_table(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> Draw:
    """A table without lines."""
    names = tuple(titles)

    def draw(out: Console) -> None:
        table = Table(box=None, pad_edge=False, show_header=any(names))
        for title in names:
            table.add_column(title, overflow="fold")
        for row in rows:
            table.add_row(*(printable(str(cell), LONGEST) for cell in row))
        out.print(table)

    return draw


def draw_fields(speech: Speech, rows: Iterable[tuple[Words, Any]]) -> Draw:
    """One line for each: its name in the language, and its value."""
    return draw_table(("", ""), [(speech.say(*words), value) for words, value in rows])
