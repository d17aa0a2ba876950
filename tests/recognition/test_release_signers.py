"""Steps signed by certificates of the test PKI, RSA and SM2, and judged by the engine itself."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ca_bridge import wiring
from ca_bridge.core.evidence import Evidence
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import (
    ApproveRelease,
    DraftRelease,
    LintRelease,
    Proof,
    SecretProof,
    SignatureProof,
    SubmitRelease,
)
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Release, ReleaseState, Role
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.manage_recognition.signers import EngineSigners
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import ReleaseRefused
from ca_bridge.services.release_ports import SignedStatement
from ca_bridge.settings import Settings
from tests.fakes.release_stores import LookedInto, entries
from tests.pki_writers import Rsa, Sm2

ROOT = Path(__file__).resolve().parents[2]
PKI = ROOT / "certs-test"
NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
DAY = timedelta(days=1)
STATEMENT = b'{"action":"approve","release":12}'
ANCHORS = ("national-root", "gd-a-rsa-root")


def der(path: str) -> bytes:
    lines = (PKI / path).read_text("ascii").splitlines()
    return base64.b64decode("".join(line for line in lines if not line.startswith("-")))


def issuer(name: str) -> bytes:
    return der(f"certificates/ca/{name}.pem")


def crl(name: str) -> bytes:
    return (PKI / "crls" / f"{name}.crl").read_bytes()


@dataclass(frozen=True)
class Person:
    """A certificate of the test PKI and the key that belongs to it."""

    label: str
    key: Any
    ca: str

    @property
    def certificate(self) -> bytes:
        return der(f"certificates/ee/{self.label}.pem")

    @property
    def evidence(self) -> Evidence:
        return Evidence(certificates=(issuer(self.ca),), crls=(crl(self.ca),))

    def signed(self, statement: bytes = STATEMENT) -> SignedStatement:
        return SignedStatement(
            statement=statement,
            certificate=self.certificate,
            algorithm=self.key.algorithm,
            signature=self.key.sign(statement),
            evidence=self.evidence,
        )


SM2 = Person("gd-a-sm2-company-sign", Sm2("gd-a-sm2-company-sign"), "gd-a-sm2")
RSA = Person("gd-a-rsa-company-sign", Rsa("rsa-leaf-1"), "gd-a-rsa")
SM2_PERSON = Person("gd-a-sm2-person-sign", Sm2("gd-a-sm2-person-sign"), "gd-a-sm2")
REVOKED = Person("gd-a-sm2-company-revoked", Sm2("gd-a-sm2-company-revoked"), "gd-a-sm2")
ENCRYPTION = Person("gd-a-sm2-company-encrypt", Sm2("gd-a-sm2-company-encrypt"), "gd-a-sm2")
EVENT = Person("gd-a-sm2-event", Sm2("event"), "gd-a-sm2")
STRANGER = Person("hk-person-sign", Rsa("rsa-leaf-2"), "hk-ca")
BOTH = pytest.mark.parametrize("person", [SM2, RSA], ids=["sm2", "rsa"])


def domain(*anchors: str) -> dict[str, Any]:
    pins = [{"sha256": hashlib.sha256(issuer(name)).hexdigest(), "name": f"CN={name}"} for name in anchors]
    return {
        "domain": "signers",
        "title": {"zh": "签名人", "en": "Signers"},
        "anchors": pins,
        "certificates": ["certificates"],
        "revocation": "require_target",
    }


@dataclass(frozen=True)
class Place:
    """Policies folders whose domain of signers pins roots of the test PKI and knows the CAs below."""

    folder: Path

    def gateway(self, documents: PolicyDocuments) -> Gateway:
        policies = self.folder / documents.sha256
        shutil.copytree(ROOT / "policies" / "schema", policies / "schema", dirs_exist_ok=True)
        shutil.copy(ROOT / "policies" / "algorithms.yaml", policies)
        for file, data in documents.data().items():
            write(policies / file, yaml.safe_dump(data, allow_unicode=True).encode())
        for root in ANCHORS:
            write(policies / "anchors" / f"{root}.der", issuer(root))
        for name in ("gd-a-sm2", "gd-a-rsa"):
            write(policies / "certificates" / f"{name}.der", issuer(name))
        anchors = policies / "anchors"
        return wiring.gateway(Settings(policies=policies, anchors=anchors, default_domain="signers"))


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def signers(tmp_path: Path) -> EngineSigners:
    place = Place(tmp_path)
    gateway = place.gateway(PolicyDocuments.from_data({"domains/signers.yaml": domain(*ANCHORS)}))
    return EngineSigners(
        validate=gateway.validate,
        validate_under=lambda documents: place.gateway(documents).validate,
        domain="signers",
    )


def refused(step: Callable[[], object]) -> tuple[str, dict[str, str]]:
    with pytest.raises(ReleaseRefused) as caught:
        step()
    return caught.value.refusal.code, caught.value.params


@BOTH
def test_right(signers: EngineSigners, person: Person) -> None:
    signers.check(person.signed(), NOW)


@BOTH
def test_other_content(signers: EngineSigners, person: Person) -> None:
    signed = replace(person.signed(), statement=STATEMENT.replace(b"12", b"13"))
    assert refused(lambda: signers.check(signed, NOW)) == (
        "SIGNATURE_INVALID",
        {"cause": "SIGNATURE_DOES_NOT_VERIFY"},
    )


@BOTH
def test_forged(signers: EngineSigners, person: Person) -> None:
    """Signed by somebody else's key; and the same signature with one bit turned."""
    key = Sm2("somebody else") if person is SM2 else Rsa("rsa-leaf-3")
    made = replace(person, key=key).signed()
    assert refused(lambda: signers.check(made, NOW)) == (
        "SIGNATURE_INVALID",
        {"cause": "SIGNATURE_DOES_NOT_VERIFY"},
    )
    good = person.signed()
    turned = replace(good, signature=good.signature[:-1] + bytes([good.signature[-1] ^ 1]))
    assert refused(lambda: signers.check(turned, NOW)) == (
        "SIGNATURE_INVALID",
        {"cause": "SIGNATURE_DOES_NOT_VERIFY"},
    )


