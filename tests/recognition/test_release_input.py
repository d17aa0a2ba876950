"""Proofs, documents, notes and numbers that cannot be accepted: refused, and nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.services.manage_recognition.commands import (
    ApproveRelease,
    DecideAccounts,
    DraftRelease,
    RejectRelease,
    RollBack,
    SecretProof,
    SignatureProof,
)
from ca_bridge.services.manage_recognition.credentials import (
    hash_secret,
    new_secret,
    secret_matches,
)
from ca_bridge.services.manage_recognition.fields import (
    refusal_fields,
)
from ca_bridge.services.manage_recognition.model import (
    Release,
    ReleaseState,
)
from ca_bridge.services.release_errors import PolicyProblem
from tests.fakes.release_stores import LookedInto, entries
from tests.fakes.releases import MemoryReleases
from tests.recognition.release_house import (
    CHEAP,
    HOUR,
    NOON,
    SCHEMAS,
    House,
    agreement,
    house,
    people,
    proof,
    secret_of,
    seen,
)


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
    assert "agreements/gd-hk.yaml:3: unknown key: colour" in entries(site.store)[-1].attempt.detail
    site.refused("STATE_FORBIDS", lambda: site.submit(made), "dee", "author")


def lint_really(documents: Any) -> tuple[PolicyProblem, ...]:
    """As the policies folder is linted; lines are of files, and there are none here."""
    return tuple(
        PolicyProblem(file=p.place, message_en=p.message_en, message_zh=p.message_zh)
        for p in check_documents(documents, SCHEMAS)
    )


def test_unknown_keys_fail_the_real_lint(store: LookedInto) -> None:
    site = house(store, lint=lint_really)
    reason = {"zh": "撤", "en": "gone", "fr": "-"}
    block = {"block": "b", "kind": "key", "value": "a" * 64, "publication": "https://ca.example/1"}
    block |= {"effective_from": "2026-01-01T00:00:00Z", "reason": reason}
    document = {"blocks": [block], "colour": "red"}
    made = site.draft({"blocklist.yaml": document})
    refused = site.refused("LINT_FAILED", lambda: site.lint(made), "dee", "author")
    problems = [(p["file"], p["message_en"], p["message_zh"]) for p in refusal_fields(refused)["problems"]]
    assert problems == [
        ("blocklist.yaml: blocks.0.reason.fr", "unknown key 'fr'", "未知的键 'fr'"),
        ("blocklist.yaml: colour", "unknown key 'colour'", "未知的键 'colour'"),
    ]
    assert "colour" in entries(store)[-1].attempt.detail
    site.refused("STATE_FORBIDS", lambda: site.submit(made), "dee", "author")
    assert site.releases.records.release(1).state is ReleaseState.DRAFT


@pytest.mark.parametrize("note", ["x" * 501, "a\x00b", "\ud800", "\u202eoverride", "bell\x07"])
def test_notes_that_cannot_be_kept(site: House, note: str) -> None:
    step = DraftRelease(proof=proof("dee"), documents=agreement(), base=0, note=note)
    site.refused("TEXT_INVALID", lambda: site.releases.draft(step), "dee", "author")
    made = site.submitted(agreement())
    no = RejectRelease(**seen(made, "ben"), note=note)
    site.refused("TEXT_INVALID", lambda: site.releases.reject(no), "ben", "approver")
    lines = site.releases.reject(RejectRelease(**seen(made, "ben"), note="不同意：\r\n\t见附件 ☂"))
    assert lines.state is ReleaseState.REJECTED


@pytest.mark.parametrize("number", [-1, 0, 1 << 31, 1 << 63, 10**30, -(10**30)])
def test_numbers_that_nothing_has(site: House, number: int) -> None:
    made = site.submitted(agreement())
    beyond = replace(made, number=number)
    site.refused("UNKNOWN_RELEASE", lambda: site.approve(beyond, "ben"), "ben", "approver")
    other = replace(made, version=number)
    site.refused("STALE_VERSION", lambda: site.approve(other, "ben"), "ben", "approver")
    back = RollBack(proof=proof("olu"), to=number)
    site.refused("UNKNOWN_RELEASE", lambda: site.releases.roll_back(back), "olu", "operator")
    decide = DecideAccounts(proof=proof("ben"), number=number, version=1, content_sha256="")
    site.refused("UNKNOWN_PROPOSAL", lambda: site.accounts.approve(decide), "ben", "approver")


def test_what_was_signed_may_hold_anything(store: LookedInto, ben: Signer) -> None:
    site = house(store, people(ben=ben.certificate))
    strange = replace(site.submitted(agreement()), content_sha256="\ud800\x00")
    step = ben.proof(site, strange, "n" * 16)
    site.refused("CONTENT_CHANGED", lambda: site.approve(strange, step), "ben", "approver")
    who = SecretProof("\ud800\x00", "x" * 20)
    made = site.draft(agreement())
    refused = r"\u{d800}\u{0}"
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, who), refused, "")


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


def test_signatures(store: LookedInto, ben: Signer) -> None:
    site = house(store, people(ben=ben.certificate))
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
    for part in ("certificate", "algorithm", "signature"):
        for value in (b"", bytes(65537)):
            odd = replace(good, **{part: value})
            refused = site.refused("SIGNATURE_MALFORMED", lambda odd=odd: site.approve(made, odd), "ben", "")
            assert refused.params == {"cause": part}
    short = replace(good, nonce="n")
    site.refused("SIGNATURE_MALFORMED", lambda: site.approve(made, short), "ben", "")
    site.refused("AUTHENTICATION_FAILED", lambda: site.approve(made, SecretProof("ben", "")), "ben", "")


def test_a_signature_that_was_refused_is_used_up(store: LookedInto, ben: Signer) -> None:
    site = house(store, people(ben=ben.certificate))
    made = site.submitted(agreement(), NOON + HOUR)
    good = ben.proof(site, made, "n" * 16)
    site.clock.time = NOON + HOUR
    site.refused("EFFECTIVE_TIME_PAST", lambda: site.approve(made, good), "ben", "approver")
    site.refused("SIGNATURE_REPLAYED", lambda: site.approve(made, good), "ben", "")


def test_lock_out_by_the_trust_a_release_takes_away(store: LookedInto, ben: Signer) -> None:
    cho = Signer(ec.generate_private_key(ec.SECP256R1()))
    site = house(store, people(ben=ben.certificate, cho=cho.certificate))
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


@pytest.mark.parametrize(
    "documents", [{f"{n}": 1 for n in range(20_001)}, {"a": "x" * ((32 << 20) + 1)}], ids=["many", "long"]
)
def test_documents_beyond_the_bounds(documents: dict[str, Any]) -> None:
    site = house(MemoryReleases())
    site.refused("DOCUMENTS_UNUSABLE", lambda: site.draft(documents), "dee", "author")


def test_secrets_are_new_and_kept_as_hashes() -> None:
    secret = new_secret()
    assert secret != new_secret()
    stored = hash_secret(secret, CHEAP)
    assert (secret_matches(secret, stored), secret_matches(secret + "x", stored)) == (True, False)
    assert not secret_matches(secret, stored.replace("scrypt:2:", "scrypt:3:"))


@pytest.mark.parametrize(
    "documents", [{"a": float("nan")}, {"a": {1}}, {"": 1}, {"a": "\ud800"}, {"a\x00": 1}]
)
def test_documents_of_no_use(site: House, documents: dict[str, Any]) -> None:
    site.refused("DOCUMENTS_UNUSABLE", lambda: site.draft(documents), "dee", "author")
