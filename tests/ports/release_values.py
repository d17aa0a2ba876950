"""Values of releases for the contract of stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ca_bridge.services.manage_recognition.account_text import accounts_sha256, accounts_text
from ca_bridge.services.manage_recognition.model import (
    ACCOUNTS,
    DONE,
    RELEASES,
    Account,
    AccountProposal,
    AccountSet,
    Action,
    Approval,
    ApprovalRules,
    Attempt,
    ChangeKind,
    ProposalState,
    Release,
    ReleaseState,
    Role,
    StepSignature,
)
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_ports import Commit, ReleaseStore

NOON = datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
MACAU = timezone(timedelta(hours=8))
DOCUMENTS = PolicyDocuments.from_data(
    {
        "blocklist.yaml": {
            "blocks": [{"block": "一", "reason": {"zh": "私钥泄露\x00", "en": 'key\'s "out"'}}]
        },
        "agreements/gd-hk.yaml": {"agreement": "gd-hk", "weight": 1.5, "none": None, "😀": [True, "é"]},
        "Domains/B.yaml": {},
        "domains/a.yaml": {},
    }
)
ACCOUNT_SET = AccountSet(
    (
        Account(name="ann", roles=frozenset({Role.AUTHOR, Role.APPROVER}), secret="scrypt:…"),  # noqa: S106 - no secret
        Account(name="ben", roles=frozenset({Role.APPROVER}), certificate=bytes(range(256)), enabled=False),
    ),
    ApprovalRules(tuple((kind, 2) for kind in ChangeKind)),
)


def release(number: int = 1, **fields: Any) -> Release:
    made = Release(
        number=number,
        version=1,
        state=ReleaseState.DRAFT,
        content_sha256=DOCUMENTS.sha256,
        base=0,
        authors=("dee", "ann"),
        created=NOON,
        note="第一版\nline two ' \" \\ %s :x",
    )
    return replace(made, **fields)


def approved(number: int, start: datetime, **fields: Any) -> Release:
    yes = (Approval("cho", DOCUMENTS.sha256, NOON + HOUR), Approval("ben", DOCUMENTS.sha256, NOON))
    state = ReleaseState.APPROVED
    return release(number, **({"state": state, "effective_from": start, "approvals": yes} | fields))


def proposal(number: int = 1, **fields: Any) -> AccountProposal:
    made = AccountProposal(
        number=number,
        version=1,
        state=ProposalState.OPEN,
        author="olu",
        created=NOON,
        base_sha256=accounts_sha256(AccountSet()),
        content=accounts_text(ACCOUNT_SET),
        content_sha256=accounts_sha256(ACCOUNT_SET),
    )
    return replace(made, **fields)


def attempt(outcome: str = DONE, **fields: Any) -> Attempt:
    made = Attempt(
        time=NOON,
        account="dee",
        role="author",
        action=Action.DRAFT,
        subject=RELEASES,
        release=1,
        version=1,
        content_sha256=DOCUMENTS.sha256,
        outcome=outcome,
        detail='{"note":"第一版"}',
    )
    return replace(made, **fields)


def signature(account: str = "ben", **fields: Any) -> StepSignature:
    made = StepSignature(
        account=account,
        action=Action.APPROVE,
        statement=b'{"a":1}',
        certificate=bytes(range(256)),
        algorithm=b"\x30\x00",
        signature=b"\x00\xff",
    )
    return replace(made, **fields)


def commit(store: ReleaseStore, **fields: Any) -> Commit:
    """A commit that sees the store as it is; attempt and documents are filled in."""
    made = Commit(generation=store.ledger().generation, attempt=attempt())
    if "release" in fields:
        fields = {"documents": DOCUMENTS} | fields
    if "proposal" in fields:
        fields = {"attempt": attempt(subject=ACCOUNTS)} | fields
    return replace(made, **fields)
