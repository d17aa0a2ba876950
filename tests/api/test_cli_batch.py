"""`ca-bridge validate --batch` where something goes wrong around it, and what it says meanwhile."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ca_bridge import wiring
from ca_bridge.interfaces.cli import batch
from ca_bridge.interfaces.cli.app import command_line, run
from ca_bridge.services.batch_workers import Workers, WorkersLost
from tests.fakes.gateways import DEFECTIVE_HOST, fragile_gateway

DEMO = Path(__file__).resolve().parents[2] / "certs-test" / "demo"
LINES = (DEMO / "batch.jsonl").read_bytes().splitlines(keepends=True)
COMPOSITION = replace(wiring.composition(), gateway=fragile_gateway)
PROGRAM = command_line(COMPOSITION)


def run_batch(*arguments: object, data: bytes = b"") -> Result:
    return CliRunner().invoke(PROGRAM, ["validate", "--batch", *map(str, arguments)], input=data)


def written(tmp_path: Path, *lines: bytes) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_standard_input_to_standard_output() -> None:
    result = run_batch("-", "--out", "-", data=b"".join(LINES))
    assert result.exit_code == 0
    ids = [json.loads(line)["id"] for line in result.stdout.splitlines()]
    assert ids == [json.loads(line)["id"] for line in LINES]
    assert f"{len(LINES)} lines: 1 TOTAL_PASSED" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-",), "--batch needs --out / --batch 需要 --out"),
        (("absent\x1b", "--out", "-"), r"absent\u{1b}: cannot be opened: No such file or directory"),
        (("-", "--out", "/nowhere/out"), "/nowhere/out: cannot be opened: No such file or directory"),
        (("-", "--out", "/"), "/: cannot be opened: Is a directory"),
    ],
)
def test_files_that_cannot_be_used(arguments: tuple[str, ...], said: str) -> None:
    result = run_batch(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_the_file_asked_from_is_never_written(tmp_path: Path) -> None:
    source = written(tmp_path, *LINES)
    result = run_batch(source, "--out", source)
    assert result.exit_code == 2
    assert "--out is the file of --batch" in result.stderr
    assert source.read_bytes() == b"".join(LINES)


def test_lines_the_engine_stopped_on_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_MAX_DEFECTS_SHOWN", 2)
    broken = json.dumps(json.loads(LINES[0]) | {"dns_name": DEFECTIVE_HOST}).encode() + b"\n"
    result = run_batch(written(tmp_path, LINES[0], broken, broken, broken), "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "line 2: not judged / 未判定: KeyError" in result.stderr
    assert "line 3: not judged" in result.stderr
    assert "line 4" not in result.stderr
    assert "3 not judged / 行未判定" in result.stderr
    answers = [json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]
    assert [a["reasons"][0]["code"] for a in answers[1:]] == ["ENGINE_STOPPED"] * 3


def test_a_full_disk_ends_the_run(tmp_path: Path) -> None:
    result = run_batch(written(tmp_path, *LINES), "--out", "/dev/full")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr


def test_a_reader_that_has_gone_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the buffer is let go of, so that the interpreter does not stumble over it at exit."""
    let_go: list[bool] = []
    monkeypatch.setattr(batch, "_abandon_standard_output", lambda: let_go.append(True))

    def gone(_: object) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    def copy(*arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(sys.stdout.buffer, "write", gone, raising=False)
        _COPY(*arguments, **options)

    monkeypatch.setattr(batch, "_copy", copy)
    result = run_batch(written(tmp_path, *LINES), "--out", "-")
    assert result.exit_code == 2
    assert "after 0 lines: Broken pipe / 读写失败" in result.stderr
    assert let_go == [True]


_COPY = batch._copy


def test_workers_that_die_too_often_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: Workers, lines: Iterator[bytes]) -> Iterator[object]:
        next(lines)
        raise WorkersLost("50 workers died / 50 个工作进程中止")
        yield

    monkeypatch.setattr(Workers, "judge_lines", lost)
    result = run_batch(written(tmp_path, *LINES), "--out", tmp_path / "out", "--jobs", "2")
    assert result.exit_code == 2
    assert "stopped after 0 lines: 50 workers died" in result.stderr


def test_progress_where_nobody_watches_is_a_line_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_SAY_EVERY_S", 0.0)
    result = run_batch(written(tmp_path, *LINES), "--out", tmp_path / "out")
    assert "1 lines: " in result.stderr
    assert "2 lines: " in result.stderr


def test_progress_on_a_terminal_is_one_moving_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(batch.Progress, "update", lambda _s, _t, description: told.append(description))
    monkeypatch.setattr(batch, "_SHOW_EVERY_S", 0.0)
    entered = batch._Progress.__enter__

    def watched(progress: batch._Progress) -> batch._Progress:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        return entered(progress)

    monkeypatch.setattr(batch._Progress, "__enter__", watched)
    result = run_batch(written(tmp_path, *LINES), "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert len(told) == len(LINES)
    assert told[-1].startswith(f"{len(LINES)} lines: ")


def _interrupted() -> None:
    raise KeyboardInterrupt


def _refused() -> None:
    raise click.UsageError("no")


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (_interrupted, 130, "interrupted / 已中断"),
        (_refused, 2, "Error: no"),
        (lambda: 3, 3, ""),
    ],
)
def test_how_the_program_ends(
    end: Callable[[], object], code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    composition = replace(COMPOSITION, further=(click.Command("ending", callback=end),))
    monkeypatch.setattr(sys, "argv", ["ca-bridge", "ending"])
    with pytest.raises(SystemExit) as ended:
        run(composition)
    assert ended.value.code == code
    assert said in capsys.readouterr().err
