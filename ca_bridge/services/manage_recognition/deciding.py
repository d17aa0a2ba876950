"""Plans of an approver's steps, and of taking back: approve, reject, withdraw, roll back."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.services.manage_recognition.authority import able_under
from ca_bridge.services.manage_recognition.changes import change_kinds
from ca_bridge.services.manage_recognition.commands import (
    ApproveRelease,
    RejectRelease,
    RollBack,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.drafting import Checks, check_lint, check_note, simulated
from ca_bridge.services.manage_recognition.guards import (
    check_base,
    check_content,
    check_effective_time,
    check_four_eyes,
    check_lock_out,
    check_rollback,
    check_version,
)
from ca_bridge.services.manage_recognition.model import (
    Action,
    Approval,
    Release,
    ReleaseState,
)
from ca_bridge.services.manage_recognition.permissions import is_acting_approver
from ca_bridge.services.manage_recognition.state_machine import next_state, state_forbids
from ca_bridge.services.manage_recognition.steps import Planned, Situation
from ca_bridge.services.release_errors import (
    LATER_RELEASE_DEPENDS,
    NOT_YOURS,
    NOTHING_CHANGED,
    ROLLBACK_NEVER_APPROVED,
    ReleaseRefused,
)
from ca_bridge.services.release_ports import Signers


def approvals_needed(situation: Situation, release: Release) -> int:
    """Approvers beside the authors that the change asks for, by what it touches."""
    base = situation.content(situation.release_of(release.base))
    return situation.ledger.accounts.rules.needed(change_kinds(base, situation.content(release)))


def counted(situation: Situation, release: Release) -> frozenset[str]:
    """Those whose approvals count: of this content, by acting approvers who did not write it."""
    accounts = situation.ledger.accounts
    return frozenset(
        approval.account
        for approval in release.approvals
        if approval.content_sha256 == release.content_sha256
        and approval.account not in release.authors
        and is_acting_approver(accounts.account(approval.account))
    )


def approve(situation: Situation, command: ApproveRelease, signers: Signers | None) -> Planned:
    """The release with one approval more; approved when they are enough."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.APPROVE)
    check_content(release.content_sha256, command.content_sha256)
    check_four_eyes(release, situation.actor)
    _check_before_effect(situation, release, signers)
    approval = Approval(situation.actor.name, release.content_sha256, situation.now)
    approved = replace(release, version=release.version + 1, approvals=(*release.approvals, approval))
    if len(counted(situation, approved)) < approvals_needed(situation, release):
        return Planned(approved)
    start = release.effective_from or situation.now
    return Planned(replace(approved, state=state, effective_from=start))


def _check_before_effect(situation: Situation, release: Release, signers: Signers | None) -> None:
    """What must still hold when it comes into force, for the state moved on since it was submitted."""
    head, now = situation.ledger.head, situation.now
    check_base(release.base, head)
    check_effective_time(release.effective_from, now, head)
    start, content = release.effective_from or now, situation.content(release)
    if release.rolls_back_to is not None:
        check_rollback(content, situation.content(head), release.rolls_back_to, start)
    check_lock_out(situation.ledger.accounts, able_under(signers, content, start))


def reject(situation: Situation, command: RejectRelease) -> Planned:
    """The release, refused for good."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.REJECT)
    check_content(release.content_sha256, command.content_sha256)
    check_note(command.note)
    return Planned(replace(release, version=release.version + 1, state=state))


def withdraw(situation: Situation, command: WithdrawRelease) -> Planned:
    """The release, taken back before it came into force.

    Its authors and every approver may; once it is approved, approvers alone.
    """
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.WITHDRAW)
    check_content(release.content_sha256, command.content_sha256)
    check_note(command.note)
    approved = release.state is ReleaseState.APPROVED
    own = situation.actor.name in release.authors and not approved
    if not own and not is_acting_approver(situation.actor):
        raise ReleaseRefused(NOT_YOURS, account=situation.actor.name)
    if approved:
        _check_not_in_force(situation, release)
    return Planned(replace(release, version=release.version + 1, state=state))


def _check_not_in_force(situation: Situation, release: Release) -> None:
    head = situation.ledger.head
    if release.effective_from is None or release.effective_from <= situation.now:
        raise state_forbids(Action.WITHDRAW, ReleaseState.EFFECTIVE)
    if head is not None and head.number != release.number:
        raise ReleaseRefused(LATER_RELEASE_DEPENDS, head=head.number)


def roll_back(situation: Situation, command: RollBack, checks: Checks) -> Planned:
    """A new release, submitted, with the content of an older one; it needs approval as any."""
    old = situation.asked_release(command.to)
    head, now = situation.ledger.head, situation.now
    check_note(command.note)
    if head is None or not _was_in_force(old, situation):
        raise ReleaseRefused(ROLLBACK_NEVER_APPROVED, release=old.number)
    if head.content_sha256 == old.content_sha256:
        raise ReleaseRefused(NOTHING_CHANGED)
    check_effective_time(command.effective_from, now, head)
    content = situation.content(old)
    check_rollback(content, situation.content(head), old.number, command.effective_from or now)
    check_lint(content, checks)
    release = Release(
        number=situation.ledger.newest_number + 1,
        version=1,
        state=ReleaseState.SUBMITTED,
        content_sha256=old.content_sha256,
        base=head.number,
        authors=(situation.actor.name,),
        created=now,
        note=command.note,
        effective_from=command.effective_from,
        rolls_back_to=old.number,
        linted_sha256=old.content_sha256,
    )
    return Planned(simulated(release, content, situation, checks))


def _was_in_force(release: Release, situation: Situation) -> bool:
    start = release.effective_from
    return release.state is ReleaseState.APPROVED and start is not None and start <= situation.now
