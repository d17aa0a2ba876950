"""A desk of releases for the tests of its doors: known people, a clock that stands, the real lint."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    ApproveRelease,
    DraftRelease,
    LintRelease,
    SecretProof,
    SubmitRelease,
)
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Release, Role
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_desk import ReleaseDesk, folder_refused
from ca_bridge.services.release_errors import SIGNATURE_INVALID, PolicyProblem, ReleaseRefused
from ca_bridge.services.release_ports import ReleaseStore, SignedStatement
from tests.fakes.releases import MemoryReleases
from tests.recognition.scheme_documents import agreement_document, documents

SCHEMAS = Path(__file__).resolve().parents[2] / "policies" / "schema"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHEAP = ScryptCost(n=2)
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
ROLES = {
    "ann": {Role.AUTHOR, Role.APPROVER},
    "ben": {Role.APPROVER},
    "cho": {Role.APPROVER},
    "dee": {Role.AUTHOR},
    "olu": {Role.OPERATOR},
    "aud": {Role.AUDITOR},
}


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


@dataclass
class Signer:
    """A key and a certificate over it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ben")])
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOON - 24 * HOUR)
            .not_valid_after(NOON + 24 * HOUR)
            .sign(self.key, hashes.SHA256())
        )
        self.certificate = built.public_bytes(Encoding.DER)

    def sign(self, statement: bytes) -> bytes:
        return self.key.sign(statement, ec.ECDSA(hashes.SHA256()))


class CertificateSigners:
    """The signature by the certificate's key; whether a certificate is relied on is tried elsewhere."""

    def check(self, signed: SignedStatement, at: datetime) -> None:
        key = x509.load_der_x509_certificate(signed.certificate).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        try:
            key.verify(signed.signature, signed.statement, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise ReleaseRefused(SIGNATURE_INVALID, cause="SIGNATURE_WRONG") from error

    def accepted_under(self, documents: PolicyDocuments | None, certificate: bytes, at: datetime) -> bool:
        return True


def secret_of(name: str) -> str:
    return f"{name}-secret-of-this-test"


def people(**certificates: bytes) -> AccountSet:
    def account(name: str) -> Account:
        roles = frozenset(ROLES[name])
        if name in certificates:
            return Account(name=name, roles=roles, certificate=certificates[name])
        return Account(name=name, roles=roles, secret=hash_secret(secret_of(name), CHEAP))

    return AccountSet(tuple(map(account, ROLES)))


def lint(data: Mapping[str, Any]) -> tuple[PolicyProblem, ...]:
    return tuple(
        PolicyProblem(file=p.place, message_en=p.message_en, message_zh=p.message_zh)
        for p in check_documents(data, SCHEMAS)
    )


def policy(**changes: Any) -> dict[str, Any]:
    """The scheme's documents, with these changes of its agreement; they lint."""
    return PolicyDocuments.from_data(documents()).data() | {
        "agreements/hk-bridge.yaml": agreement_document("hk-bridge", **changes)
    }


def block(identifier: str = "one", kind: str = "key", value: str = "a" * 64, **more: Any) -> dict[str, Any]:
    return {
        "block": identifier,
        "kind": kind,
        "value": value,
        "reason": {"zh": "撤销", "en": "withdrawn"},
        "publication": "notice 1",
        "effective_from": "2026-01-01T00:00:00Z",
        **more,
    }


@dataclass
class House:
    """The desk, and steps taken behind its doors."""

    desk: ReleaseDesk
    clock: Clock
    store: Any

    def submitted(self, data: dict[str, Any], who: str = "dee", start: datetime | None = None) -> Release:
        releases, proof = self.desk.releases, SecretProof(who, secret_of(who))
        head = self.store.ledger().head
        made = releases.draft(DraftRelease(proof=proof, documents=data, base=head.number if head else 0))
        made = releases.lint(LintRelease(proof=proof, number=made.number, version=made.version))
        return releases.submit(
            SubmitRelease(
                proof=proof,
                number=made.number,
                version=made.version,
                content_sha256=made.content_sha256,
                effective_from=start,
            )
        )

    def live(self, data: dict[str, Any], start: datetime | None = None) -> Release:
        """Approved by two, and in force an hour ago."""
        made = self.submitted(data, start=start)
        for who in ("ben", "cho"):
            if made.state == "submitted":
                made = self.desk.releases.approve(
                    ApproveRelease(
                        proof=SecretProof(who, secret_of(who)),
                        number=made.number,
                        version=made.version,
                        content_sha256=made.content_sha256,
                    )
                )
        self.clock.time = (start or self.clock.time) + HOUR
        return made


def read_folder(folder: Path | None, default: Path) -> PolicyDocuments:
    try:
        return read_policy_folder(folder or default)[0]
    except PolicyFileError as error:
        raise folder_refused(error.problems) from error


def house(
    folder: Path, store: ReleaseStore | None = None, accounts: AccountSet | None = None, **parts: Any
) -> House:
    """The desk over ``store`` (in memory by default), its people established; ``folder`` is release 0."""
    clock, signers, kept = Clock(), CertificateSigners(), store or MemoryReleases()
    common = {"store": kept, "clock": clock, "signers": signers}

    def folder_reader(given: Path | None) -> PolicyDocuments:
        return read_folder(given, folder)

    desk = ReleaseDesk(
        releases=ManageReleases(lint=lint, **common, **parts),
        accounts=ManageAccounts(**common),
        folder=folder_reader,
    )
    made = accounts or people()
    if made.accounts:
        desk.accounts.establish(made)
    return House(desk, clock, kept)


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
