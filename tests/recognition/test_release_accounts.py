"""Who may decide is decided as everything else: proposed by one, approved by others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ca_bridge.services.manage_recognition.account_text import accounts_sha256
from ca_bridge.services.manage_recognition.accounts import check_accounts
from ca_bridge.services.manage_recognition.commands import (
    DecideAccounts,
    ProposeAccounts,
)
from ca_bridge.services.manage_recognition.model import (
    Account,
    AccountProposal,
    AccountSet,
    ApprovalRules,
    ChangeKind,
    ProposalState,
    ReleaseState,
    Role,
)
from ca_bridge.services.release_errors import ReleaseRefused
from tests.recognition.release_house import (
    House,
    agreement,
    proof,
)


def test_accounts_change_by_approval(site: House) -> None:
    current = site.accounts.accounts()
    wanted = AccountSet((*current.accounts, replace(current.accounts[1], name="eve")), current.rules)
    ask = ProposeAccounts(proof=proof("olu"), accounts=wanted, base_sha256=accounts_sha256(current))
    made = site.accounts.propose(ask)

    def decide(who: str, version: int) -> DecideAccounts:
        return DecideAccounts(
            proof=proof(who), number=1 + 1, version=version, content_sha256=made.content_sha256
        )

    assert made.number == 2
    once = site.accounts.approve(decide("ben", 1))
    assert once.state is ProposalState.OPEN
    step = decide("ben", 2)
    site.refused("ALREADY_APPROVED_BY_YOU", lambda: site.accounts.approve(step), "ben", "approver")
    assert site.accounts.approve(decide("cho", 2)).state is ProposalState.APPLIED
    assert site.accounts.accounts().account("eve") is not None
    site.refused("UNKNOWN_PROPOSAL", lambda: site.accounts.approve(decide("cho", 3)), "cho", "approver")


def test_accounts_that_lock_everybody_out(site: House) -> None:
    current = site.accounts.accounts()
    kept = tuple(replace(a, enabled=a.name not in {"ben", "cho"}) for a in current.accounts)
    ask = ProposeAccounts(
        proof=proof("olu"), accounts=AccountSet(kept, current.rules), base_sha256=accounts_sha256(current)
    )
    site.refused("LOCK_OUT", lambda: site.accounts.propose(ask), "olu", "operator")
    rules = ApprovalRules(tuple((kind, 4) for kind in ChangeKind))
    ask = replace(ask, accounts=AccountSet(current.accounts, rules))
    site.refused("LOCK_OUT", lambda: site.accounts.propose(ask), "olu", "operator")
    site.refused("ACCOUNTS_EXIST", lambda: site.accounts.establish(current), "local", "operator")


def changed(current: AccountSet, **fields: Any) -> AccountSet:
    """The set with the account "ben" changed."""
    accounts = (replace(a, **fields) if a.name == "ben" else a for a in current.accounts)
    return replace(current, accounts=tuple(accounts))


def counts(current: AccountSet, count: int) -> AccountSet:
    return replace(current, rules=ApprovalRules(tuple((kind, count) for kind in ChangeKind)))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda s: changed(s, name="cho"), "names"),
        (lambda s: changed(s, name="Ben"), "name: Ben"),
        (lambda s: changed(s, name="local"), "name: local"),
        (lambda s: changed(s, name="b\x00"), "name: b\\u{0}"),
        (lambda s: changed(s, roles=frozenset()), "ben: roles, and secret or certificate"),
        (lambda s: changed(s, certificate=b"c"), "ben: roles, and secret or certificate"),
        (lambda s: changed(s, secret=""), "ben: roles, and secret or certificate"),
        (lambda s: changed(s, secret="plain"), "ben: secret"),  # noqa: S106 - of nobody
        (lambda s: changed(s, secret="", certificate=bytes(65537)), "ben: certificate"),
        (
            lambda s: replace(s, accounts=tuple(replace(a, secret="", certificate=b"c") for a in s.accounts)),
            "one certificate for two accounts",
        ),
        (lambda s: counts(s, 0), "approvers: 1 - 20"),
        (lambda s: counts(s, 21), "approvers: 1 - 20"),
        (lambda s: replace(s, rules=ApprovalRules(s.rules.required[1:])), "kinds"),
        (lambda s: replace(s, rules=ApprovalRules((*s.rules.required, (ChangeKind.OTHER, 3)))), "kinds"),
    ],
)
def test_accounts_of_no_use(site: House, change: Callable[[AccountSet], AccountSet], cause: str) -> None:
    current = site.accounts.accounts()
    ask = ProposeAccounts(proof=proof("olu"), accounts=change(current), base_sha256=accounts_sha256(current))
    refused = site.refused("ACCOUNTS_INVALID", lambda: site.accounts.propose(ask), "olu", "operator")
    assert refused.params == {"cause": cause}


def proposed(site: House, current: AccountSet, needed: int) -> AccountProposal:
    wanted = counts(current, needed)
    ask = ProposeAccounts(proof=proof("olu"), accounts=wanted, base_sha256=accounts_sha256(current))
    return site.accounts.propose(ask)


def decide(made: AccountProposal, who: str) -> DecideAccounts:
    return DecideAccounts(
        proof=proof(who), number=made.number, version=made.version, content_sha256=made.content_sha256
    )


def test_accounts_that_moved_on(site: House) -> None:
    current = site.accounts.accounts()
    first, second = proposed(site, current, 1), proposed(site, current, 2)
    rejected = site.accounts.reject(decide(first, "ben"))
    assert (rejected.state, rejected.version) == (ProposalState.REJECTED, 2)
    gone = decide(rejected, "cho")
    site.refused("UNKNOWN_PROPOSAL", lambda: site.accounts.approve(gone), "cho", "approver")
    third = proposed(site, current, 1)
    once = site.accounts.approve(decide(second, "ben"))
    stale = decide(second, "cho")
    site.refused("STALE_VERSION", lambda: site.accounts.approve(stale), "cho", "approver")
    other = replace(decide(once, "cho"), content_sha256="0" * 64)
    site.refused("CONTENT_CHANGED", lambda: site.accounts.approve(other), "cho", "approver")
    assert site.accounts.approve(decide(once, "cho")).state is ProposalState.APPLIED
    late = decide(third, "ben")
    site.refused("BASE_SUPERSEDED", lambda: site.accounts.approve(late), "ben", "approver")
    now = site.accounts.accounts()
    same = ProposeAccounts(proof=proof("olu"), accounts=now, base_sha256=accounts_sha256(now))
    site.refused("NOTHING_CHANGED", lambda: site.accounts.propose(same), "olu", "operator")
    assert [p.number for p in site.accounts.proposals()] == [4, 3, 2, 1]


def test_an_author_who_proposes_accounts_does_not_approve_them(site: House) -> None:
    current = site.accounts.accounts()
    ask = ProposeAccounts(
        proof=proof("ann"), accounts=counts(current, 1), base_sha256=accounts_sha256(current)
    )
    made = site.accounts.propose(ask)
    site.refused("SELF_APPROVAL", lambda: site.accounts.approve(decide(made, "ann")), "ann", "approver")


def test_a_disabled_account(site: House) -> None:
    current = site.accounts.accounts()
    wanted = changed(current, enabled=False)
    wanted = replace(wanted, accounts=(*wanted.accounts, replace(wanted.accounts[0], name="eve")))
    ask = ProposeAccounts(proof=proof("olu"), accounts=wanted, base_sha256=accounts_sha256(current))
    made = site.accounts.approve(decide(site.accounts.propose(ask), "cho"))
    assert site.accounts.approve(decide(made, "ben")).state is ProposalState.APPLIED
    release = site.submitted(agreement())
    site.refused("ACCOUNT_DISABLED", lambda: site.approve(release, "ben"), "ben", "")


def test_an_approver_who_was_disabled_counts_no_more(site: House) -> None:
    """An approval given before counts by what the person is when the last one comes."""
    made = site.approve(site.submitted({"domains/d.yaml": {}}), "ben")
    current = site.accounts.accounts()
    wanted = changed(current, enabled=False)
    wanted = replace(wanted, accounts=(*wanted.accounts, replace(wanted.accounts[0], name="eve")))
    ask = ProposeAccounts(proof=proof("olu"), accounts=wanted, base_sha256=accounts_sha256(current))
    proposal = site.accounts.approve(decide(site.accounts.propose(ask), "ann"))
    assert site.accounts.approve(decide(proposal, "cho")).state is ProposalState.APPLIED
    assert site.approve(made, "cho").state is ReleaseState.SUBMITTED


@pytest.mark.parametrize(
    "stored",
    [
        f"scrypt:9999999:99:9:{'a' * 32}:{'a' * 64}",
        f"scrypt:65536:8:1:{'a' * 32}:{'a' * 64}",
        f"scrypt:16383:8:1:{'a' * 32}:{'a' * 64}",
        f"scrypt:0:8:1:{'a' * 32}:{'a' * 64}",
        f"scrypt:16384:8:0:{'a' * 32}:{'a' * 64}",
        f"scrypt:16384:8:1:{'a' * 32}:{'0' * 64}",
    ],
)
def test_a_hash_that_no_secret_can_match_is_none(stored: str) -> None:
    """Whoever has only such a hash could never act, and would be counted as if they could."""
    account = Account(name="mei", roles=frozenset({Role.APPROVER}), secret=stored)
    with pytest.raises(ReleaseRefused) as refused:
        check_accounts(AccountSet((account,)))
    assert refused.value.refusal.code == "ACCOUNTS_INVALID"


def test_accounts_that_only_a_release_to_come_would_let_act(site: House) -> None:
    """The release may be withdrawn before it is in force, and then nobody could approve anything."""
    site.live(agreement())
    site.signers.trusted = lambda documents: documents is not None
    current = site.accounts.accounts()
    changed = tuple(
        replace(a, secret="", certificate=b"a certificate") if a.name == "cho" else a
        for a in current.accounts
        if a.name != "ann"
    )
    ask = ProposeAccounts(
        proof=proof("olu"),
        accounts=AccountSet(changed, current.rules),
        base_sha256=accounts_sha256(current),
    )
    site.refused("LOCK_OUT", lambda: site.accounts.propose(ask), "olu", "operator")
    site.signers.trusted = lambda documents: True
    assert site.accounts.propose(ask).state is ProposalState.OPEN
