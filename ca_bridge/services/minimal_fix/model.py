"""The values of a minimal fix: what could be changed, by whom, and what that would make of a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding
from ca_bridge.services.minimal_fix.steps import Step
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.validate_certificate import Answer


class FixKind(StrEnum):
    """What a change touches: the policy in force, the evidence, or the question itself."""

    POLICY = "policy"
    EVIDENCE = "evidence"
    REQUEST = "request"


class Party(StrEnum):
    """Who makes a change. The first four are the actors of reasons (core.reasons.model.Actor).

    OTHER_DOMAIN: the authority of the other PKI domain. REGULATOR: who publishes a trust list or issues a
    licence. AUTHOR and APPROVER: the roles of a release; they are never the same person.
    """

    CALLER = "caller"
    HOLDER = "holder"
    CA = "ca"
    OPERATOR = "operator"
    OTHER_DOMAIN = "other_domain"
    REGULATOR = "regulator"
    AUTHOR = "author"
    APPROVER = "approver"


class Caution(StrEnum):
    """What whoever makes a change has to be told with it."""

    WIDENS_TRUST = "widens_trust"
    RESUMES = "resumes"
    LIFTS_BLOCK = "lifts_block"
    BACKDATES = "backdates"
    FORMER_AUTHORITY = "former_authority"
    PROOF_OF_TIME = "proof_of_time"
    ASKS_LESS = "asks_less"
    ASSUMED_STATUS = "assumed_status"
    ASSUMED_RENEWAL = "assumed_renewal"
    ASSUMED_FACT = "assumed_fact"


WIDENING = frozenset(
    {
        Caution.WIDENS_TRUST,
        Caution.RESUMES,
        Caution.LIFTS_BLOCK,
        Caution.BACKDATES,
        Caution.FORMER_AUTHORITY,
    }
)
"""Cautions of changes after which more is accepted than this one certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeType:
    """One row of the catalogue of changes, stable like a reason.

    ``zh`` and ``en`` hold ``{name}`` fields. ``cost`` orders sets of one size: evidence before the question
    before policy, narrower before wider. ``assumed``: judged as if something were so that nobody here can
    show yet. ``partial``: it may do nothing visible before another change joins it.
    """

    code: str
    kind: FixKind
    cost: int
    zh: str
    en: str
    parties: tuple[Party, ...]
    cautions: tuple[Caution, ...] = ()
    assumed: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change with its values.

    ``where``: document and path in the policies folder, or the field of the question. ``before`` and
    ``after`` are what stands there, as JSON or plain text; "" = nothing. ``answers``: the reason it is for.
    Two changes of one ``slot`` exclude each other.
    """

    type: ChangeType
    params: tuple[tuple[str, str], ...]
    where: str
    before: str
    after: str
    answers: Reason
    slot: str
    step: Step

    @property
    def key(self) -> str:
        """The same for the same change, whatever finding led to it."""
        return f"{self.type.code}|{self.where}|{self.after}"

    @property
    def widens_trust(self) -> bool:
        """Whether more is accepted by it than this one certificate."""
        return not WIDENING.isdisjoint(self.type.cautions)


class Bar(StrEnum):
    """Why a reason is answered by no change of policy, evidence or question."""

    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    FORGED = "forged"
    WEAK = "weak"
    MALFORMED = "malformed"
    KEY_BLOCKED = "key_blocked"
    FLAWED = "flawed"
    UNFIT = "unfit"
    QUESTION = "question"
    WORK_LIMIT = "work_limit"


@dataclass(frozen=True, slots=True)
class Barred:
    """A finding that no change answers, and why none does."""

    finding: Finding
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What has to be had before more can be said.

    A CA certificate that nobody here knows: ``key_identifier`` is the hex of its subject key identifier, ""
    unknown, ``sources`` the addresses that the certificate below it names (RFC 5280 §4.2.2.1, caIssuers).
    Or, with ``sha256``, a root that was sent along and that no operator has imported.
    """

    issuer: str
    key_identifier: str = ""
    sources: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Changes that together make the question pass, none of them dispensable, and the answer they lead to.

    ``documents`` are the policy documents after its policy changes; ``release_kinds`` the kinds of change
    that a release of them is, each of which asks for its own number of approvers.
    """

    changes: tuple[Change, ...]
    answer: Answer
    documents: PolicyDocuments
    release_kinds: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """Sum of the costs of its changes."""
        return sum(change.type.cost for change in self.changes)


class Outcome(StrEnum):
    """How the search ended. BEYOND_REPAIR: there is no change to propose.

    UNDECIDED: it was cut short, or waits for a certificate that nobody here knows or has imported.
    """

    PASSES = "passes"
    FIXABLE = "fixable"
    BEYOND_REPAIR = "beyond_repair"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimalFix:
    """The answer as it stands, and the smallest sets of changes that turn it, cheapest first.

    All ``fixes`` are of one size. ``complete``: all sets of that size were tried, else there may be more.
    """

    outcome: Outcome
    answer: Answer
    fixes: tuple[Fix, ...] = ()
    barred: tuple[Barred, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    judgements: int = 0
    complete: bool = True
