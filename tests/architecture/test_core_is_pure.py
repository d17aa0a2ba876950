"""The core asks nobody: decisions come out the same while files, sockets, processes and clocks explode."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ca_bridge import wiring
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, Request, RevocationRule
from ca_bridge.core.verdict import Verdict
from tests.pki_writers import small, x509

CORE = Path(__file__).resolve().parents[2] / "ca_bridge" / "core"
FORBIDDEN_MODULES = frozenset(
    {"asyncio", "ctypes", "flask", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "platform"}
    | {"random", "secrets", "shutil", "socket", "subprocess", "sys", "tempfile", "time", "urllib", "uuid"}
    | {"yaml"}
)
FORBIDDEN_NAMES = frozenset({"open", "input", "print", "eval", "exec", "globals", "__import__"})
CLOCK_METHODS = frozenset({"now", "utcnow", "today", "fromtimestamp"})
TOUCHING = ("open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.", "urllib.", "exec", "import")
CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime")


class Touched(BaseException):
    """Not an Exception, so that nothing that catches those can hide it."""


_armed = [False]


def _explode(event: str, _args: tuple[object, ...]) -> None:
    if _armed[0] and event.startswith(TOUCHING):
        raise Touched(event)


def _no_clock(*_args: object) -> NoReturn:
    raise Touched("clock")


@contextmanager
def alone() -> Iterator[None]:
    """The interpreter reports every file, socket, process and import to us; none may come."""
    _armed[0] = True
    try:
        yield
    finally:
        _armed[0] = False


@pytest.fixture(scope="module", autouse=True)
def _audit() -> None:
    """An audit hook stays for the life of the process; it is armed only inside ``alone``."""
    sys.addaudithook(_explode)


def _requests() -> list[tuple[Request, Evidence]]:
    parameters = Parameters(validation_time=x509.NOW, revocation=RevocationRule.REQUIRE_TARGET)
    chain = (small.authority(),)
    gone = x509.Revoked(x509.serial("small leaf"), x509.THIS_UPDATE, 1)
    crls: tuple[tuple[bytes, ...], ...] = ((), (small.CA.crl(),), (small.CA.crl(gone),), (b"garbage",))
    leaf = Request(target=small.leaf(), parameters=parameters)
    out = [(leaf, Evidence(certificates=chain, crls=some)) for some in crls]
    garbage = Request(target=b"garbage", parameters=parameters)
    return [*out, (garbage, Evidence(certificates=chain)), (leaf, Evidence(certificates=(b"\x30\x80",)))]


def _verdicts() -> list[Verdict]:
    """Under a new snapshot each time, so that nothing is answered from memory."""
    trust = wiring.offline_trust((small.root(),))
    with alone():
        return [decide(request, evidence, trust) for request, evidence in _requests_kept]


_requests_kept = _requests()


def test_decide_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _verdicts()
    assert [v.indication.value for v in before][:3] == ["INDETERMINATE", "TOTAL_PASSED", "TOTAL_FAILED"]
    trust = wiring.offline_trust((small.root(),))
    for clock in CLOCKS:
        monkeypatch.setattr(time, clock, _no_clock)
    with alone():
        after = [decide(request, evidence, trust) for request, evidence in _requests_kept]
    monkeypatch.undo()
    assert after == before


def test_the_alarm_works(tmp_path: Path) -> None:
    with pytest.raises(Touched), alone():
        (tmp_path / "x").write_text("x")


def _sources() -> list[Any]:
    return [pytest.param(path, id=str(path.relative_to(CORE))) for path in sorted(CORE.rglob("*.py"))]


@pytest.mark.parametrize("path", _sources())
def test_source_names_nothing_impure(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN_MODULES
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in FORBIDDEN_MODULES
        elif isinstance(node, ast.Name):
            assert node.id not in FORBIDDEN_NAMES
        elif isinstance(node, ast.Attribute):
            assert node.attr not in CLOCK_METHODS, f"line {node.lineno}: a clock is an argument"


def test_the_clock_stands_in_one_adapter() -> None:
    clocks = {
        path.name
        for path in CORE.parent.rglob("*.py")
        if "datetime.now" in path.read_text("utf-8") or "time.time(" in path.read_text("utf-8")
    }
    assert clocks == {"system_clock.py"}
