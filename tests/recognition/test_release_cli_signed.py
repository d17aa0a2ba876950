"""Steps signed at the command line: a statement is written, signed elsewhere, and given back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.model import Role
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.manage_recognition.signers import EngineSigners
from ca_bridge.services.policy_documents import PolicyDocuments, canonical_json
from ca_bridge.services.release_desk import ReleaseDesk
from tests.recognition.release_doors import ECDSA_SHA256, HOUR, NOON, Signer, lint, people
from tests.recognition.release_terminal import NOBODY, Terminal, open_terminal
from tests.recognition.test_release_cli import WRONG
from tests.recognition.test_release_signers import ANCHORS, RSA, SM2, Person, Place, crl, domain, issuer


@dataclass
class Desk:
    """The terminal, and ben, who signs."""

    terminal: Terminal
    ben: Signer

    def statement(self, *words: object, who: str = "ben") -> Path:
        file = self.terminal.place / "statement.json"
        self.terminal.done("release", "statement", *words, "--as", who, "--out", file)
        return file

    def signed(
        self, statement: Path, by: Signer | None = None, certificate: bytes = b""
    ) -> tuple[object, ...]:
        signer = by or self.ben
        return (
            *("--as", "ben", "--statement", statement),
            *("--signature", self.terminal.file("statement.sig", signer.sign(statement.read_bytes()))),
            *("--certificate", self.terminal.file("ben.der", certificate or signer.certificate)),
        )

    def refused(self, code: str, *words: object) -> dict[str, Any]:
        """As Terminal.refused, of a step that ben signed."""
        store, rows = self.terminal.store, self.terminal.rows
        before = store.dump()
        result = self.terminal.run(*words, "--json")
        told: dict[str, Any] = json.loads(result.stdout)["refused"]
        assert (result.exit_code, told["code"]) == (1, code)
        assert store.dump() == before
        (row,) = self.terminal.rows[len(rows) :]
        assert (row.attempt.outcome, row.attempt.account) == (code, "ben")
        return told


@pytest.fixture
def desk(tmp_path: Path, sqlite_file: Path) -> Iterator[Desk]:
    ben = Signer()
    terminal = open_terminal(tmp_path, sqlite_file, people(ben=ben.certificate))
    yield Desk(terminal, ben)
    assert terminal.house.desk.releases.records.first_broken_row() is None
    terminal.store.database.close()


def test_signed_approval(desk: Desk) -> None:
    made = desk.terminal.submitted()
    file = desk.statement("approve", 1, "--seen", made["version"])
    said = json.loads(file.read_bytes())
    assert (said["action"], said["release"], said["version"], said["account"]) == ("approve", 1, 4, "ben")
    assert said["content_sha256"] == made["content_sha256"]
    approved = desk.terminal.done("release", "approve", 1, *desk.signed(file))
    assert [row["account"] for row in approved["approvals"]] == ["ben"]
    (kept,) = desk.terminal.house.desk.releases.records.signatures(1)
    assert (kept.statement, kept.certificate) == (file.read_bytes(), desk.ben.certificate)
    assert (kept.algorithm, desk.terminal.rows[-1].attempt.nonce) == (ECDSA_SHA256, said["nonce"])


def test_signed_with_openssl(desk: Desk) -> None:
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the openssl command is missing: apt-get install openssl")
        pytest.skip("the openssl command is not here")
    desk.terminal.submitted()
    output = desk.terminal.said(
        "release", "statement", "approve", 1, "--seen", 4, "--as", "ben", "--out", desk.terminal.place / "say"
    )
    assert re.search(r"^action +approve$", output, re.MULTILINE)
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = desk.terminal.file("ben.key", desk.ben.key.private_bytes(*form))
    words = ["openssl", "dgst", "-sha256", "-sign", key, "-out", "say.sig", "say"]
    subprocess.run(words, cwd=desk.terminal.place, check=True)
    certificate = desk.terminal.file("ben.der", desk.ben.certificate)
    approved = desk.terminal.done(
        *("release", "approve", 1, "--as", "ben", "--statement", desk.terminal.place / "say"),
        *("--signature", desk.terminal.place / "say.sig", "--certificate", certificate),
    )
    assert [row["account"] for row in approved["approvals"]] == ["ben"]


class TestRefusals:
    def test_forged(self, desk: Desk) -> None:
        """Another key signed, under ben's certificate; then the statement was altered after it was signed."""
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        words = ("release", "approve", 1, *desk.signed(file, Signer(), desk.ben.certificate))
        desk.refused("SIGNATURE_INVALID", *words)
        signed = desk.signed(file)
        altered = json.loads(file.read_bytes()) | {"version": 3}
        file.write_text(json.dumps(altered), "utf-8")
        desk.refused("SIGNATURE_INVALID", "release", "approve", 1, *signed)

    def test_foreign(self, desk: Desk) -> None:
        """A good signature by somebody else's certificate, and by ben over another account's statement."""
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        desk.refused("AUTHENTICATION_FAILED", "release", "approve", 1, *desk.signed(file, Signer()))
        file = desk.statement("approve", 1, "--seen", 4, who="cho")
        desk.refused("SIGNATURE_INVALID", "release", "approve", 1, *desk.signed(file))

    def test_signed_for_another_step(self, desk: Desk) -> None:
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        words = ("release", "reject", 1, "--why", "no", *desk.signed(file))
        desk.refused("SIGNATURE_INVALID", *words)
        words = ("release", "approve", 1, "--seen", 3, *desk.signed(file))
        desk.refused("SIGNATURE_INVALID", *words)

    def test_replayed(self, desk: Desk) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        desk.terminal.done("release", "approve", 1, *signed)
        desk.refused("SIGNATURE_REPLAYED", "release", "approve", 1, *signed)

    def test_stale(self, desk: Desk) -> None:
        made = desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        desk.terminal.approved(made, "cho")
        told = desk.refused("STALE_VERSION", "release", "approve", 1, *signed)
        assert told["params"] == {"seen": "4", "version": "5"}

    def test_other_content(self, desk: Desk) -> None:
        """Signed by who should, over the content of some other release."""
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        other = json.loads(file.read_bytes()) | {"content_sha256": "0" * 64}
        file.write_text(canonical_json(other), "utf-8")
        desk.refused("CONTENT_CHANGED", "release", "approve", 1, *desk.signed(file))

    def test_without_nonce(self, desk: Desk) -> None:
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        said = json.loads(file.read_bytes())
        del said["nonce"]
        file.write_text(json.dumps(said), "utf-8")
        desk.refused("SIGNATURE_MALFORMED", "release", "approve", 1, *desk.signed(file))


