"""A throw-away PostgreSQL cluster: Debian's own, in a temporary folder, on a Unix socket only."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest

_ACCOUNT = "postgres"
_START_S = 60
# Nothing here outlives the tests, so nothing has to reach the disk.
_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "listen_addresses=",
    "shared_buffers=16MB",
    "TimeZone=Asia/Macau",
)


def programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parents[1].name))
    on_path = shutil.which("initdb")
    candidates = [*([Path(on_path)] if on_path else []), *found]
    return candidates[-1].parent if candidates else None


@dataclass
class Cluster:
    folder: Path
    template: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return f"postgresql://{_ACCOUNT}@/{database}?host={self.folder}"

    @cached_property
    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user=_ACCOUNT, dbname=_ACCOUNT, autocommit=True)

    def create(self) -> str:
        """URL of a new database, made like ``template`` when there is one."""
        name = f"t{next(self._numbers)}"
        like = f" TEMPLATE {self.template}" if self.template else ""
        self._admin.execute(f"CREATE DATABASE {name}{like}".encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster; skips when PostgreSQL is missing, and fails instead where CI is true."""
    where = programs()
    if where is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is missing: apt-get install postgresql")
        pytest.skip("PostgreSQL is missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short name: the path of a socket has 107 bytes
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        server = _start(where, folder)
        try:
            made = Cluster(folder)
            _wait(made, server)
            yield made
            made._admin.close()
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(where: Path, folder: Path) -> subprocess.Popen[bytes]:
    data = folder / "data"
    who: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    if os.geteuid() == 0:  # the server refuses to run as root
        who |= {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": ()}
    make = (where / "initdb", "-D", data, "-U", _ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync")
    subprocess.run(make, check=True, capture_output=True, timeout=_START_S, **who)
    # Should the tests be killed, the server goes with them.
    bound = ("setpriv", "--pdeathsig", "QUIT", "--") if shutil.which("setpriv") else ()
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        run = (*bound, where / "postgres", "-D", data, "-k", folder, *settings)
        return subprocess.Popen(run, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **who)


def _wait(made: Cluster, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            assert made._admin
        except psycopg.OperationalError:
            alive = server.poll() is None and time.monotonic() < end
            assert alive, (made.folder / "log").read_text("utf-8", "replace")
            time.sleep(0.05)
        else:
            return
