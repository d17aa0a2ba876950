"""The release use cases over a store, and people who use them; every refusal is looked at closely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    ApproveRelease,
    DraftRelease,
    LintRelease,
    Proof,
    SecretProof,
    SubmitRelease,
)
from ca_bridge.services.manage_recognition.credentials import (
    ScryptCost,
    hash_secret,
)
from ca_bridge.services.manage_recognition.model import (
    Account,
    AccountSet,
    Release,
    Role,
)
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import SIGNATURE_INVALID, PolicyProblem, ReleaseRefused
from ca_bridge.services.release_ports import SignedStatement
from tests.fakes.release_stores import LookedInto, entries

SCHEMAS = Path(__file__).resolve().parents[2] / "policies" / "schema"
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
    store: LookedInto
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
        before, rows = self.store.dump(), len(entries(self.store))
        with pytest.raises(ReleaseRefused) as caught:
            step()
        assert caught.value.refusal.code == code
        assert self.store.dump() == before
        (entry,) = entries(self.store)[rows:]
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


def house(store: LookedInto, accounts: AccountSet | None = None, **parts: Any) -> House:
    clock, signers = Clock(), KeySigners()
    releases = ManageReleases(store=store, clock=clock, signers=signers, **({"lint": lint} | parts))
    made = House(store, clock, releases, ManageAccounts(store=store, clock=clock, signers=signers), signers)
    made.accounts.establish(accounts or people())
    return made


@pytest.fixture
def site(store: LookedInto) -> Iterator[House]:
    made = house(store)
    yield made
    assert made.releases.records.first_broken_row() is None