def test_author_signs_everything(tmp_path: Path, sqlite_file: Path) -> None:
    """Draft, amend, lint, simulate, submit, withdraw and roll back, by signatures alone."""
    ben = Signer()
    signing = people(ben=ben.certificate)
    rows = (replace(row, roles=frozenset(Role)) if row.name == "ben" else row for row in signing.accounts)
    terminal = open_terminal(tmp_path, sqlite_file, replace(signing, accounts=tuple(rows)))
    desk = Desk(terminal, ben)

    def step(*words: object) -> dict[str, Any]:
        return terminal.done("release", *words[:2], *desk.signed(desk.statement(*words)))

    assert step("draft", terminal.folder, "--note", "mine")["note"] == "mine"
    terminal.policies(title={"zh": "新", "en": "new"})
    file = desk.statement("amend", 1, terminal.folder, "--base", 0)
    assert terminal.done("release", "amend", 1, terminal.folder, *desk.signed(file))["version"] == 2
    assert step("lint", 1)["state"] == "linted"
    assert step("simulate", 1)["state"] == "simulated"
    submitted = step("submit", 1, "--effective-from", "2026-01-15T13:30:00+00:00")
    assert submitted["effective_from"] == "2026-01-15T13:30:00Z"
    assert step("withdraw", 1, "--note", "no more")["state"] == "withdrawn"
    terminal.approved(terminal.submitted(), "cho", "ann")
    terminal.house.clock.time += HOUR
    terminal.approved(terminal.submitted(title={"zh": "新", "en": "new"}), "cho")
    terminal.house.clock.time += HOUR
    assert step("rollback", 2)["rolls_back_to"] == 2
    file = desk.statement("reject", 4, "--seen", 1, "--why", "not this way")
    assert terminal.done("release", "reject", 4, *desk.signed(file))["state"] == "rejected"
    assert json.loads(terminal.rows[-1].attempt.detail)["note"] == "not this way"
    signatures = terminal.house.desk.releases.records.signatures(1)
    assert [kept.action for kept in signatures] == [
        "draft",
        "amend",
        "lint",
        "simulate",
        "submit",
        "withdraw",
    ]


def test_statement_of_what_cannot_be(desk: Desk) -> None:
    """No statement is written of a step that could not be taken."""
    out = desk.terminal.place / "none.json"
    words = ("--as", "ben", "--out", out, "--json")
    result = desk.terminal.run("release", "statement", "approve", 9, "--seen", 1, *words)
    assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (1, "UNKNOWN_RELEASE")
    folder = desk.terminal.policies(colour="red")
    result = desk.terminal.run("release", "statement", "draft", folder, *words)
    assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (1, "LINT_FAILED")
    assert "--seen" in desk.terminal.misused("release", "statement", "approve", 1, *words)
    assert not out.exists()


@pytest.mark.parametrize("out", ["no/such/folder", "policies"])
def test_statement_that_cannot_be_written(desk: Desk, out: str) -> None:
    desk.terminal.submitted()
    file = f"{desk.terminal.place}/{out}"
    words = ("release", "statement", "lint", 1, "--as", "ben", "--out", file)
    assert "无法写入" in desk.terminal.misused(*words)


