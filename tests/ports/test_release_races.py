"""One winner, whoever races: threads and processes; and a process that dies halfway has done nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    DraftRelease,
    LintRelease,
    SecretProof,
    SubmitRelease,
)
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Release, Role
from ca_bridge.services.manage_recognition.records import ReleaseRecords
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.release_ports import ReleaseStore, StateMoved
from tests.fakes.release_stores import DumpedReleases, LookedInto, entries
from tests.ports.release_race import StillClock, secret_of
from tests.ports.release_values import ACCOUNT_SET, NOON, approved, attempt, commit, release, signature

ROOT = Path(__file__).resolve().parents[2]
ROLES = {"dee": Role.AUTHOR, "ben": Role.APPROVER, "cho": Role.APPROVER}
STEPS = 12


def child(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ports.release_race", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def submitted(store: ReleaseStore) -> Release:
    """Release 1, submitted by dee; ben or cho alone can approve it."""
    accounts = AccountSet(
        tuple(
            Account(name=name, roles=frozenset({role}), secret=hash_secret(secret_of(name), ScryptCost(n=2)))
            for name, role in ROLES.items()
        )
    )
    ManageAccounts(store=store, clock=StillClock()).establish(accounts)
    releases = ManageReleases(store=store, clock=StillClock(), lint=lambda _: ())
    proof = SecretProof("dee", secret_of("dee"))
    made = releases.draft(DraftRelease(proof=proof, documents={"agreements/a.yaml": {}}, base=0))
    made = releases.lint(LintRelease(proof=proof, number=1, version=made.version))
    return releases.submit(
        SubmitRelease(proof=proof, number=1, version=made.version, content_sha256=made.content_sha256)
    )


def test_processes_approving_at_once(sql_store: DumpedReleases) -> None:
    made = submitted(sql_store)
    runs = [
        child("approve", sql_store.url, name, str(made.version), made.content_sha256)
        for name in ("ben", "cho")
    ]
    assert [run.stdout.readline() for run in runs if run.stdout] == ["ready\n"] * 2  # both have planned
    for run in runs:
        assert run.stdin
        run.stdin.write("go\n")
        run.stdin.flush()
    said = [run.communicate(timeout=60) for run in runs]
    assert sorted(said) == [("STALE_VERSION\n", ""), ("approved\n", "")]
    stored = sql_store.release(1)
    assert stored is not None
    assert (stored.version, len(stored.approvals)) == (made.version + 1, 1)
    assert sorted(e.attempt.outcome for e in entries(sql_store)[-2:]) == ["STALE_VERSION", "done"]
    assert ReleaseRecords(sql_store).first_broken_row() is None


def test_threads_committing_at_once(store: LookedInto) -> None:
    """Eight threads see the same state, again and again; each time exactly one of them writes."""
    store.commit(commit(store, release=release()))
    barrier = Barrier(8)

    def take(who: int) -> list[bool]:
        won = []
        for version in range(2, STEPS):
            step = commit(store, release=release(version=version, note=str(who)))
            barrier.wait(60)
            try:
                store.commit(step)
            except StateMoved:
                won.append(False)
            else:
                won.append(True)
            barrier.wait(60)
        return won

    with ThreadPoolExecutor(8) as pool:
        rounds = list(zip(*pool.map(take, range(8)), strict=True))
    assert [sum(won) for won in rounds] == [1] * (STEPS - 2)
    last = store.release(1)
    assert last == release(version=STEPS - 1, note=str(rounds[-1].index(True)))
    assert store.ledger().generation == STEPS - 1
    assert ReleaseRecords(store).first_broken_row() is None


def test_two_contents_at_once(store: LookedInto) -> None:
    """Numbers are given once, though two threads drafted under the same one."""
    steps = [commit(store, release=release(note=name)) for name in ("one", "two")]
    barrier = Barrier(2)

    def write(step: Any) -> bool:
        barrier.wait(60)
        try:
            store.commit(step)
        except StateMoved:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(write, steps))
    assert sorted(won) == [False, True]
    assert store.release(1) == steps[won.index(True)].release


def test_processes_writing_the_trail_at_once(sql_store: DumpedReleases) -> None:
    runs = [child("record", sql_store.url, "40") for _ in range(3)]
    assert [run.communicate(timeout=120) for run in runs] == [("done\n", "")] * 3
    assert len(entries(sql_store)) == sql_store.trail_head().count == 120
    assert ReleaseRecords(sql_store).first_broken_row() is None


def test_recording_while_committing(store: LookedInto) -> None:
    """Refused attempts neither hinder a step nor break the chain."""

    def refuse(number: int) -> None:
        store.record(attempt("SELF_APPROVAL", version=number))

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(refuse, number) for number in range(40)]
        for version in range(1, 11):
            store.commit(commit(store, release=release(version=version)))
        for future in waiting:
            future.result(60)
    assert (len(entries(store)), store.ledger().generation) == (50, 10)
    assert ReleaseRecords(store).first_broken_row() is None


@pytest.mark.parametrize("moment", ["0", "1", "4", "8", "12", "commit"])
def test_a_process_that_dies_in_a_commit(sql_store: DumpedReleases, moment: str) -> None:
    sql_store.record(attempt("X"))
    before, head = sql_store.dump(), sql_store.trail_head()
    run = child("die", sql_store.url, moment)
    assert run.communicate(timeout=60) == ("", "")
    assert run.returncode == -signal.SIGKILL
    assert (sql_store.dump(), sql_store.trail_head()) == (before, head)
    assert len(entries(sql_store)) == 1
    step = commit(sql_store, release=approved(1, NOON), accounts=ACCOUNT_SET, signature=signature())
    sql_store.commit(step)  # and nobody is locked out by it
    assert sql_store.release(1) == approved(1, NOON)
    assert ReleaseRecords(sql_store).first_broken_row() is None