def test_algorithm_of_another_key(signers: EngineSigners) -> None:
    mixed = replace(SM2.signed(), algorithm=RSA.key.algorithm)
    code, _ = refused(lambda: signers.check(mixed, NOW))
    assert code == "SIGNATURE_INVALID"
    weak = replace(RSA, key=Rsa("rsa-leaf-1", digest="sha1")).signed()
    code, _ = refused(lambda: signers.check(weak, NOW))
    assert code == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    ("person", "at", "said"),
    [
        (REVOKED, NOW, ("SIGNER_REFUSED", "TARGET_REVOKED")),
        (EVENT, NOW + 2 * DAY, ("SIGNER_REFUSED", "TARGET_EXPIRED")),
        (EVENT, NOW - DAY, ("SIGNER_REFUSED", "TARGET_NOT_YET_VALID")),
        (ENCRYPTION, NOW, ("SIGNER_INDETERMINATE", "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE")),
        (STRANGER, NOW, ("SIGNER_INDETERMINATE", "NO_ISSUER_FOUND")),
    ],
    ids=["revoked", "expired", "early", "encryption", "stranger"],
)
def test_certificates_that_do_not_pass(
    signers: EngineSigners, person: Person, at: datetime, said: tuple[str, str]
) -> None:
    code, params = refused(lambda: signers.check(person.signed(), at))
    assert (code, params["reason"]) == said


def test_without_evidence_of_status(signers: EngineSigners) -> None:
    bare = replace(SM2.signed(), evidence=Evidence())
    code, params = refused(lambda: signers.check(bare, NOW))
    assert (code, params) == ("SIGNER_INDETERMINATE", {"reason": "REVOCATION_EVIDENCE_MISSING"})


@pytest.mark.parametrize(
    "broken",
    [
        {"certificate": b"\x30\x00"},
        {"certificate": SM2.certificate + b"\x00"},
        {"algorithm": b"\x30\x03\x06\x01"},
        {"algorithm": SM2.key.algorithm + b"\x05\x00"},
    ],
    ids=["certificate", "trailing", "algorithm", "more"],
)
def test_what_cannot_be_read(signers: EngineSigners, broken: dict[str, bytes]) -> None:
    code, params = refused(lambda: signers.check(replace(SM2.signed(), **broken), NOW))
    assert (code, params.keys()) == ("SIGNATURE_MALFORMED", {"cause"})


def test_who_could_sign_under_other_documents(signers: EngineSigners) -> None:
    def accepted(documents: dict[str, Any] | None, person: Person, at: datetime = NOW) -> bool:
        made = None if documents is None else PolicyDocuments.from_data(documents)
        return signers.accepted_under(made, person.certificate, at)

    national = domain("national-root")
    assert [accepted(None, person) for person in (SM2, RSA, ENCRYPTION, STRANGER)] == [
        True,
        True,
        False,
        False,
    ]
    assert [accepted({"domains/signers.yaml": national}, person) for person in (SM2, RSA)] == [True, False]
    assert [accepted(None, EVENT, NOW + days * DAY) for days in (0, 2)] == [True, False]
    assert not accepted({"domains/signers.yaml": national | {"colour": 1}}, SM2)
    assert not accepted({"domains/other.yaml": national | {"domain": "other"}}, SM2)
    assert not signers.accepted_under(None, b"\x30\x00", NOW)


SECRET = "the secret of an author of this test"  # noqa: S105 - of a test
KEY_HOLDERS = {"sm2": SM2, "rsa": RSA, "person": SM2_PERSON, "revoked": REVOKED, "crypt": ENCRYPTION}