class TestUsage:
    def test_parts_of_a_signature(self, desk: Desk) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        output = desk.terminal.misused("release", "approve", 1, *signed[:4])
        assert "--signature, --certificate needed too / 还需要 --signature, --certificate" in output
        output = desk.terminal.misused("release", "approve", 1, "--as", "ben", "--algorithm", "sm2-sm3")
        assert "--statement, --signature, --certificate needed too" in output

    def test_secret_and_signature(self, desk: Desk) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        secret = desk.terminal.file("secret", WRONG)
        output = desk.terminal.misused("release", "approve", 1, *signed, "--secret-file", secret)
        assert "a secret or a signature, not both" in output

    @pytest.mark.parametrize("content", [b"[]", b"{", b'{"a":' * 20, b"\xff", b"a" * 70_000])
    def test_statement_that_is_none(self, desk: Desk, content: bytes) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        desk.terminal.file("statement.json", content)
        assert "statement.json: LINE_" in desk.terminal.misused("release", "approve", 1, *signed)

    def test_members_of_other_types(self, desk: Desk) -> None:
        """They say nothing; whoever signs needs to say what was seen."""
        desk.terminal.submitted()
        file = desk.terminal.file("statement.json", json.dumps({"version": "4", "nonce": 7, "note": True}))
        output = desk.terminal.misused("release", "approve", 1, *desk.signed(file))
        assert "--seen" in output

    def test_certificates(self, desk: Desk) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        desk.terminal.file("ben.der", b"no certificate")
        desk.terminal.misused("release", "approve", 1, *signed)
        desk.terminal.file("ben.der", crl("gd-a-sm2"))
        assert "one certificate is asked" in desk.terminal.misused("release", "approve", 1, *signed)
        desk.terminal.file("ben.der", desk.ben.certificate.replace(b"\x17\x0d26", b"\x17\x0dxx"))
        assert "ben.der: " in desk.terminal.misused("release", "approve", 1, *signed)

    def test_algorithm_that_is_told(self, desk: Desk) -> None:
        desk.terminal.submitted()
        signed = desk.signed(desk.statement("approve", 1, "--seen", 4))
        assert (
            desk.terminal.run("release", "approve", 1, *signed, "--algorithm", "ecdsa-sha256").exit_code == 0
        )

    def test_algorithm_of_other_keys(self, desk: Desk) -> None:
        """Ed25519 has one; of a key that has none by custom it must be told."""
        desk.terminal.submitted()
        file = desk.statement("approve", 1, "--seen", 4)
        other = certificate_over(ed25519.Ed25519PrivateKey.generate())
        desk.refused("AUTHENTICATION_FAILED", "release", "approve", 1, *desk.signed(file, certificate=other))
        other = certificate_over(ed448.Ed448PrivateKey.generate())
        output = desk.terminal.misused("release", "approve", 1, *desk.signed(file, certificate=other))
        assert "--algorithm is needed for this key" in output


def certificate_over(key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ben")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - HOUR)
        .not_valid_after(NOON + HOUR)
        .sign(key, None)
    )
    return built.public_bytes(Encoding.DER)


def engine_desk(place: Path, terminal: Terminal) -> ReleaseDesk:
    """The desk whose signers are judged by the engine under a domain of the test PKI."""
    policies = Place(place / "signers")
    gateway = policies.gateway(PolicyDocuments.from_data({"domains/signers.yaml": domain(*ANCHORS)}))
    signers = EngineSigners(
        validate=gateway.validate,
        validate_under=lambda documents: gateway.validate,
        domain="signers",
    )
    common = {"store": terminal.store, "clock": terminal.house.clock, "signers": signers}
    return ReleaseDesk(
        releases=ManageReleases(lint=lint, **common),
        accounts=ManageAccounts(**common),
        folder=terminal.house.desk.folder,
    )


@pytest.mark.parametrize("person", [SM2, RSA], ids=["sm2", "rsa"])
def test_signers_are_judged_by_the_engine(tmp_path: Path, sqlite_file: Path, person: Person) -> None:
    terminal = open_terminal(tmp_path, sqlite_file, NOBODY)
    terminal.house.desk = engine_desk(tmp_path, terminal)
    terminal.house.desk.accounts.establish(people(ben=person.certificate))
    terminal.submitted()
    file = tmp_path / "statement.json"
    terminal.done("release", "statement", "approve", 1, "--seen", 4, "--as", "ben", "--out", file)
    words = (
        *("release", "approve", 1, "--as", "ben", "--statement", file),
        *("--signature", terminal.file("signature", person.key.sign(file.read_bytes()))),
        *("--certificate", terminal.file("ben.der", person.certificate)),
    )
    result = terminal.run(*words, "--json")
    told = json.loads(result.stdout)["refused"]
    assert (result.exit_code, told["code"]) == (3, "SIGNER_INDETERMINATE"), "its status is not known"
    evidence = (
        *("--evidence", terminal.file("ca.der", issuer(person.ca))),
        *("--evidence", terminal.file("ca.crl", crl(person.ca))),
    )
    assert terminal.done(*words, *evidence)["approvals"][0]["account"] == "ben"
