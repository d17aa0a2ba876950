"""The values of a release's life. Everything here is immutable; a step makes a new value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReleaseState(StrEnum):
    """Where a release stands.

    EFFECTIVE, SUPERSEDED and ROLLED_BACK are never stored: they follow from the approved releases and the
    time asked about (see standing.py), so that no clock tick has to be caught for a release to come into
    force.
    """

    DRAFT = "draft"
    LINTED = "linted"
    SIMULATED = "simulated"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """Steps, as the trail and the signed statements name them."""

    DRAFT = "draft"
    AMEND = "amend"
    LINT = "lint"
    SIMULATE = "simulate"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    ROLL_BACK = "roll_back"
    ESTABLISH_ACCOUNTS = "establish_accounts"
    PROPOSE_ACCOUNTS = "propose_accounts"
    APPROVE_ACCOUNTS = "approve_accounts"
    REJECT_ACCOUNTS = "reject_accounts"


class Role(StrEnum):
    """What an account may do (permissions.py)."""

    AUTHOR = "author"
    APPROVER = "approver"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class ChangeKind(StrEnum):
    """What a change touches; each kind asks for its own number of approvers.

    BLOCKLIST: rows were added and none was lost, which only ever refuses more. BLOCKLIST_REMOVAL: a row
    was taken away or altered. OTHER: any document of no known kind.
    """

    ANCHORS = "anchors"
    AGREEMENTS = "agreements"
    TRUST_LISTS = "trust_lists"
    BLOCKLIST = "blocklist"
    BLOCKLIST_REMOVAL = "blocklist_removal"
    ALGORITHMS = "algorithms"
    ACCOUNTS = "accounts"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to one content."""

    account: str
    content_sha256: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSignature:
    """A detached signature over the statement of one step, kept so that an auditor can check it again.

    ``certificate`` and ``algorithm`` (AlgorithmIdentifier) are DER; ``statement`` the bytes signed.
    """

    account: str
    action: Action
    statement: bytes
    certificate: bytes
    algorithm: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One numbered content on its way.

    ``number``: given when drafted, from 1, dense, never given twice. ``version``: grows by one with every
    step. ``base``: the number of the release it changes, 0 = there was none. ``authors``: everyone who
    wrote, amended or submitted it, first the one who drafted it. ``effective_from`` None until submitted,
    and after it for "as soon as approved". ``rolls_back_to``: the release whose content this is again.
    ``linted_sha256``: the content that passed linting. ``simulation``: canonical JSON of what the
    simulation of ``simulated_sha256`` found.
    """

    number: int
    version: int
    state: ReleaseState
    content_sha256: str
    base: int
    authors: tuple[str, ...]
    created: datetime
    note: str = ""
    effective_from: datetime | None = None
    rolls_back_to: int | None = None
    linted_sha256: str = ""
    simulated_sha256: str = ""
    simulation: str = ""
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A named person. ``secret`` is a scrypt hash (credentials.py), ``certificate`` DER; one of the two."""

    name: str
    roles: frozenset[Role]
    secret: str = ""
    certificate: bytes = b""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """How many approvers beside the authors each kind of change needs."""

    required: tuple[tuple[ChangeKind, int], ...] = (
        (ChangeKind.ANCHORS, 2),
        (ChangeKind.AGREEMENTS, 1),
        (ChangeKind.TRUST_LISTS, 1),
        (ChangeKind.BLOCKLIST, 1),
        (ChangeKind.BLOCKLIST_REMOVAL, 2),
        (ChangeKind.ALGORITHMS, 2),
        (ChangeKind.ACCOUNTS, 2),
        (ChangeKind.OTHER, 2),
    )

    def needed(self, kinds: frozenset[ChangeKind]) -> int:
        """The most that any of ``kinds`` asks for, and never less than one."""
        return max((count for kind, count in self.required if kind in kinds), default=1)


@dataclass(frozen=True, slots=True)
class AccountSet:
    """All accounts, by name, and the rules of approval: what decides who may decide."""

    accounts: tuple[Account, ...] = ()
    rules: ApprovalRules = ApprovalRules()

    def account(self, name: str) -> Account | None:
        """The account of this name."""
        return next((account for account in self.accounts if account.name == name), None)


class ProposalState(StrEnum):
    """Where a change of accounts stands."""

    OPEN = "open"
    APPLIED = "applied"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProposal:
    """A whole new AccountSet (``content``, canonical JSON), made from the set hashed ``base_sha256``."""

    number: int
    version: int
    state: ProposalState
    author: str
    created: datetime
    base_sha256: str
    content: str
    content_sha256: str
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempted step. ``outcome`` is "done" or the refusal's code; ``release`` 0 = none yet.

    ``account`` is as claimed, and proven unless the outcome is one of authentication; ``role`` is the one
    acted under, "" when none was established. ``subject`` is "release" or "accounts". ``nonce`` is that
    of a signature that held: it is used up, whatever became of the step.
    """

    time: datetime
    account: str
    role: str
    action: Action
    subject: str
    release: int
    version: int
    content_sha256: str
    outcome: str
    detail: str = ""
    nonce: str = ""


DONE = "done"
RELEASES, ACCOUNTS = "release", "accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """A row of the audit trail: ``sha256`` is over the attempt, ``sequence`` and ``previous_sha256``."""

    sequence: int
    attempt: Attempt
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TrailHead:
    """How many rows the trail has, and the hash of its last one."""

    count: int
    sha256: str


LOCAL = "local"
"""The name the trail gives to whoever establishes the first accounts on the machine itself."""