@dataclass
class StillClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def releases(store: LookedInto, signers: EngineSigners) -> ManageReleases:
    accounts = AccountSet(
        (
            Account(name="dee", roles=frozenset({Role.AUTHOR}), secret=hash_secret(SECRET, ScryptCost(n=2))),
            *(
                Account(name=name, roles=frozenset({Role.APPROVER}), certificate=person.certificate)
                for name, person in KEY_HOLDERS.items()
            ),
        )
    )
    clock = StillClock()
    ManageAccounts(store=store, clock=clock, signers=signers).establish(accounts)
    return ManageReleases(store=store, clock=clock, lint=lambda _: (), signers=signers)


def submitted(releases: ManageReleases, *anchors: str) -> Release:
    proof = SecretProof("dee", SECRET)
    documents = {"domains/signers.yaml": domain(*anchors)}
    made = releases.draft(DraftRelease(proof=proof, documents=documents, base=0))
    made = releases.lint(LintRelease(proof=proof, number=made.number, version=made.version))
    return releases.submit(
        SubmitRelease(
            proof=proof, number=made.number, version=made.version, content_sha256=made.content_sha256
        )
    )


def approval(made: Release, proof: Proof) -> ApproveRelease:
    return ApproveRelease(
        proof=proof, number=made.number, version=made.version, content_sha256=made.content_sha256
    )


def signed_by(releases: ManageReleases, made: Release, name: str, nonce: str = "n" * 16) -> ApproveRelease:
    person = KEY_HOLDERS[name]
    bare = SignatureProof(
        account=name,
        nonce=nonce,
        certificate=person.certificate,
        algorithm=person.key.algorithm,
        signature=b"",
        evidence=person.evidence,
    )
    statement = releases.statement(approval(made, bare), nonce)
    return approval(made, replace(bare, signature=person.key.sign(statement)))


def test_two_sign_a_release_into_force(store: LookedInto, releases: ManageReleases) -> None:
    made = submitted(releases, *ANCHORS)
    once = releases.approve(signed_by(releases, made, "sm2"))
    assert once.state is ReleaseState.SUBMITTED
    twice = releases.approve(signed_by(releases, once, "rsa"))
    assert (twice.state, [yes.account for yes in twice.approvals]) == (ReleaseState.APPROVED, ["sm2", "rsa"])
    kept = releases.records.signatures(made.number)
    assert [row.certificate for row in kept] == [SM2.certificate, RSA.certificate]
    assert b'"account":"rsa"' in kept[1].statement
    assert releases.records.effective_at(NOW) == twice
    assert releases.records.first_broken_row() is None
    assert (store.nonce_used("sm2", "n" * 16), store.nonce_used("person", "n" * 16)) == (True, False)


@pytest.mark.parametrize(
    ("name", "outcome"), [("revoked", "SIGNER_REFUSED"), ("crypt", "SIGNER_INDETERMINATE")]
)
def test_whose_signature_does_not_count(
    store: LookedInto, releases: ManageReleases, name: str, outcome: str
) -> None:
    made = submitted(releases, *ANCHORS)
    step, before = signed_by(releases, made, name), store.dump()
    assert refused(lambda: releases.approve(step))[0] == outcome
    last = entries(store)[-1].attempt
    assert (last.outcome, last.account, last.role, last.nonce) == (outcome, name, "", "")
    assert store.dump() == before


def test_a_signature_for_one_release_is_none_for_another(store: LookedInto, releases: ManageReleases) -> None:
    first, second = submitted(releases, *ANCHORS), submitted(releases, "national-root", "gd-a-rsa-root")
    step, before = signed_by(releases, first, "sm2"), store.dump()
    moved = replace(step, number=second.number)
    code, params = refused(lambda: releases.approve(moved))
    assert (code, params) == ("SIGNATURE_INVALID", {"cause": "SIGNATURE_DOES_NOT_VERIFY"})
    assert store.dump() == before
    assert releases.approve(step).version == first.version + 1
    assert refused(lambda: releases.approve(step))[0] == "SIGNATURE_REPLAYED"


def test_a_release_that_takes_the_signers_trust_away(store: LookedInto, releases: ManageReleases) -> None:
    """Without the SM2 root only "rsa" could sign the next change, and two are needed for anchors."""
    made = submitted(releases, "gd-a-rsa-root")
    step, before = signed_by(releases, made, "sm2"), store.dump()
    code, params = refused(lambda: releases.approve(step))
    assert (code, params) == ("LOCK_OUT", {"needed": "2", "able": "1"})
    assert store.dump() == before
    assert entries(store)[-1].attempt.outcome == "LOCK_OUT"
    allowed = submitted(releases, "national-root")
    assert releases.approve(signed_by(releases, allowed, "sm2", "m" * 16)).version == allowed.version + 1
