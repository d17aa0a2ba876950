"""The throw-away server itself: who runs it, where it listens, and what happens without it."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from tests.fakes import postgresql as fake
from tests.fakes.postgresql import Cluster, cluster


def test_it_listens_on_its_socket_only_and_never_as_root(postgresql: Cluster) -> None:
    url = postgresql.create()
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('port')"
        ).fetchone()
    assert row == ("", "5432")
    postgresql.drop(url)
    pid = int((postgresql.folder / "data" / "postmaster.pid").read_text().split()[0])
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert os.getpid() == int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_it_leaves_nothing_behind() -> None:
    with cluster() as made:
        folder = made.folder
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_postgresql(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]) -> None:
    monkeypatch.setattr(fake, "programs", lambda: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="PostgreSQL is missing"), cluster():
        pass
