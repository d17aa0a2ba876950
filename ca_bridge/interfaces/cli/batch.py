"""The batch form at the terminal: files or pipes, progress on standard error, an honest exit code."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Self

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ca_bridge.core.reasons.model import Indication
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.terminal import console
from ca_bridge.services.batch import JudgedLine, LineJudge, read_lines
from ca_bridge.services.batch_workers import Workers, WorkersLost
from ca_bridge.services.printable import printable

_STANDARD = Path("-")
_SAY_EVERY_S = 10.0
_SHOW_EVERY_S = 0.2
_NOT_ALL_JUDGED = 1
_MAX_DEFECTS_SHOWN = 20


class BatchFailed(click.ClickException):
    """Files or workers gave out; what has been answered so far is in the output."""

    exit_code = 2


def run_batch(composition: Composition, source: Path, target: Path | None, jobs: int) -> int:
    """Judge every line of ``source`` into ``target``.

    0 = all lines judged; 1 = the engine stopped on some, which are answered as not judged; 2 = files.
    """
    if target is None:
        raise click.UsageError("--batch needs --out / --batch 需要 --out")
    gateway = composition.built_gateway()  # what cannot start says so before a file is touched
    tally = _Tally()
    with ExitStack() as stack:
        questions = stack.enter_context(_reading(source))
        write = stack.enter_context(_writing(target, source))
        progress = stack.enter_context(_Progress())
        if jobs == 1:
            judge = LineJudge(gateway.validate)
            answers: Iterable[JudgedLine] = map(judge.judge, read_lines(questions))
        else:
            workers = stack.enter_context(Workers(composition.gateway, jobs))
            answers = workers.judge_lines(read_lines(questions))
        _copy(answers, write, tally, progress, flush=target == _STANDARD and jobs == 1)
    tally.say()
    return _NOT_ALL_JUDGED if tally.defects else 0


def _copy(
    answers: Iterable[JudgedLine], write: BinaryIO, tally: _Tally, progress: _Progress, *, flush: bool
) -> None:
    try:
        for answer in answers:
            write.write(answer.out)
            if flush:
                write.flush()
            tally.add(answer)
            progress.show(tally)
        write.flush()
    except WorkersLost as error:
        raise BatchFailed(f"stopped after {tally.lines} lines: {error}") from error
    except OSError as error:
        if write is sys.stdout.buffer:
            _abandon_standard_output()
        raise BatchFailed(f"after {tally.lines} lines: {error.strerror} / 读写失败") from error


def _abandon_standard_output() -> None:
    """Its reader has gone or its disk is full: what is left in the buffer must not fail again at exit."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    if path == _STANDARD:
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error) from error
    with stream:
        yield stream


@contextmanager
def _writing(path: Path, source: Path) -> Iterator[BinaryIO]:
    if path == _STANDARD:
        yield sys.stdout.buffer
        return
    try:
        if path.exists() and source != _STANDARD and path.samefile(source):
            raise click.UsageError("--out is the file of --batch / --out 与 --batch 是同一文件")
        stream = path.open("wb")
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error) from error
    try:
        yield stream
    finally:
        try:
            stream.close()
        except OSError as error:
            raise BatchFailed(f"{printable(str(path))}: {error.strerror} / 写入失败") from error


def _cannot_open(path: Path, error: Exception) -> click.UsageError:
    why = getattr(error, "strerror", None) or "unusable name"
    return click.UsageError(f"{printable(str(path))}: cannot be opened: {why} / 文件无法打开")


class _Tally:
    """How the lines came out."""

    def __init__(self) -> None:
        self.lines = 0
        self.defects = 0
        self._indications: Counter[str] = Counter()
        self._started_s = monotonic()

    def add(self, answer: JudgedLine) -> None:
        """Count one answer; name the lines the engine stumbled over."""
        self.lines += 1
        self._indications[answer.indication] += 1
        if answer.defect:
            self.defects += 1
            if self.defects <= _MAX_DEFECTS_SHOWN:
                click.echo(f"line {self.lines}: not judged / 未判定: {answer.defect}", err=True)

    def text(self) -> str:
        """One line for people."""
        counted = ", ".join(f"{self._indications[i.value]} {i.value}" for i in Indication)
        elapsed_s = max(monotonic() - self._started_s, 1e-6)
        return f"{self.lines} lines: {counted}; {elapsed_s:.1f} s, {self.lines / elapsed_s:.0f}/s"

    def say(self) -> None:
        """The final count."""
        click.echo(self.text(), err=True)
        if self.defects:
            click.echo(f"{self.defects} not judged / 行未判定", err=True)


class _Progress:
    """A moving count on a terminal, a line every ten seconds elsewhere, both on standard error."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._next_s = monotonic() + _SAY_EVERY_S

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = Progress(
                BarColumn(bar_width=20),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=console(sys.stderr),
                transient=True,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
            self._next_s = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, tally: _Tally) -> None:
        """Say how far it is, no oftener than can be read."""
        now_s = monotonic()
        if now_s < self._next_s:
            return
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=tally.text())
            self._next_s = now_s + _SHOW_EVERY_S
        else:
            click.echo(tally.text(), err=True)
            self._next_s = now_s + _SAY_EVERY_S
