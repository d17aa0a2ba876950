"""No sequence of commands brings a release into force without enough people who did not write it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ca_bridge.services.manage_recognition.account_text import accounts_sha256
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    ApproveRelease,
    DecideAccounts,
    DraftRelease,
    LintRelease,
    ProposeAccounts,
    RejectRelease,
    RollBack,
    SecretProof,
    SubmitRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import (
    Account,
    AccountSet,
    ApprovalRules,
    ChangeKind,
    ProposalState,
    Release,
    ReleaseState,
    Role,
)
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.release_errors import ReleaseRefused
from tests.fakes.release_stores import DumpedReleases, LookedInto, entries
from tests.fakes.releases import MemoryReleases

START = datetime(2026, 1, 15, 12, tzinfo=UTC)
ROLES = {
    "ann": {Role.AUTHOR, Role.APPROVER},
    "ben": {Role.AUTHOR, Role.APPROVER, Role.OPERATOR},
    "cho": {Role.APPROVER},
    "eve": {Role.APPROVER},
    "dee": {Role.AUTHOR},
    "olu": {Role.OPERATOR},
    "aud": {Role.AUDITOR},
}
KINDS = {
    "agreements/a.yaml": ChangeKind.AGREEMENTS,
    "domains/d.yaml": ChangeKind.ANCHORS,
    "trust-lists/t.yaml": ChangeKind.TRUST_LISTS,
}
WHO = st.sampled_from(sorted(ROLES))
AUTHOR = st.sampled_from(["ann", "ben", "dee"])
APPROVER = st.sampled_from(["ann", "ben", "cho", "eve"])
CONTENT = st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(0, 2))
CHANGE = st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(0, 99), min_size=1)
WHICH = st.integers(0, 3)
"""How far back from the newest."""
SEEN = st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1])
"""How the version that was seen differs from the one there is."""
DELAY = st.sampled_from([None, None, -1, 1, 5])
"""Hours until it takes effect."""


@cache
def secret_hash(name: str) -> str:
    return hash_secret(f"{name}-secret-of-this-test", ScryptCost(n=2))


def proof(name: str) -> SecretProof:
    return SecretProof(name, f"{name}-secret-of-this-test")


class Changes(RuleBasedStateMachine):
    """Commands by anyone on anything; beside them, what people did, noted by the test alone."""

    def __init__(self, store: LookedInto, close: Callable[[], None]) -> None:
        super().__init__()
        self.store, self.close, self.time, self.attempts = store, close, START, 1
        self.releases = ManageReleases(store=store, clock=self, lint=lambda _: ())
        self.accounts = ManageAccounts(store=store, clock=self)
        names = sorted(ROLES)
        people = (Account(name=n, roles=frozenset(ROLES[n]), secret=secret_hash(n)) for n in names)
        self.accounts.establish(AccountSet(tuple(people)))
        self.wrote: defaultdict[int, set[str]] = defaultdict(set)
        self.said_yes: defaultdict[int, dict[str, str]] = defaultdict(dict)
        self.account_yes: defaultdict[int, set[str]] = defaultdict(set)
        self.proposed_by: dict[int, str] = {}
        self.approved: set[int] = set()

    def now(self) -> datetime:
        return self.time

    def teardown(self) -> None:
        assert len(entries(self.store)) == self.attempts
        assert self.releases.records.first_broken_row() is None
        target(float(len(self.approved)), label="approved releases")
        self.close()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A step may be refused, and then nothing has changed."""
        before = self.store.dump()
        self.attempts += 1
        try:
            yield
        except ReleaseRefused:
            assert self.store.dump() == before

    def seen(self, which: int, who: str, seen: int) -> dict[str, Any]:
        number = self.store.ledger().newest_number - which
        found = self.store.release(number)
        sha256 = found.content_sha256 if found else "0" * 64
        version = (found.version if found else 1) + seen
        return {"proof": proof(who), "number": number, "version": version, "content_sha256": sha256}

    def start(self, delay: int | None) -> datetime | None:
        return None if delay is None else self.time + timedelta(hours=delay)

    def head(self) -> int:
        head = self.store.ledger().head
        return head.number if head else 0

    @rule(who=WHO, content=CONTENT)
    def draft(self, who: str, content: dict[str, Any]) -> None:
        with self.attempt():
            made = self.releases.draft(DraftRelease(proof=proof(who), documents=content, base=self.head()))
            self.wrote[made.number].add(who)

    @rule(who=AUTHOR, content=CHANGE, delay=DELAY, whom=st.lists(APPROVER, max_size=4))
    def whole_change(self, who: str, content: dict[str, Any], delay: int | None, whom: list[str]) -> None:
        self.draft(who, content)
        self.lint(0, who, 0)
        self.submit(0, who, 0, delay)
        self.approve_by_many(0, whom)

    @rule(which=WHICH, who=WHO, seen=SEEN, content=CONTENT)
    def amend(self, which: int, who: str, seen: int, content: dict[str, Any]) -> None:
        with self.attempt():
            fields = self.seen(which, who, seen)
            del fields["content_sha256"]
            made = self.releases.amend(AmendRelease(**fields, documents=content, base=self.head()))
            self.wrote[made.number].add(who)
            self.said_yes[made.number].clear()

    @rule(which=WHICH, who=WHO, seen=SEEN)
    def lint(self, which: int, who: str, seen: int) -> None:
        with self.attempt():
            fields = self.seen(which, who, seen)
            del fields["content_sha256"]
            self.releases.lint(LintRelease(**fields))

    @rule(which=WHICH, who=WHO, seen=SEEN, delay=DELAY)
    def submit(self, which: int, who: str, seen: int, delay: int | None) -> None:
        with self.attempt():
            step = SubmitRelease(**self.seen(which, who, seen), effective_from=self.start(delay))
            self.wrote[self.releases.submit(step).number].add(who)

    @rule(which=WHICH, who=WHO, seen=SEEN, other=st.integers(0, 9))
    def approve(self, which: int, who: str, seen: int, other: int) -> None:
        with self.attempt():
            step = ApproveRelease(**self.seen(which, who, seen))
            if other == 0:
                step = replace(step, content_sha256="f" * 64)
            made = self.releases.approve(step)
            self.said_yes[made.number][who] = step.content_sha256
            if made.state is ReleaseState.APPROVED:
                self.check_approved(made)

    @rule(which=WHICH, whom=st.lists(APPROVER, min_size=2, max_size=3))
    def approve_by_many(self, which: int, whom: list[str]) -> None:
        for who in whom:
            self.approve(which, who, 0, 1)

    def check_approved(self, made: Release) -> None:
        """Judged by the test's own notes: who wrote it, who said yes to what, what differs from its base."""
        self.approved.add(made.number)
        accounts = self.store.ledger().accounts
        able = {a.name for a in accounts.accounts if a.enabled and Role.APPROVER in a.roles}
        yes = {who for who, sha256 in self.said_yes[made.number].items() if sha256 == made.content_sha256}
        base = self.store.release(made.base)
        old = self.releases.records.documents(base).data()
        new = self.releases.records.documents(made).data()
        differs = {name for name in KINDS if old.get(name, ...) != new.get(name, ...)}
        needed = max(dict(accounts.rules.required)[KINDS[name]] for name in differs)
        assert len((yes & able) - self.wrote[made.number]) >= needed >= 1
        assert set(made.authors) == self.wrote[made.number]

    @rule(which=WHICH, who=WHO, seen=SEEN)
    def reject(self, which: int, who: str, seen: int) -> None:
        with self.attempt():
            self.releases.reject(RejectRelease(**self.seen(which, who, seen)))

    @rule(which=WHICH, who=WHO, seen=SEEN)
    def withdraw(self, which: int, who: str, seen: int) -> None:
        with self.attempt():
            made = self.releases.withdraw(WithdrawRelease(**self.seen(which, who, seen)))
            self.approved.discard(made.number)

    @rule(which=st.integers(0, 9), who=WHO, delay=DELAY)
    def roll_back(self, which: int, who: str, delay: int | None) -> None:
        with self.attempt():
            number = self.store.ledger().newest_number - which
            step = RollBack(proof=proof(who), to=number, effective_from=self.start(delay))
            self.wrote[self.releases.roll_back(step).number].add(who)

    @rule(who=WHO, switched=APPROVER, needed=st.integers(0, 3), kind=st.sampled_from(list(ChangeKind)))
    def propose_accounts(self, who: str, switched: str, needed: int, kind: ChangeKind) -> None:
        """Another number of approvers for one kind; or, with 0, somebody switched on or off."""
        with self.attempt():
            now = self.store.ledger().accounts
            people = tuple(
                replace(a, enabled=a.enabled != (a.name == switched and not needed)) for a in now.accounts
            )
            required = tuple((k, needed if k is kind and needed else n) for k, n in now.rules.required)
            wanted = AccountSet(people, ApprovalRules(required))
            ask = ProposeAccounts(proof=proof(who), accounts=wanted, base_sha256=accounts_sha256(now))
            self.proposed_by[self.accounts.propose(ask).number] = who

    @rule(whom=st.lists(APPROVER, min_size=1, max_size=3))
    def approve_accounts(self, whom: list[str]) -> None:
        for who in whom:
            with self.attempt():
                number = self.store.ledger().newest_proposal
                found = self.store.proposal(number)
                assert found is not None
                before = self.store.ledger().accounts
                made = self.accounts.approve(
                    DecideAccounts(
                        proof=proof(who),
                        number=number,
                        version=found.version,
                        content_sha256=found.content_sha256,
                    )
                )
                self.account_yes[number].add(who)
                if made.state is ProposalState.APPLIED:
                    able = {a.name for a in before.accounts if a.enabled and Role.APPROVER in a.roles}
                    counted = (self.account_yes[number] & able) - {self.proposed_by[number]}
                    assert len(counted) >= dict(before.rules.required)[ChangeKind.ACCOUNTS]

    @rule(hours=st.integers(1, 4))
    def wait(self, hours: int) -> None:
        self.time += timedelta(hours=hours)

    @invariant()
    def only_what_was_approved_is_in_force(self) -> None:
        assert {row.number for row in self.store.approved()} == self.approved
        for instant in (self.time, self.time + timedelta(hours=9)):
            found = self.releases.records.effective_at(instant)
            assert found is None or found.number in self.approved

    @invariant()
    def somebody_can_approve_the_next(self) -> None:
        accounts = self.store.ledger().accounts
        able = {a.name for a in accounts.accounts if a.enabled and Role.APPROVER in a.roles}
        authors = [a.name for a in accounts.accounts if a.enabled and Role.AUTHOR in a.roles]
        needed = max(count for _, count in accounts.rules.required)
        assert max(len(able - {author}) for author in authors) >= needed


