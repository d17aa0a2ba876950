"""What can be asked of the release use cases: one frozen value for each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.services.manage_recognition.model import AccountSet


@dataclass(frozen=True, slots=True)
class SecretProof:
    """A local account and its secret."""

    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureProof:
    """A signature over the step's statement (statement.py) by the certificate bound to ``account``.

    ``certificate`` and ``algorithm`` (AlgorithmIdentifier) are DER; ``evidence`` helps to judge the
    certificate.
    """

    account: str
    nonce: str
    certificate: bytes
    algorithm: bytes
    signature: bytes
    evidence: Evidence = Evidence()  # noqa: RUF009 - frozen


Proof = SecretProof | SignatureProof


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRelease:
    """Lay down a draft made from release ``base``, which must be the newest approved (0 = there is none)."""

    proof: Proof
    documents: Mapping[str, Any]
    base: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendRelease:
    """Put other documents in a draft; ``base`` as in DraftRelease, which is how a draft is rebased."""

    proof: Proof
    number: int
    version: int
    documents: Mapping[str, Any]
    base: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRelease:
    """Check the documents of a draft."""

    proof: Proof
    number: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateRelease:
    """Find out what a linted draft would change."""

    proof: Proof
    number: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRelease:
    """Ask for approval; ``effective_from`` None = as soon as it is approved."""

    proof: Proof
    number: int
    version: int
    content_sha256: str
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRelease:
    """Say yes to exactly the content and version that was seen."""

    proof: Proof
    number: int
    version: int
    content_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRelease:
    """Say no, and why."""

    proof: Proof
    number: int
    version: int
    content_sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRelease:
    """Take back what is not in force yet."""

    proof: Proof
    number: int
    version: int
    content_sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Submit a new release with the content of ``to``, which was in effect before."""

    proof: Proof
    to: int
    effective_from: datetime | None = None
    note: str = ""


ReleaseCommand = (
    DraftRelease
    | AmendRelease
    | LintRelease
    | SimulateRelease
    | SubmitRelease
    | ApproveRelease
    | RejectRelease
    | WithdrawRelease
    | RollBack
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAccounts:
    """Ask for another set of accounts and rules; ``base_sha256`` is the hash of the set that was seen."""

    proof: Proof
    accounts: AccountSet
    base_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAccounts:
    """Approve or reject a proposal of accounts, as seen."""

    proof: Proof
    number: int
    version: int
    content_sha256: str
