"""The life of a change: each refusal with its reason, nothing changed by it, and all of it in the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    RejectRelease,
    RollBack,
    SimulateRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.fields import (
    account_set_fields,
    difference_fields,
    proposal_fields,
    release_fields,
    trail_fields,
)
from ca_bridge.services.manage_recognition.model import (
    ChangeKind,
    ReleaseState,
    Role,
)
from ca_bridge.services.manage_recognition.records import release_id
from ca_bridge.services.manage_recognition.trail import first_broken
from ca_bridge.services.policy_documents import ReleaseId
from ca_bridge.services.release_errors import REFUSALS, ReleaseRefused
from ca_bridge.services.release_ports import Commit
from tests.fakes.release_stores import LookedInto, entries
from tests.recognition.release_house import (
    HOUR,
    NOON,
    ROLES,
    House,
    agreement,
    house,
    proof,
    seen,
)


def test_from_draft_to_effective(site: House) -> None:
    start = NOON + 2 * HOUR
    made = site.submitted(agreement(), start)
    assert (made.number, made.version, made.state) == (1, 3, ReleaseState.SUBMITTED)
    approved = site.approve(made, "ben")
    assert (approved.state, approved.version) == (ReleaseState.APPROVED, 4)
    records = site.releases.records
    assert records.effective_at(start - timedelta(microseconds=1)) is None
    assert records.shadow_at(NOON) == approved
    assert records.effective_at(start) == approved
    assert records.state(approved, NOON) is ReleaseState.APPROVED
    assert records.state(approved, start) is ReleaseState.EFFECTIVE
    rows = [(e.attempt.account, e.attempt.role, e.attempt.action.value) for e in records.trail()]
    assert rows == [
        ("local", "operator", "establish_accounts"),
        ("dee", "author", "draft"),
        ("dee", "author", "lint"),
        ("dee", "author", "submit"),
        ("ben", "approver", "approve"),
    ]
    fields = release_fields(approved, records.state(approved, start))
    assert (fields["state"], fields["effective_from"]) == ("effective", "2026-01-15T14:00:00Z")
    assert trail_fields(records.trail()[-1])["outcome"] == "done"


def test_self_approval(site: House) -> None:
    made = site.submitted(agreement(), who="ann")
    site.refused("SELF_APPROVAL", lambda: site.approve(made, "ann"), "ann", "approver")


def test_who_amended_it_cannot_approve_it(site: House) -> None:
    made = site.draft(agreement())
    amend = AmendRelease(proof=proof("ann"), number=1, version=1, documents=agreement(note="more"), base=0)
    made = site.submit(site.lint(site.releases.amend(amend)))
    assert made.authors == ("dee", "ann")
    site.refused("SELF_APPROVAL", lambda: site.approve(made, "ann"), "ann", "approver")


def test_stale_approval(site: House) -> None:
    made = site.submitted({"algorithms.yaml": {"version": 1}})
    site.approve(made, "ben")
    refused = site.refused("STALE_VERSION", lambda: site.approve(made, "cho"), "cho", "approver")
    assert refused.texts()["message_en"] == "version 3 was seen, it is now 4"


def test_approval_of_other_content(site: House) -> None:
    made = replace(site.submitted(agreement()), content_sha256="0" * 64)
    site.refused("CONTENT_CHANGED", lambda: site.approve(made, "ben"), "ben", "approver")


def test_rollback_to_an_expired_agreement(site: House) -> None:
    site.live(agreement(until="2026-01-15T14:30:00Z"))
    site.live(agreement(until="2027-01-01T00:00:00Z"))
    site.clock.time = NOON + 3 * HOUR
    back = RollBack(proof=proof("olu"), to=1)
    refused = site.refused(
        "ROLLBACK_AGREEMENT_EXPIRED", lambda: site.releases.roll_back(back), "olu", "operator"
    )
    assert refused.params == {"agreement": "gd-hk", "release": "1", "until": "2026-01-15T14:30:00Z"}


def test_rollback_to_an_agreement_that_was_ended(site: House) -> None:
    site.live(agreement())
    site.live(agreement(status="terminated"))
    back = RollBack(proof=proof("olu"), to=1)
    site.refused("ROLLBACK_AGREEMENT_LAPSED", lambda: site.releases.roll_back(back), "olu", "operator")


def test_rollback_expiring_while_it_waits(site: House) -> None:
    site.live(agreement(until="2026-01-15T15:30:00Z"))
    site.live(agreement(until="2027-01-01T00:00:00Z"))
    made = site.releases.roll_back(RollBack(proof=proof("olu"), to=1))
    site.clock.time = NOON + 4 * HOUR
    site.refused("ROLLBACK_AGREEMENT_EXPIRED", lambda: site.approve(made, "ben"), "ben", "approver")


def test_rolled_back(site: House) -> None:
    first, second = site.live(agreement()), site.live(agreement(note="worse"))
    back = site.releases.roll_back(RollBack(proof=proof("olu"), to=1))
    assert (back.number, back.content_sha256, back.rolls_back_to) == (3, first.content_sha256, 1)
    third = site.approve(back, "ben")
    records, now = site.releases.records, site.clock.now()
    states = [records.state(release, now) for release in (first, second, third)]
    assert states == [ReleaseState.SUPERSEDED, ReleaseState.ROLLED_BACK, ReleaseState.EFFECTIVE]
    never = RollBack(proof=proof("olu"), to=3)
    site.refused("NOTHING_CHANGED", lambda: site.releases.roll_back(never), "olu", "operator")


def test_anchors_need_two(site: House) -> None:
    made = site.submitted({"domains/hong-kong.yaml": {"domain": "hong-kong"}})
    assert site.releases.records.difference(1).approvers_needed == 2
    once = site.approve(made, "ben")
    assert once.state is ReleaseState.SUBMITTED
    site.refused("ALREADY_APPROVED_BY_YOU", lambda: site.approve(once, "ben"), "ben", "approver")
    assert site.approve(once, "cho").state is ReleaseState.APPROVED


def test_blocks_are_added_by_one_and_taken_away_by_two(site: House) -> None:
    one, two = {"block": "one"}, {"block": "two"}
    site.live({"blocklist.yaml": {"blocks": [one]}})
    site.live({"blocklist.yaml": {"blocks": [one, two]}})
    made = site.submitted({"blocklist.yaml": {"blocks": [two]}})
    assert site.releases.records.difference(made.number).kinds == {ChangeKind.BLOCKLIST_REMOVAL}
    assert site.approve(made, "ben").state is ReleaseState.SUBMITTED


def test_two_approvers_racing(store: LookedInto) -> None:
    barrier = Barrier(2)
    armed: list[bool] = []

    def meet() -> None:
        if armed and not barrier.broken:
            barrier.wait(10)

    site = house(store, before_commit=meet)
    made = site.submitted(agreement())
    armed.append(True)
    outcomes: list[str] = []

    def approve(who: str) -> None:
        try:
            outcomes.append(site.approve(made, who).state.value)
        except ReleaseRefused as refused:
            outcomes.append(refused.refusal.code)

    threads = [Thread(target=approve, args=(who,)) for who in ("ben", "cho")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["STALE_VERSION", "approved"]
    stored = site.releases.records.release(1)
    assert (stored.version, len(stored.approvals)) == (made.version + 1, 1)
    assert sorted(e.attempt.outcome for e in entries(site.store)[-2:]) == ["STALE_VERSION", "done"]


def test_base_and_times(site: House) -> None:
    other = site.submitted(agreement(note="other"))
    live = site.live(agreement(), NOON + HOUR)
    site.refused("BASE_SUPERSEDED", lambda: site.approve(other, "ben"), "ben", "approver")
    same = site.lint(site.draft(agreement()))
    site.refused("NOTHING_CHANGED", lambda: site.submit(same), "dee", "author")
    late = site.lint(site.draft(agreement(note="late")))
    site.refused("EFFECTIVE_TIME_PAST", lambda: site.submit(late, site.clock.now()), "dee", "author")
    site.clock.time = NOON
    site.refused("EFFECTIVE_TIME_ORDER", lambda: site.submit(late, live.effective_from), "dee", "author")
    site.refused("UNKNOWN_RELEASE", lambda: site.approve(replace(late, number=99), "ben"), "ben", "approver")


def test_nothing_at_all_is_no_first_release(site: House) -> None:
    made = site.lint(site.draft({}))
    site.refused("NOTHING_CHANGED", lambda: site.submit(made), "dee", "author")


def test_withdrawn_and_rejected(site: House) -> None:
    made = site.submitted(agreement(), NOON + HOUR)
    withdraw = WithdrawRelease(**seen(made, "ann"))
    assert ROLES["ann"] >= {Role.APPROVER}
    approved = site.approve(made, "ben")
    no = WithdrawRelease(**seen(approved, "dee"))
    site.refused("NOT_YOURS", lambda: site.releases.withdraw(no), "dee", "author")
    site.refused("STALE_VERSION", lambda: site.releases.withdraw(withdraw), "ann", "author")
    assert site.releases.withdraw(WithdrawRelease(**seen(approved, "ben"))).state is ReleaseState.WITHDRAWN
    assert site.releases.records.effective_at(NOON + 2 * HOUR) is None
    live = site.live(agreement(), NOON + HOUR)
    late = WithdrawRelease(**seen(live, "ben"))
    site.refused("STATE_FORBIDS", lambda: site.releases.withdraw(late), "ben", "approver")
    last = site.submitted(agreement(note="no"))
    rejected = site.releases.reject(RejectRelease(**seen(last, "ben"), note="no"))
    assert rejected.state is ReleaseState.REJECTED
    site.refused("STATE_FORBIDS", lambda: site.approve(rejected, "cho"), "cho", "approver")


def test_simulation_is_asked_for_where_there_is_one(store: LookedInto) -> None:
    site = house(store, simulate=lambda base, draft: {"flips": len(draft.documents) - len(base.documents)})
    made = site.lint(site.draft(agreement()))
    site.refused("STATE_FORBIDS", lambda: site.submit(made), "dee", "author")
    step = SimulateRelease(proof=proof("olu"), number=made.number, version=made.version)
    simulated = site.releases.simulate(step)
    assert release_fields(simulated)["simulation"] == {"flips": 1}
    assert site.submit(simulated).state is ReleaseState.SUBMITTED


def test_an_author_takes_it_back(site: House) -> None:
    made = site.submitted(agreement())
    step = WithdrawRelease(**seen(made, "dee"))
    assert site.releases.withdraw(step).state is ReleaseState.WITHDRAWN


def test_rollback_to_an_agreement_that_was_suspended_then(site: House) -> None:
    """It held as suspended what is active now: going back relies on less."""
    site.live(agreement(status="suspended", until="2026-01-01T00:00:00Z"))
    site.live(agreement())
    made = site.releases.roll_back(RollBack(proof=proof("olu"), to=1))
    assert site.approve(made, "ben").state is ReleaseState.APPROVED


def test_a_later_release_depends_on_it(site: House) -> None:
    first = site.approve(site.submitted(agreement(), NOON + HOUR), "ben")
    second = site.approve(site.submitted(agreement(note="more"), NOON + 2 * HOUR), "ben")
    step = WithdrawRelease(**seen(first, "ben"))
    site.refused("LATER_RELEASE_DEPENDS", lambda: site.releases.withdraw(step), "ben", "approver")
    site.releases.withdraw(WithdrawRelease(**seen(second, "cho")))
    assert site.releases.withdraw(step).state is ReleaseState.WITHDRAWN


def test_rollback_to_what_never_was(site: House) -> None:
    site.live(agreement())
    waiting = site.submitted(agreement(note="no"))
    step = RollBack(proof=proof("olu"), to=waiting.number)
    site.refused("ROLLBACK_NEVER_APPROVED", lambda: site.releases.roll_back(step), "olu", "operator")


def test_an_agreement_whose_end_cannot_be_read_has_ended(site: House) -> None:
    site.live(agreement(until="soon"))
    site.live(agreement(note="other"))
    back = RollBack(proof=proof("olu"), to=1)
    site.refused("ROLLBACK_AGREEMENT_EXPIRED", lambda: site.releases.roll_back(back), "olu", "operator")


def test_somebody_is_always_faster(store: LookedInto) -> None:
    """Sixteen times another change comes between; then it is said, and written down."""

    def overtake() -> None:
        if armed:
            store.commit(Commit(generation=store.ledger().generation, attempt=entries(store)[0].attempt))

    armed: list[bool] = []
    site = house(store, before_commit=overtake)
    made = site.submitted(agreement())
    armed.append(True)
    with pytest.raises(ReleaseRefused) as caught:
        site.approve(made, "ben")
    assert caught.value.refusal.code == "BUSY"
    last = entries(store)[-1].attempt
    assert (last.outcome, last.account, last.release) == ("BUSY", "ben", made.number)
    assert site.releases.records.release(1) == made
    assert store.ledger().generation == 4 + 16


def test_looking(site: House) -> None:
    site.live(agreement())
    made = site.submitted(agreement(note="more") | {"domains/d.yaml": {}})
    fields = difference_fields(site.releases.records.difference(made.number))
    assert (fields["base"], fields["kinds"], fields["approvers_needed"]) == (1, ["agreements", "anchors"], 2)
    changes = [(row["name"], row["difference"], row["before"] is None) for row in fields["documents"]]
    assert changes == [("agreements/gd-hk.yaml", "changed", False), ("domains/d.yaml", "added", True)]
    assert [r.number for r in site.releases.records.releases()] == [2, 1]
    assert release_id(made) == ReleaseId(2, made.content_sha256)
    everyone = account_set_fields(site.accounts.accounts())
    assert {row["account"] for row in everyone["accounts"]} == set(ROLES)
    assert {row["proof"] for row in everyone["accounts"]} == {"secret"}
    assert everyone["approvers"]["anchors"] == 2
    assert proposal_fields(site.accounts.proposals()[0])["state"] == "applied"
    with pytest.raises(ReleaseRefused, match="UNKNOWN_RELEASE"):
        site.releases.records.release(0)


def test_a_trail_that_was_tampered_with(site: House) -> None:
    site.live(agreement())
    head, rows = site.store.trail_head(), list(entries(site.store))
    assert first_broken(rows, head) is None
    assert first_broken(rows[:-1], head) == len(rows)
    assert first_broken(rows[:1] + rows[2:], head) == 2
    altered = replace(rows[2], attempt=replace(rows[2].attempt, account="cho"))
    assert first_broken([*rows[:2], altered, *rows[3:]], head) == 3


def test_every_refusal_speaks_both_languages() -> None:
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS) > 30
    for row in REFUSALS:
        assert row.message_en.isascii()
        assert not row.message_zh.isascii()
        assert not row.remedy_zh.isascii()