def run(make: Callable[[], Changes], examples: int, **bounds: Any) -> None:
    chosen = settings(max_examples=examples, stateful_step_count=30, deadline=None, **bounds)
    run_state_machine_as_test(make, settings=chosen)


def test_in_memory() -> None:
    run(lambda: Changes(MemoryReleases(), lambda: None), 100)


def test_in_sqlite(sqlite_file: Path, tmp_path: Path) -> None:
    def make() -> Changes:
        file = tmp_path / "x.sqlite3"
        for beside in tmp_path.iterdir():
            beside.unlink()
        shutil.copy(sqlite_file, file)
        store = DumpedReleases(f"sqlite:///{file}")
        return Changes(store, store.database.close)

    run(make, 15)


def test_a_machine_without_four_eyes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test: without the guard, the sequence is found."""
    deciding = "ca_bridge.services.manage_recognition.deciding"
    monkeypatch.setattr(f"{deciding}.check_four_eyes", lambda _release, _actor: None)
    monkeypatch.setattr(f"{deciding}.counted", lambda _, release: {a.account for a in release.approvals})
    first = {"report_multiple_bugs": False, "derandomize": True, "phases": [Phase.generate]}
    with pytest.raises(AssertionError):
        run(lambda: Changes(MemoryReleases(), lambda: None), 300, **first)
