"""What ReleaseStore promises, of every store: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ca_bridge.services.manage_recognition.account_text import accounts_sha256
from ca_bridge.services.manage_recognition.model import (
    ACCOUNTS,
    RELEASES,
    AccountSet,
    Approval,
    ProposalState,
    ReleaseState,
    TrailHead,
)
from ca_bridge.services.manage_recognition.trail import EMPTY_TRAIL, first_broken, linked
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_ports import StateMoved
from tests.fakes.release_stores import LookedInto, entries
from tests.ports.release_values import (
    ACCOUNT_SET,
    DOCUMENTS,
    HOUR,
    MACAU,
    NOON,
    approved,
    attempt,
    commit,
    proposal,
    release,
    signature,
)

BEYOND = 10**30


def refused(store: LookedInto, **fields: Any) -> None:
    """The commit finds that the state moved, and leaves everything as it was: the trail too."""
    before, head = store.dump(), store.trail_head()
    with pytest.raises(StateMoved):
        store.commit(commit(store, **fields))
    assert (store.dump(), store.trail_head()) == (before, head)


def test_an_empty_store(store: LookedInto) -> None:
    ledger = store.ledger()
    assert (ledger.generation, ledger.accounts, ledger.head) == (0, AccountSet(), None)
    assert (ledger.newest_number, ledger.newest_proposal) == (0, 0)
    assert (store.release(1), store.proposal(1), store.documents("0" * 64)) == (None, None, None)
    assert (store.effective_at(NOON), store.next_after(NOON)) == (None, None)
    assert store.releases(before=BEYOND, limit=9) == store.approved() == store.proposals() == ()
    assert (entries(store), store.trail_head()) == ((), EMPTY_TRAIL)
    assert store.signatures(RELEASES, 1) == ()
    assert not store.nonce_used("ben", "n")


def test_a_release_comes_back_as_it_was(store: LookedInto) -> None:
    full = release(
        effective_from=datetime(2026, 2, 1, 0, 0, tzinfo=MACAU),
        base=7,
        linted_sha256=DOCUMENTS.sha256,
        simulated_sha256="f" * 64,
        simulation='{"flips":0}',
        approvals=(Approval("cho", DOCUMENTS.sha256, NOON), Approval("ben", "e" * 64, NOON + HOUR)),
    )
    store.commit(commit(store, release=full))
    found = store.release(1)
    assert found == full
    assert found is not None
    assert found.effective_from == datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
    assert (found.created, found.created.utcoffset()) == (NOON, timedelta(0))
    back = release(2, rolls_back_to=1)
    store.commit(commit(store, release=back))
    assert store.releases(before=BEYOND, limit=5) == (back, full)
    assert store.releases(before=2, limit=5) == (full,)
    assert store.releases(before=BEYOND, limit=1) == (back,)
    assert store.releases(before=-BEYOND, limit=5) == store.releases(before=0, limit=5) == ()
    assert [store.release(n) for n in (0, -1, 3, BEYOND, -BEYOND)] == [None] * 5
    assert (store.ledger().newest_number, store.ledger().generation) == (2, 2)


def test_content_comes_back_as_it_was(store: LookedInto) -> None:
    store.commit(commit(store, release=release()))
    found = store.documents(DOCUMENTS.sha256)
    assert found == DOCUMENTS
    assert found.data()["agreements/gd-hk.yaml"]["weight"] == 1.5
    alike = PolicyDocuments(DOCUMENTS.documents[1:])
    store.commit(commit(store, release=release(2, content_sha256=alike.sha256), documents=alike))
    nothing = PolicyDocuments(())
    store.commit(commit(store, release=release(3, content_sha256=nothing.sha256), documents=nothing))
    store.commit(commit(store, release=release(4)))
    assert [store.documents(c.sha256) for c in (alike, nothing, DOCUMENTS)] == [alike, nothing, DOCUMENTS]


def test_a_content_of_many_documents(store: LookedInto) -> None:
    many = PolicyDocuments.from_data({f"agreements/{n}.yaml": {"agreement": n % 1500} for n in range(2500)})
    store.commit(commit(store, release=release(content_sha256=many.sha256), documents=many))
    assert store.documents(many.sha256) == many


def test_versions_follow_each_other(store: LookedInto) -> None:
    store.commit(commit(store, release=release()))
    refused(store, release=release())
    refused(store, release=release(version=3))
    refused(store, release=release(2, version=2))
    second = release(version=2, authors=("dee", "ann", "eve"), state=ReleaseState.LINTED, note="")
    store.commit(commit(store, release=second))
    assert store.release(1) == second
    refused(store, release=replace(second, note="late"))


def test_another_came_first(store: LookedInto) -> None:
    mine, theirs = commit(store, release=release()), commit(store, release=release(note="theirs"))
    store.commit(theirs)
    before = store.dump()
    with pytest.raises(StateMoved):
        store.commit(replace(mine, release=release(2), accounts=ACCOUNT_SET))
    assert store.dump() == before
    future = replace(commit(store, release=release(2)), generation=7)
    with pytest.raises(StateMoved):
        store.commit(future)
    assert (store.dump(), store.trail_head().count) == (before, 1)


def test_a_commit_that_cannot_be_finished_leaves_nothing(store: LookedInto) -> None:
    """The proposal's version is the wrong one; release and documents come before it."""
    other = PolicyDocuments.from_data({"algorithms.yaml": 1})
    new = release(content_sha256=other.sha256)
    refused(store, release=new, documents=other, proposal=proposal(version=2))
    assert (store.documents(other.sha256), store.release(1)) == (None, None)


