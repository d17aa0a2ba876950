"""The use case: who may write, decide and look, changed by proposal and approval like everything else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.manage_recognition.account_text import accounts_sha256, accounts_text, read_accounts
from ca_bridge.services.manage_recognition.authority import Authority, able_under
from ca_bridge.services.manage_recognition.commands import DecideAccounts, Proof, ProposeAccounts
from ca_bridge.services.manage_recognition.credentials import is_stored_secret
from ca_bridge.services.manage_recognition.guards import check_content, check_lock_out, check_version
from ca_bridge.services.manage_recognition.model import (
    ACCOUNTS,
    LOCAL,
    Account,
    AccountProposal,
    AccountSet,
    Action,
    ChangeKind,
    ProposalState,
)
from ca_bridge.services.manage_recognition.permissions import is_acting_approver
from ca_bridge.services.manage_recognition.steps import Asked, Situation, StepTaker, done_attempt, nothing
from ca_bridge.services.ports import Clock
from ca_bridge.services.release_errors import (
    ACCOUNTS_EXIST,
    ACCOUNTS_INVALID,
    ALREADY_APPROVED_BY_YOU,
    BASE_SUPERSEDED,
    NOTHING_CHANGED,
    SELF_APPROVAL,
    UNKNOWN_PROPOSAL,
    ReleaseRefused,
)
from ca_bridge.services.release_ports import Commit, ReleaseStore, Signers

_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
_MOST_ACCOUNTS, _MOST_APPROVERS, _MAX_CERTIFICATE_BYTES = 10_000, 20, 64 << 10


def check_accounts(accounts: AccountSet) -> None:
    """The set can be used at all; ACCOUNTS_INVALID."""
    names = [account.name for account in accounts.accounts]
    certificates = [account.certificate for account in accounts.accounts if account.certificate]
    if len(set(names)) != len(names) or len(names) > _MOST_ACCOUNTS:
        raise ReleaseRefused(ACCOUNTS_INVALID, cause="names")
    if len(set(certificates)) != len(certificates):
        raise ReleaseRefused(ACCOUNTS_INVALID, cause="one certificate for two accounts")
    if len(set(map(public_key_of, certificates))) != len(certificates):
        raise ReleaseRefused(ACCOUNTS_INVALID, cause="one key for two accounts")
    for account in accounts.accounts:
        _check_account(account)
    required = dict(accounts.rules.required)
    if required.keys() != set(ChangeKind) or len(required) != len(accounts.rules.required):
        raise ReleaseRefused(ACCOUNTS_INVALID, cause="kinds")
    if any(not 1 <= count <= _MOST_APPROVERS for count in required.values()):
        raise ReleaseRefused(ACCOUNTS_INVALID, cause=f"approvers: 1 - {_MOST_APPROVERS}")


def public_key_of(certificate: bytes) -> bytes:
    """What tells that two certificates are one person's: the key, whatever issuer, number or name they have.

    A certificate that cannot be read stands for itself.
    """
    try:
        return parse_certificate(certificate).spki.der
    except Malformed:
        return certificate


def _check_account(account: Account) -> None:
    if not _NAME.fullmatch(account.name) or account.name == LOCAL:
        raise ReleaseRefused(ACCOUNTS_INVALID, cause=f"name: {account.name}")
    if bool(account.secret) == bool(account.certificate) or not account.roles:
        raise ReleaseRefused(ACCOUNTS_INVALID, cause=f"{account.name}: roles, and secret or certificate")
    if account.secret and not is_stored_secret(account.secret):
        raise ReleaseRefused(ACCOUNTS_INVALID, cause=f"{account.name}: secret")
    if len(account.certificate) > _MAX_CERTIFICATE_BYTES:
        raise ReleaseRefused(ACCOUNTS_INVALID, cause=f"{account.name}: certificate")


class ManageAccounts:
    """Accounts and approval rules. A change is proposed as a whole set, and approved by others."""

    def __init__(
        self,
        *,
        store: ReleaseStore,
        clock: Clock,
        signers: Signers | None = None,
        before_commit: Callable[[], None] = nothing,
    ) -> None:
        self._store = store
        self.signers = signers
        self._steps = StepTaker(store, clock, Authority(store, signers), before_commit)

    def accounts(self) -> AccountSet:
        """All accounts and the rules."""
        return self._store.ledger().accounts

    def proposals(self) -> tuple[AccountProposal, ...]:
        """All proposals, newest first."""
        return self._store.proposals()

    def establish(self, accounts: AccountSet) -> AccountSet:
        """The first accounts, by whoever runs the command on the machine; ACCOUNTS_EXIST ever after."""
        asked = Asked(proof=None, action=Action.ESTABLISH_ACCOUNTS, subject=ACCOUNTS)

        def plan(situation: Situation) -> AccountProposal:
            if situation.ledger.accounts.accounts:
                raise ReleaseRefused(ACCOUNTS_EXIST)
            self._check(accounts, situation)
            return replace(_proposal(LOCAL, accounts, situation), state=ProposalState.APPLIED)

        self._take(asked, plan)
        return accounts

    def propose(self, command: ProposeAccounts) -> AccountProposal:
        """The proposal, open for approval."""
        sha256 = accounts_sha256(command.accounts)
        asked = _asked(command.proof, Action.PROPOSE_ACCOUNTS, content_sha256=sha256)

        def plan(situation: Situation) -> AccountProposal:
            current = accounts_sha256(situation.ledger.accounts)
            check_content(current, command.base_sha256)
            if current == sha256:
                raise ReleaseRefused(NOTHING_CHANGED)
            self._check(command.accounts, situation)
            return _proposal(situation.actor.name, command.accounts, situation)

        return self._take(asked, plan)

    def approve(self, command: DecideAccounts) -> AccountProposal:
        """The proposal with this approval; applied when it was the last that was needed."""
        asked = _decide(command, Action.APPROVE_ACCOUNTS)

        def plan(situation: Situation) -> AccountProposal:
            proposal = self._open(command)
            _check_four_eyes(proposal, situation.actor)
            current = situation.ledger.accounts
            if proposal.base_sha256 != accounts_sha256(current):
                raise ReleaseRefused(
                    BASE_SUPERSEDED, base=proposal.base_sha256, head=accounts_sha256(current)
                )
            accounts = read_accounts(proposal.content)
            self._check(accounts, situation)
            approvals = (*proposal.approvals, situation.actor.name)
            approved = replace(proposal, version=proposal.version + 1, approvals=approvals)
            counted = sum(is_acting_approver(current.account(name)) for name in approvals)
            enough = counted >= current.rules.needed(frozenset({ChangeKind.ACCOUNTS}))
            return replace(approved, state=ProposalState.APPLIED) if enough else approved

        return self._take(asked, plan)

    def reject(self, command: DecideAccounts) -> AccountProposal:
        """The proposal, rejected; its author may take it back in this way too, being an approver."""
        asked = _decide(command, Action.REJECT_ACCOUNTS)

        def plan(_situation: Situation) -> AccountProposal:
            proposal = self._open(command)
            return replace(proposal, version=proposal.version + 1, state=ProposalState.REJECTED)

        return self._take(asked, plan)

    def _take(self, asked: Asked, plan: Callable[[Situation], AccountProposal]) -> AccountProposal:
        taken: list[AccountProposal] = []

        def commit(situation: Situation) -> Commit:
            taken.append(plan(situation))
            return _commit(asked, situation, taken[-1])

        self._steps.take_commit(asked, commit)
        return taken[-1]

    def _open(self, command: DecideAccounts) -> AccountProposal:
        proposal = self._store.proposal(command.number)
        if proposal is None or proposal.state is not ProposalState.OPEN:
            raise ReleaseRefused(UNKNOWN_PROPOSAL, proposal=command.number)
        check_version(proposal.version, command.version)
        check_content(proposal.content_sha256, command.content_sha256)
        return proposal

    def _check(self, accounts: AccountSet, situation: Situation) -> None:
        """The set is sound, and a change can be approved under what is in force and under the newest release.

        Both: the newest may be withdrawn before it comes into force.
        """
        check_accounts(accounts)
        head, start = situation.ledger.head, situation.now
        content = situation.content(head) if head else None
        if head and head.effective_from:
            start = max(start, head.effective_from)
        check_lock_out(accounts, able_under(self.signers, content, start))
        check_lock_out(accounts, able_under(self.signers, None, situation.now))


def _check_four_eyes(proposal: AccountProposal, actor: Account) -> None:
    if actor.name == proposal.author:
        raise ReleaseRefused(SELF_APPROVAL, account=actor.name)
    if actor.name in proposal.approvals:
        raise ReleaseRefused(ALREADY_APPROVED_BY_YOU, account=actor.name)


def _asked(proof: Proof, action: Action, **fields: Any) -> Asked:
    return Asked(proof=proof, action=action, subject=ACCOUNTS, **fields)


def _decide(command: DecideAccounts, action: Action) -> Asked:
    return _asked(
        command.proof,
        action,
        number=command.number,
        version=command.version,
        content_sha256=command.content_sha256,
    )


def _proposal(author: str, accounts: AccountSet, situation: Situation) -> AccountProposal:
    return AccountProposal(
        number=situation.ledger.newest_proposal + 1,
        version=1,
        state=ProposalState.OPEN,
        author=author,
        created=situation.now,
        base_sha256=accounts_sha256(situation.ledger.accounts),
        content=accounts_text(accounts),
        content_sha256=accounts_sha256(accounts),
    )


def _commit(asked: Asked, situation: Situation, proposal: AccountProposal) -> Commit:
    """What is written; an applied proposal replaces the accounts."""
    applied = proposal.state is ProposalState.APPLIED
    return Commit(
        generation=situation.ledger.generation,
        attempt=done_attempt(asked, situation.now, proposal),
        proposal=proposal,
        accounts=read_accounts(proposal.content) if applied else None,
    )
