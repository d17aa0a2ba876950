"""The life of a change: each refusal with its reason, nothing changed by it, and all of it in the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bridge.services.manage_recognition.account_text import accounts_sha256
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    ApproveRelease,
    DecideAccounts,
    DraftRelease,
    LintRelease,
    Proof,
    ProposeAccounts,
    RejectRelease,
    RollBack,
    SecretProof,
    SignatureProof,
    SimulateRelease,
    SubmitRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.fields import refusal_fields, release_fields, trail_fields
from ca_bridge.services.manage_recognition.model import (
    Account,
    AccountSet,
    ApprovalRules,
    ChangeKind,
    ProposalState,
    Release,
    ReleaseState,
    Role,
)
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.manage_recognition.trail import first_broken
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import REFUSALS, SIGNATURE_INVALID, PolicyProblem, ReleaseRefused
from ca_bridge.services.release_ports import SignedStatement
from tests.fakes.releases import MemoryReleases

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHEAP = ScryptCost(n=2)
ROLES = {
    "ann": {Role.AUTHOR, Role.APPROVER},
    "ben": {Role.APPROVER},
    "cho": {Role.APPROVER},
    "dee": {Role.AUTHOR},
    "olu": {Role.OPERATOR},
    "aud": {Role.AUDITOR},
}


def secret_of(name: str) -> str:
    return f"{name}-secret-of-this-test"


def people(**certificates: bytes) -> AccountSet:
    def account(name: str) -> Account:
        roles = frozenset(ROLES[name])
        if name in certificates:
            return Account(name=name, roles=roles, certificate=certificates[name])
        return Account(name=name, roles=roles, secret=hash_secret(secret_of(name), CHEAP))

    return AccountSet(tuple(map(account, ROLES)))


def agreement(until: str | None = None, status: str = "active", note: str = "") -> dict[str, Any]:
    data = {"agreement": "gd-hk", "status": status, "effective_until": until, "note": note}
    return {"agreements/gd-hk.yaml": {name: value for name, value in data.items() if value}}


def lint(documents: Any) -> tuple[PolicyProblem, ...]:
    return tuple(
        PolicyProblem(file=name, message_en="unknown key: colour", message_zh="未知的键：colour", line=3)
        for name, document in documents.items()
        if "colour" in document
    )


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


class KeySigners:
    """The certificate is the public key here; the engine itself is tried elsewhere."""

    def __init__(self) -> None:
        self.trusted: Callable[[PolicyDocuments | None], bool] = lambda _: True

    def check(self, signed: SignedStatement, at: datetime) -> None:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signed.certificate)
        try:
            key.verify(signed.signature, signed.statement, ec.ECDSA(hashes.SHA256()))
        except ValueError as error:
            raise AssertionError from error
        except Exception as error:
            raise ReleaseRefused(SIGNATURE_INVALID, cause="SIGNATURE_WRONG") from error

    def accepted_under(self, documents: PolicyDocuments | None, certificate: bytes, at: datetime) -> bool:
        return self.trusted(documents)


@dataclass
class House:
    store: MemoryReleases
    clock: Clock
    releases: ManageReleases
    accounts: ManageAccounts
    signers: KeySigners

    def draft(self, documents: dict[str, Any], who: str = "dee") -> Release:
        base = self.store.ledger().head
        return self.releases.draft(
            DraftRelease(proof=proof(who), documents=documents, base=base.number if base else 0)
        )

    def submitted(
        self, documents: dict[str, Any], start: datetime | None = None, who: str = "dee"
    ) -> Release:
        return self.submit(self.lint(self.draft(documents, who)), start, who)

    def lint(self, made: Release, who: str = "dee") -> Release:
        return self.releases.lint(LintRelease(proof=proof(who), number=made.number, version=made.version))

    def submit(self, made: Release, start: datetime | None = None, who: str = "dee") -> Release:
        return self.releases.submit(SubmitRelease(**seen(made, who), effective_from=start))

    def approve(self, made: Release, who: str | Proof) -> Release:
        return self.releases.approve(ApproveRelease(**seen(made, who)))

    def live(self, documents: dict[str, Any], start: datetime | None = None) -> Release:
        made = self.approve(self.submitted(documents, start), "ben")
        self.clock.time = (start or self.clock.time) + HOUR
        return made

    def refused(self, code: str, step: Callable[[], object], account: str, role: str) -> ReleaseRefused:
        """``step`` is refused by ``code``; nothing but one row of the trail has changed."""
        before, rows = self.store.dump(), len(self.store.entries)
        with pytest.raises(ReleaseRefused) as caught:
            step()
        assert caught.value.refusal.code == code
        assert self.store.dump() == before
        (entry,) = self.store.entries[rows:]
        assert (entry.attempt.outcome, entry.attempt.account, entry.attempt.role) == (code, account, role)
        assert self.releases.records.first_broken_row() is None
        return caught.value


def proof(who: str | Proof) -> Proof:
    return SecretProof(who, secret_of(who)) if isinstance(who, str) else who


def seen(made: Release, who: str | Proof) -> dict[str, Any]:
    return {
        "proof": proof(who),
        "number": made.number,
        "version": made.version,
        "content_sha256": made.content_sha256,
    }


def house(accounts: AccountSet | None = None, **parts: Any) -> House:
    store, clock, signers = MemoryReleases(), Clock(), KeySigners()
    releases = ManageReleases(store=store, clock=clock, lint=lint, signers=signers, **parts)
    made = House(store, clock, releases, ManageAccounts(store=store, clock=clock, signers=signers), signers)
    made.accounts.establish(accounts or people())
    return made


@pytest.fixture
def site() -> Iterator[House]:
    made = house()
    yield made
    assert made.releases.records.first_broken_row() is None


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


def test_unknown_keys_fail_linting(site: House) -> None:
    made = site.draft({"agreements/gd-hk.yaml": {"agreement": "gd-hk", "colour": "red"}})
    refused = site.refused("LINT_FAILED", lambda: site.lint(made), "dee", "author")
    assert refusal_fields(refused)["problems"] == [
        {
            "file": "agreements/gd-hk.yaml",
            "line": 3,
            "message_en": "unknown key: colour",
            "message_zh": "未知的键：colour",
        }
    ]
    assert "agreements/gd-hk.yaml:3: unknown key: colour" in site.store.entries[-1].attempt.detail
    site.refused("STATE_FORBIDS", lambda: site.submit(made), "dee", "author")


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


def test_two_approvers_racing() -> None:
    barrier = Barrier(2)
    armed: list[bool] = []

    def meet() -> None:
        if armed and not barrier.broken:
            barrier.wait(10)

    site = house(before_commit=meet)
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
    stored = site.store.rows[1]
    assert (stored.version, len(stored.approvals)) == (made.version + 1, 1)
    assert sorted(e.attempt.outcome for e in site.store.entries[-2:]) == ["STALE_VERSION", "done"]


@dataclass
class Signer:
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def proof(self, site: House, made: Release, nonce: str, certificate: bytes = b"") -> SignatureProof:
        bare = SignatureProof(
            account="ben",
            nonce=nonce,
            certificate=certificate or self.certificate,
            algorithm=b"0",
            signature=b"0",
        )
        statement = site.releases.statement(ApproveRelease(**seen(made, bare)), nonce)
        return replace(bare, signature=self.key.sign(statement, ec.ECDSA(hashes.SHA256())))


@pytest.fixture
def ben() -> Signer:
    return Signer(ec.generate_private_key(ec.SECP256R1()))


def test_signatures(ben: Signer) -> None:
    site = house(people(ben=ben.certificate))
    made = site.submitted({"algorithms.yaml": {"version": 1}})
    forger = Signer(ec.generate_private_key(ec.SECP256R1()))
    forged = forger.proof(site, made, "n" * 16, ben.certificate)
    site.refused("SIGNATURE_INVALID", lambda: site.approve(made, forged), "ben", "")
    own = forger.proof(site, made, "n" * 16)
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, own), "ben", "")
    good = ben.proof(site, made, "n" * 16)
    other = replace(made, content_sha256="0" * 64)
    site.refused("SIGNATURE_INVALID", lambda: site.approve(other, good), "ben", "")
    approved = site.approve(made, good)
    assert [a.account for a in approved.approvals] == ["ben"]
    (kept,) = site.releases.records.signatures(made.number)
    assert kept.signature == good.signature
    site.refused("SIGNATURE_REPLAYED", lambda: site.approve(made, good), "ben", "")
    short = replace(good, nonce="n")
    site.refused("SIGNATURE_MALFORMED", lambda: site.approve(made, short), "ben", "")
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, SecretProof("ben", "")), "ben", "")


def test_a_signature_that_was_refused_is_used_up(ben: Signer) -> None:
    site = house(people(ben=ben.certificate))
    made = site.submitted(agreement(), NOON + HOUR)
    good = ben.proof(site, made, "n" * 16)
    site.clock.time = NOON + HOUR
    site.refused("EFFECTIVE_TIME_PAST", lambda: site.approve(made, good), "ben", "approver")
    site.refused("SIGNATURE_REPLAYED", lambda: site.approve(made, good), "ben", "")


def test_lock_out_by_the_trust_a_release_takes_away(ben: Signer) -> None:
    cho = Signer(ec.generate_private_key(ec.SECP256R1()))
    site = house(people(ben=ben.certificate, cho=cho.certificate))
    made = site.submitted(agreement())
    site.signers.trusted = lambda documents: documents is None
    refused = site.refused("LOCK_OUT", lambda: site.approve(made, "ann"), "ann", "approver")
    assert refused.params == {"needed": "2", "able": "1"}


def test_roles_and_secrets(site: House) -> None:
    made = site.submitted(agreement())
    site.refused("NOT_AN_APPROVER", lambda: site.approve(made, "dee"), "dee", "")
    site.refused("ROLE_MISSING", lambda: site.draft(agreement(), "aud"), "aud", "")
    wrong = SecretProof("ben", secret_of("cho"))
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, wrong), "ben", "")
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, SecretProof("who", "x" * 20)), "who", "")
    assert secret_of("ben") not in repr(proof("ben"))


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


def test_simulation_is_asked_for_where_there_is_one() -> None:
    site = house(simulate=lambda base, draft: {"flips": len(draft.documents) - len(base.documents)})
    made = site.lint(site.draft(agreement()))
    site.refused("STATE_FORBIDS", lambda: site.submit(made), "dee", "author")
    step = SimulateRelease(proof=proof("olu"), number=made.number, version=made.version)
    simulated = site.releases.simulate(step)
    assert release_fields(simulated)["simulation"] == {"flips": 1}
    assert site.submit(simulated).state is ReleaseState.SUBMITTED


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


def test_a_trail_that_was_tampered_with(site: House) -> None:
    site.live(agreement())
    head, rows = site.store.trail_head(), list(site.store.entries)
    assert first_broken(rows, head) is None
    assert first_broken(rows[:-1], head) == len(rows)
    assert first_broken(rows[:1] + rows[2:], head) == 2
    altered = replace(rows[2], attempt=replace(rows[2].attempt, account="cho"))
    assert first_broken([*rows[:2], altered, *rows[3:]], head) == 3


@pytest.mark.parametrize("documents", [{"a": float("nan")}, {"a": {1}}, {"": 1}, {"a": "\ud800"}])
def test_documents_of_no_use(site: House, documents: dict[str, Any]) -> None:
    site.refused("DOCUMENTS_UNUSABLE", lambda: site.draft(documents), "dee", "author")


def test_every_refusal_speaks_both_languages() -> None:
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS) > 30
    for row in REFUSALS:
        assert row.message_en.isascii()
        assert not row.message_zh.isascii()
        assert not row.remedy_zh.isascii()