def test_which_release_is_in_force(store: LookedInto) -> None:
    starts = {1: NOON + HOUR, 2: NOON + 3 * HOUR, 3: NOON + 2 * HOUR}
    made = {number: approved(number, start) for number, start in starts.items()}
    for row in (*made.values(), release(4), approved(5, NOON + 9 * HOUR, state=ReleaseState.WITHDRAWN)):
        store.commit(commit(store, release=row))
    assert store.approved() == (made[1], made[3], made[2])
    assert store.ledger().head == made[2]
    tick = timedelta(microseconds=1)
    assert store.effective_at(NOON + HOUR - tick) is None
    assert store.next_after(NOON + HOUR - tick) == store.effective_at(NOON + HOUR) == made[1]
    assert store.next_after(NOON + HOUR) == made[3]
    assert store.effective_at((NOON + 2 * HOUR).astimezone(MACAU)) == made[3]
    assert store.effective_at(NOON + 100 * HOUR) == made[2]
    assert store.next_after(NOON + 3 * HOUR) is None


def test_no_two_begin_at_one_instant(store: LookedInto) -> None:
    store.commit(commit(store, release=approved(1, NOON)))
    refused(store, release=approved(2, NOON.astimezone(MACAU)))
    store.commit(commit(store, release=approved(2, NOON, state=ReleaseState.SUBMITTED)))
    withdrawn = approved(1, NOON, state=ReleaseState.WITHDRAWN, version=2)
    store.commit(commit(store, release=withdrawn))
    store.commit(commit(store, release=approved(2, NOON, version=2)))
    assert store.ledger().head == approved(2, NOON, version=2)


def test_accounts_and_proposals(store: LookedInto) -> None:
    first, second = proposal(), proposal(2, approvals=("cho", "ann"))
    store.commit(commit(store, proposal=first))
    store.commit(commit(store, proposal=second))
    assert (store.proposal(1), store.proposal(2)) == (first, second)
    assert store.proposals() == (second, first)
    assert [store.proposal(n) for n in (0, 3, BEYOND)] == [None] * 3
    refused(store, proposal=replace(first, version=3))
    refused(store, proposal=first)
    applied = replace(first, version=2, state=ProposalState.APPLIED, approvals=("ben",))
    store.commit(commit(store, proposal=applied, accounts=ACCOUNT_SET))
    ledger = store.ledger()
    assert (store.proposal(1), ledger.accounts, ledger.newest_proposal) == (applied, ACCOUNT_SET, 2)
    fewer = AccountSet(ACCOUNT_SET.accounts[:1], ACCOUNT_SET.rules)
    for accounts in (fewer, ACCOUNT_SET):
        store.commit(commit(store, accounts=accounts))
        assert accounts_sha256(store.ledger().accounts) == accounts_sha256(accounts)


def test_the_trail_is_a_chain(store: LookedInto) -> None:
    late = datetime(2026, 1, 15, 20, 30, 0, 1, tzinfo=MACAU)
    first = store.record(attempt("ROLE_MISSING", time=late, release=(1 << 31) - 1, detail="x" * 4000))
    second = store.commit(commit(store, release=release()))
    third = store.record(attempt("STALE_VERSION", account="…\\u{0}" * 9))
    assert entries(store) == (first, second, third)
    assert store.trail(after=1, limit=1) == (second,)
    assert store.trail(after=3, limit=5) == store.trail(after=0, limit=0) == ()
    assert store.trail(after=BEYOND, limit=5) == ()
    assert store.trail_head() == TrailHead(3, third.sha256)
    assert first == linked(
        attempt("ROLE_MISSING", time=late, release=(1 << 31) - 1, detail="x" * 4000), EMPTY_TRAIL
    )
    assert first_broken(entries(store), store.trail_head()) is None


def test_a_record_changes_nothing_else(store: LookedInto) -> None:
    store.commit(commit(store, release=release()))
    before = store.dump()
    seen = commit(store, release=release(version=2))
    store.record(attempt("SELF_APPROVAL"))
    assert store.dump() == before
    assert store.commit(seen).sequence == 3


def test_a_nonce_is_used_once(store: LookedInto) -> None:
    signed = attempt(account="ben", nonce="n1")
    store.commit(commit(store, release=release(), attempt=signed, signature=signature()))
    assert store.nonce_used("ben", "n1")
    assert not store.nonce_used("cho", "n1")
    assert not store.nonce_used("ben", "n")
    refused(store, release=release(version=2), attempt=signed, signature=signature())
    assert store.record(replace(signed, outcome="SIGNATURE_REPLAYED")).attempt.nonce == ""
    assert store.record(replace(signed, outcome="LOCK_OUT", nonce="n2")).attempt.nonce == "n2"
    assert store.nonce_used("ben", "n2")
    assert store.record(replace(signed, account="cho")).attempt.nonce == "n1"
    assert [store.record(attempt("X")).attempt.nonce for _ in range(2)] == ["", ""]
    assert first_broken(entries(store), store.trail_head()) is None


def test_signatures_are_kept_with_their_step(store: LookedInto) -> None:
    one, two, three = signature("ann"), signature("ben"), signature("cho", statement=b"")
    about = attempt(release=2)
    store.commit(commit(store, release=release(2), attempt=replace(about, nonce="a"), signature=one))
    step = replace(about, nonce="b")
    store.commit(commit(store, release=release(2, version=2), attempt=step, signature=two))
    other = attempt(release=2, subject=ACCOUNTS, nonce="c")
    store.commit(commit(store, proposal=proposal(2), attempt=other, signature=three))
    assert store.signatures(RELEASES, 2) == (one, two)
    assert store.signatures(ACCOUNTS, 2) == (three,)
    assert store.signatures(RELEASES, 1) == ()
