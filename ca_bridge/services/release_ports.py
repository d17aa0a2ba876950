"""What the release use cases need from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ca_bridge.core.evidence import Evidence
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.manage_recognition.model import (
    AccountProposal,
    AccountSet,
    Attempt,
    Release,
    StepSignature,
    TrailEntry,
    TrailHead,
)
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import PolicyProblem


class StateMoved(GatewayError):
    """Somebody else's change came first; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What guards look at beside the release itself.

    ``generation`` grows with every change of state (refused attempts change none). ``head`` is the
    approved release with the latest effective time; ``newest_number`` the last number given.
    """

    generation: int
    accounts: AccountSet
    head: Release | None
    newest_number: int
    newest_proposal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One step to be written, whole or not at all, if ``generation`` is still the one that was seen.

    ``release`` or ``proposal`` is the new value, its ``version`` one more than the stored one (1 = new).
    ``documents`` comes with content that may be new, ``accounts`` with a set that replaces the old one.
    """

    generation: int
    attempt: Attempt
    release: Release | None = None
    documents: PolicyDocuments | None = None
    proposal: AccountProposal | None = None
    accounts: AccountSet | None = None
    signature: StepSignature | None = None


class ReleaseStore(Protocol):
    """Releases, accounts and the audit trail. May be used from threads and processes."""

    def ledger(self) -> Ledger:
        """The state as it is, read at one instant."""
        ...

    def release(self, number: int) -> Release | None:
        """The release of this number."""
        ...

    def releases(self, *, before: int, limit: int) -> tuple[Release, ...]:
        """At most ``limit`` releases numbered below ``before``, newest first."""
        ...

    def approved(self) -> tuple[Release, ...]:
        """All approved releases, by effective time."""
        ...

    def documents(self, sha256: str) -> PolicyDocuments | None:
        """The content of this hash."""
        ...

    def effective_at(self, instant: datetime) -> Release | None:
        """The approved release with the latest effective time that is not after ``instant``."""
        ...

    def next_after(self, instant: datetime) -> Release | None:
        """The approved release with the earliest effective time after ``instant``."""
        ...

    def proposal(self, number: int) -> AccountProposal | None:
        """The proposal of accounts of this number."""
        ...

    def proposals(self) -> tuple[AccountProposal, ...]:
        """All proposals of accounts, newest first."""
        ...

    def nonce_used(self, account: str, nonce: str) -> bool:
        """Whether the trail holds a signature of this account under this nonce."""
        ...

    def signatures(self, subject: str, number: int) -> tuple[StepSignature, ...]:
        """Signatures of the committed steps of one release or proposal, in order."""
        ...

    def commit(self, commit: Commit) -> TrailEntry:
        """Write the step and its row of the trail; StateMoved when another came first."""
        ...

    def record(self, attempt: Attempt) -> TrailEntry:
        """Write a row of the trail and nothing else; a nonce that is used already is left out of it."""
        ...

    def trail(self, *, after: int, limit: int) -> tuple[TrailEntry, ...]:
        """At most ``limit`` rows after sequence number ``after``, in order."""
        ...

    def trail_head(self) -> TrailHead:
        """Count and last hash of the trail."""
        ...


class Lint(Protocol):
    """Checks documents as `ca-bridge policy lint` does."""

    def __call__(self, documents: Mapping[str, Any]) -> tuple[PolicyProblem, ...]:
        """Every mistake; empty when the documents can be used."""
        ...


class Simulate(Protocol):
    """Finds out what a draft would change."""

    def __call__(self, base: PolicyDocuments, draft: PolicyDocuments) -> Mapping[str, Any]:
        """A summary as plain data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A statement, who is said to have signed it, and how; certificate and algorithm are DER."""

    statement: bytes
    certificate: bytes
    algorithm: bytes
    signature: bytes
    evidence: Evidence


class Signers(Protocol):
    """Judges those who sign steps, by the engine that judges everybody else."""

    def check(self, signed: SignedStatement, at: datetime) -> None:
        """ReleaseRefused unless the signature holds and the certificate passes at ``at``."""
        ...

    def accepted_under(self, documents: PolicyDocuments | None, certificate: bytes, at: datetime) -> bool:
        """Whether ``certificate`` could sign at ``at`` if ``documents`` were in force (None = as now)."""
        ...
