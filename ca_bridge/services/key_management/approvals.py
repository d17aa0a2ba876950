"""M of N: whether the approvals given are those that a plan needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ca_bridge.services.key_management.approval import KeyApproval
from ca_bridge.services.key_management.errors import (
    ACCOUNT_UNKNOWN,
    APPROVAL_OTHER_ACTION,
    APPROVAL_REPLAYED,
    APPROVER_NOT_NAMED,
    NO_CERTIFICATE,
    OTHER_INSTALLATION,
    PLAN_CHANGED,
    SAME_PERSON,
    TOO_FEW_APPROVALS,
)
from ca_bridge.services.key_management.model import KeyAction, KeyPlan
from ca_bridge.services.key_management.people import KeyPeople
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.accounts import public_key_of
from ca_bridge.services.manage_recognition.model import Account, Role

APPROVING = Role.APPROVER
"""The role of whoever approves a plan; who of them may approve which one, the plan itself names."""


class KeyApprovals:
    """Judges approvals. Every one that is given must hold, beyond the number needed too."""

    def __init__(self, people: KeyPeople, nonce_used: Callable[[str, str], bool]) -> None:
        self._people = people
        self._nonce_used = nonce_used

    def check(self, plan: KeyPlan, approvals: Sequence[KeyApproval], at: datetime) -> None:
        """KeyRefused by the first thing wrong, else by TOO_FEW_APPROVALS, unless enough people approved."""
        seen: set[str] = set()
        keys: set[bytes] = set()
        for approval in approvals:
            _check_subject(plan, approval)
            key = public_key_of(approval.proof.certificate)
            if approval.account in seen or key in keys:
                raise KeyRefused(SAME_PERSON, account=approval.account)
            seen.add(approval.account)
            keys.add(key)
            self._check_person(plan, approval, at)
        if len(seen) < plan.approvals:
            names = ", ".join(name for name in plan.approvers if name not in seen)
            raise KeyRefused(TOO_FEW_APPROVALS, given=len(seen), needed=plan.approvals, approvers=names)

    def _check_person(self, plan: KeyPlan, approval: KeyApproval, at: datetime) -> None:
        name = approval.account
        if name not in plan.approvers:
            raise KeyRefused(APPROVER_NOT_NAMED, account=name, approvers=", ".join(plan.approvers))
        account = able_to_approve(self._people, name, plan.action)
        self._people.check_signature(approval.proof, account, approval.statement, at)
        # After the signature: only what an account did sign can be a replay of it.
        check_unused((approval,), self._nonce_used)


def able_to_approve(people: KeyPeople, name: str, action: KeyAction) -> Account:
    """The account of this name, if it could approve a plan for ``action``."""
    account = people.able(name, APPROVING, action.value)
    if not account.certificate:
        raise KeyRefused(NO_CERTIFICATE, account=name)
    return account


def check_still_able(people: KeyPeople, plan: KeyPlan, approvals: Sequence[KeyApproval]) -> None:
    """Refuses when an approver was disabled, or lost role or certificate, since the check above."""
    for approval in approvals:
        account = able_to_approve(people, approval.account, plan.action)
        if account.certificate != approval.proof.certificate:
            raise KeyRefused(ACCOUNT_UNKNOWN, account=account.name)


def check_unused(approvals: Sequence[KeyApproval], nonce_used: Callable[[str, str], bool]) -> None:
    """APPROVAL_REPLAYED when one of them was acted on before."""
    for approval in approvals:
        if nonce_used(approval.account, approval.proof.nonce):
            raise KeyRefused(APPROVAL_REPLAYED, account=approval.account)


def _check_subject(plan: KeyPlan, approval: KeyApproval) -> None:
    """The approval is of this act, here, and of the plan as it is."""
    if approval.installation != plan.installation:
        raise KeyRefused(OTHER_INSTALLATION, named=approval.installation, installation=plan.installation)
    if approval.action != plan.action.value:
        raise KeyRefused(APPROVAL_OTHER_ACTION, account=approval.account, approved=approval.action)
    if approval.plan_sha256 != plan.sha256:
        raise KeyRefused(
            PLAN_CHANGED, account=approval.account, approved=approval.plan_sha256, plan=plan.sha256
        )
