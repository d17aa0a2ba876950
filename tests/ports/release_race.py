"""What a child process does to a store: take a step when told to, or die in the middle of it.

python -m tests.ports.release_race approve URL ACCOUNT VERSION SHA256
python -m tests.ports.release_race die URL STATEMENTS
python -m tests.ports.release_race record URL ROWS
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_releases import SqlReleases
from ca_bridge.services.manage_recognition.commands import ApproveRelease, SecretProof
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.release_errors import ReleaseRefused
from tests.ports.release_values import ACCOUNT_SET, NOON, approved, attempt, commit, signature


class StillClock:
    def now(self) -> Any:
        return NOON


def secret_of(account: str) -> str:
    return f"{account}-secret-of-this-test"


def approve(url: str, account: str, version: str, sha256: str) -> str:
    """State after the approval, or the refusal's code. Commits only when its input says "go"."""
    waits = [True]

    def meet() -> None:
        if waits.pop() if waits else False:
            print("ready", flush=True)
            sys.stdin.readline()

    releases = ManageReleases(
        store=SqlReleases(Database(url)), clock=StillClock(), lint=lambda _: (), before_commit=meet
    )
    step = ApproveRelease(
        proof=SecretProof(account, secret_of(account)), number=1, version=int(version), content_sha256=sha256
    )
    try:
        return releases.approve(step).state.value
    except ReleaseRefused as refused:
        return refused.refusal.code


def die(url: str, moment: str) -> str:
    """Killed in a commit that writes to every table: after so many of its statements, or "commit"."""
    database = Database(url)
    store = SqlReleases(database)
    step = commit(store, release=approved(1, NOON), accounts=ACCOUNT_SET, signature=signature())
    if moment == "commit":
        event.listen(database.engine, "commit", kill)  # all is written, and nothing committed
    else:
        left = iter(range(int(moment)))
        event.listen(
            database.engine, "after_cursor_execute", lambda *_: kill() if next(left, None) is None else None
        )
    store.commit(step)
    return "done"


def kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def record(url: str, rows: str) -> str:
    store = SqlReleases(Database(url))
    for number in range(int(rows)):
        store.record(attempt("ROLE_MISSING", version=number))
    return "done"


if __name__ == "__main__":
    print({"approve": approve, "die": die, "record": record}[sys.argv[1]](*sys.argv[2:]), flush=True)
