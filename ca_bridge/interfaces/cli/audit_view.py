"""How the commands of the audit log speak: progress, faults, and what they cannot do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from ca_bridge.interfaces.cli.release_view import (
    INDETERMINATE,
    LONGEST,
    REFUSED,
    Output,
    json_text,
    refusals,
)
from ca_bridge.interfaces.cli.terminal import console
from ca_bridge.services.audit.errors import ExportRefused, ExportUnreadable, NotInLog
from ca_bridge.services.audit.faults import TEXTS, Fault
from ca_bridge.services.printable import printable
from ca_bridge.services.signing import SignerUnavailable

_SAY_EVERY_S = 10.0


@contextmanager
def audit_refusals(out: Output) -> Iterator[None]:
    """What cannot be done ends the command: exit 1, or 3 when it cannot be done now."""
    try:
        with refusals(out):
            yield
    except ExportUnreadable as error:
        raise _refused(out, "EXPORT_UNREADABLE", str(error), REFUSED) from error
    except ExportRefused as error:
        raise _refused(out, "EXPORT_REFUSED", str(error), REFUSED) from error
    except NotInLog as error:
        said = str(error) or "日志中没有该条目或大小 / the log has no such entry or size"
        raise _refused(out, "NOT_IN_LOG", said, REFUSED) from error
    except SignerUnavailable as error:
        raise _refused(out, "SIGNER_UNAVAILABLE", str(error), INDETERMINATE) from error


def _refused(out: Output, code: str, said: str, exit_code: int) -> SystemExit:
    """Said as JSON on standard output, for people on standard error."""
    if out.as_json:
        click.echo(json_text({"refused": {"code": code, "message": said}}))
    else:
        click.echo(printable(f"{code}: {said}", LONGEST), err=True)
    return SystemExit(exit_code)


@contextmanager
def showing(total: int | None) -> Iterator[Callable[[int], None]]:
    """What is told how far the work is: a bar on a terminal, a line every ten seconds elsewhere."""
    if not sys.stderr.isatty():
        yield _lines(total)
        return
    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)


def _lines(total: int | None) -> Callable[[int], None]:
    next_s = [monotonic() + _SAY_EVERY_S]

    def tell(done: int) -> None:
        if monotonic() >= next_s[0]:
            click.echo(f"{done}" if total is None else f"{done} / {total}", err=True)
            next_s[0] = monotonic() + _SAY_EVERY_S

    return tell


def fault_fields(fault: Fault) -> Mapping[str, Any]:
    """One fault, with its texts and who must act."""
    texts = TEXTS[fault.kind]
    return {
        "kind": fault.kind.value,
        "first": fault.first,
        "last": fault.last,
        "detail": fault.detail,
        "source": fault.source,
        "message_zh": fault.message_zh,
        "message_en": fault.message_en,
        "remedy_zh": texts.remedy_zh,
        "remedy_en": texts.remedy_en,
    }


def complain(out: Output, fault: Fault) -> None:
    """A fault for people, on standard error."""
    texts, say = TEXTS[fault.kind], out.speech.say
    lines = (
        f"{fault.kind.value}: {say(fault.message_zh, fault.message_en)}",
        f"→ {say(texts.remedy_zh, texts.remedy_en)}",
    )
    for line in lines:
        click.echo(printable(line, 4 * LONGEST), err=True)
