"""`ca-bridge accounts`: the first set, secrets that nobody sees, and changes that others approve."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ca_bridge.interfaces.cli import accounts_secrets
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.credentials import hash_secret, secret_matches
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from tests.recognition.release_doors import CertificateSigners, Signer, people, secret_of
from tests.recognition.release_terminal import NOBODY, Terminal, command_line, open_terminal, terminal

__all__ = ["terminal"]

TYPED = "typed-by-hand-and-long"


@pytest.fixture
def new(tmp_path: Path, sqlite_file: Path) -> Iterator[Terminal]:
    """A database without accounts."""
    made = open_terminal(tmp_path, sqlite_file, NOBODY)
    yield made
    assert made.house.desk.releases.records.first_broken_row() is None
    made.store.database.close()


def first_set(new: Terminal) -> tuple[object, ...]:
    """Four people, each with a proof of another kind; the secret of dee is typed."""
    signer = Signer()
    own = new.file("own.secret", "chosen-by-ben-himself\n")
    return (
        *("accounts", "establish", "--account", "ann=author,operator", "--account", "ben=approver"),
        *("--account", "cho=approver", "--account", "dee=author", "--account", "aud=auditor"),
        *("--new-secret", f"ann={new.place / 'ann.secret'}", "--account-secret", f"ben={own}"),
        *("--account-certificate", f"cho={new.file('cho.der', signer.certificate)}"),
        *("--secret-hash", f"aud={hash_secret('kept-by-aud-alone')}"),
        *("--approvers", "accounts=1", "--approvers", "anchors=2", "--approvers", "other=1"),
        *("--approvers", "algorithms=1", "--approvers", "blocklist_removal=1"),
    )


class TestFirstSet:
    def test_nobody_yet(self, new: Terminal) -> None:
        assert "there are no accounts yet: ca-bridge accounts establish" in new.said("accounts", "list")

    def test_every_kind_of_proof(self, new: Terminal) -> None:
        result = new.run(*first_set(new), typed=f"{TYPED}\n{TYPED}\n")
        assert result.exit_code == 0, result.output
        file = new.place / "ann.secret"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        made = file.read_text("ascii").strip()
        assert len(made) == 43
        stored = {row.name: row for row in new.store.ledger().accounts.accounts}
        secrets = {"ann": made, "ben": "chosen-by-ben-himself", "dee": TYPED, "aud": "kept-by-aud-alone"}
        for name, secret in secrets.items():
            assert secret_matches(secret, stored[name].secret)
            assert secret not in result.output
            assert secret not in repr(new.rows)
            assert stored[name].secret not in result.output
        assert stored["cho"].certificate == (new.place / "cho.der").read_bytes()
        (row,) = new.rows
        assert (row.attempt.account, row.attempt.action) == ("local", "establish_accounts")
        listed = new.done("accounts", "list")
        roles = {row["account"]: (row["roles"], row["proof"]) for row in listed["accounts"]}
        assert roles == {
            "ann": (["author", "operator"], "secret"),
            "ben": (["approver"], "secret"),
            "cho": (["approver"], "certificate"),
            "dee": (["author"], "secret"),
            "aud": (["auditor"], "secret"),
        }
        assert (listed["approvers"]["accounts"], listed["approvers"]["anchors"]) == (1, 2)
        output = new.said("accounts", "list")
        assert re.search(r"^cho +approver +certificate$", output, re.MULTILINE)
        assert re.search(r"^anchors +2$", output, re.MULTILINE)

    def test_only_once(self, terminal: Terminal) -> None:
        file = terminal.place / "eve.secret"
        words = ("accounts", "establish", "--account", "eve=author,approver", "--new-secret", f"eve={file}")
        before, count = terminal.store.dump(), len(terminal.rows)
        result = terminal.run(*words, "--lang", "both")
        assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "ACCOUNTS_EXIST")
        assert terminal.store.dump() == before
        assert [row.attempt.outcome for row in terminal.rows[count:]] == ["ACCOUNTS_EXIST"]
        assert not file.exists(), "a secret that opens nothing is not left lying about"

    @pytest.mark.parametrize(
        ("accounts", "code"),
        [
            (("ann=author", "ben=author"), "LOCK_OUT"),
            (("ann=author,approver",), "LOCK_OUT"),
            (("Ann=author",), "ACCOUNTS_INVALID"),
            (("local=author",), "ACCOUNTS_INVALID"),
        ],
    )
    def test_sets_that_cannot_work(self, new: Terminal, accounts: tuple[str, ...], code: str) -> None:
        words: list[object] = ["accounts", "establish", "--json"]
        for text in accounts:
            name = text.partition("=")[0]
            words += ["--account", text, "--new-secret", f"{name}={new.place / name}"]
        result = new.run(*words)
        assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (1, code)
        assert new.store.ledger().accounts.accounts == ()
        assert [row.attempt.outcome for row in new.rows] == [code]
        assert not any((new.place / text.partition("=")[0]).exists() for text in accounts)

    def test_secrets_stay_when_nobody_knows_whether_it_was_done(self, new: Terminal) -> None:
        class Away(ManageAccounts):
            def establish(self, accounts: Any) -> Any:
                super().establish(accounts)
                raise StoreUnavailable("OperationalError")

        store, clock = new.store, new.house.clock
        desk = replace(new.house.desk, accounts=Away(store=store, clock=clock, signers=CertificateSigners()))
        words = [str(word) for word in first_set(new)]
        result = CliRunner().invoke(command_line(desk), words, input=f"{TYPED}\n{TYPED}\n")
        assert result.exit_code == 3
        assert (new.place / "ann.secret").exists()


class TestUsage:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--account", "ann"), "--account: NAME=VALUE / --account 须为 名称=值"),
            (("--account", "ann=king"), "roles are author, approver, auditor, operator"),
            (("--new-secret", "ann=/tmp/x"), "--new-secret: there is no account ann / 没有账号 ann"),
            (("--account-secret", "ann=/tmp/x"), "--account-secret: there is no account ann"),
            (("--secret-hash", "ann=scrypt"), "--secret-hash: there is no account ann"),
            (("--account-certificate", "a\x1b=/x"), "there is no account a\\u{1b}"),
            (("--approvers", "kings=1"), "kinds are anchors, agreements"),
            (("--approvers", "accounts=-1"), "--approvers: KIND=N"),
            (("--approvers", "accounts=²"), "--approvers: KIND=N"),
            (("--approvers", "accounts=1000"), "--approvers: KIND=N"),
        ],
    )
    def test_options(self, new: Terminal, words: tuple[str, ...], told: str) -> None:
        assert told in new.misused("accounts", "establish", *words)

    def test_secrets_that_are_too_short(self, new: Terminal) -> None:
        words = ("accounts", "establish", "--account", "ann=author")
        assert "16 to 1024 characters" in new.misused(*words, typed="short\nshort\n")
        file = new.file("long", "a" * 1025)
        assert "16 to 1024 characters" in new.misused(*words, "--account-secret", f"ann={file}")
        assert "no secret was given" in new.misused(*words, typed="")

    def test_files_are_never_overwritten(self, new: Terminal) -> None:
        """Of two new secrets the second can't be kept: the first is taken back too."""
        there = new.file("there", "precious")
        words = ("accounts", "establish", "--account", "ann=author", "--account", "ben=approver")
        more = ("--new-secret", f"ann={new.place / 'ann'}", "--new-secret", f"ben={there}")
        assert "File exists / 无法写入" in new.misused(*words, *more)
        assert there.read_text() == "precious"
        assert not (new.place / "ann").exists()

    def test_decisions_name_what_was_seen(self, terminal: Terminal) -> None:
        assert "--seen" in terminal.misused("accounts", "approve", 1, who="ben")


class TestSecret:
    def test_new(self, new: Terminal) -> None:
        file = new.place / "mine"
        data = new.done("accounts", "secret", "--new", file)
        secret = file.read_text("ascii").strip()
        assert secret_matches(secret, data["secret_hash"])
        assert data["secret_id"] == accounts_secrets.secret_id(data["secret_hash"])
        assert len(data["secret_id"]) == 16

    def test_of_file(self, new: Terminal) -> None:
        output = new.said("accounts", "secret", "--file", new.file("mine", TYPED))
        stored = output.splitlines()[0].removeprefix("hash: ")
        assert secret_matches(TYPED, stored)
        assert TYPED not in output

    def test_typed(self, new: Terminal) -> None:
        result = new.run("accounts", "secret", "--lang", "zh", typed=f"{TYPED}\n{TYPED}\n")
        assert result.exit_code == 0
        assert secret_matches(TYPED, result.stdout.splitlines()[0].removeprefix("密钥散列: "))
        assert TYPED not in result.output

    def test_one_way_only(self, new: Terminal) -> None:
        assert "--new or --file" in new.misused("accounts", "secret", "--new", "a", "--file", "b")


class TestProposals:
    def test_life(self, terminal: Terminal) -> None:
        """Proposed by dee; shown by what it changes, the secret by its id; approved by two."""
        stored = hash_secret("kept-by-fay-alone")
        made = terminal.done(
            *("accounts", "propose", "--account", "fay=approver", "--secret-hash", f"fay={stored}"),
            *("--disable", "aud", "--remove", "olu", "--account", "cho=approver,author"),
            *("--approvers", "agreements=2"),
            who="dee",
        )
        assert (made["proposal"], made["version"], made["state"], made["author"]) == (2, 1, "open", "dee")
        shown = terminal.done("accounts", "show", 2)
        changes = {row["path"]: (row["before"], row["after"]) for row in shown["changes"]}
        assert changes["accounts.aud.enabled"] == ("true", "false")
        assert changes['accounts.cho.roles.["author"]'] == (None, '"author"')
        assert changes["approvers.agreements"] == ("1", "2")
        assert changes["accounts.olu"][1] is None
        fay = json.loads(changes["accounts.fay"][1] or "")
        assert (fay["roles"], fay["secret_id"]) == (["approver"], accounts_secrets.secret_id(stored))
        assert stored not in json.dumps(shown)
        output = terminal.said("accounts", "show", 2, "--lang", "zh")
        assert "待批准 open" in output
        assert "  accounts.aud.enabled: true → false" in output
        assert re.search(r"^2 +open +1$", terminal.said("accounts", "list"), re.MULTILINE)

        terminal.refused("STALE_VERSION", "accounts", "approve", 2, "--seen", 7, who="ben")
        half = terminal.done("accounts", "approve", 2, "--seen", 1, who="ben")
        assert (half["state"], half["version"], half["approvals"]) == ("open", 2, ["ben"])
        terminal.refused("ALREADY_APPROVED_BY_YOU", "accounts", "approve", 2, "--seen", 2, who="ben")
        output = terminal.said("accounts", "approve", 2, "--seen", 2, who="cho")
        assert "approved by" in output
        assert "ben, cho" in output
        assert "disabled" in terminal.said("accounts", "list")
        terminal.refused("ACCOUNT_DISABLED", "release", "lint", 1, who="aud")
        terminal.refused("UNKNOWN_PROPOSAL", "accounts", "approve", 2, "--seen", 3, who="cho")
        back = terminal.done("accounts", "propose", "--enable", "aud", who="dee")
        assert (
            terminal.done("accounts", "reject", 3, "--seen", back["version"], who="ben")["state"]
            == "rejected"
        )
        again = terminal.done("accounts", "list")["proposals"]
        assert [(row["proposal"], row["state"]) for row in again] == [
            (3, "rejected"),
            (2, "applied"),
            (1, "applied"),
        ]

    def test_secret_put_in_anothers_place_is_seen(self, terminal: Terminal) -> None:
        file = terminal.place / "stolen"
        terminal.done("accounts", "propose", "--new-secret", f"ben={file}", who="dee")
        changes = terminal.done("accounts", "show", 2)["changes"]
        assert [row["path"] for row in changes] == ["accounts.ben.secret_id"]

    def test_refusals(self, terminal: Terminal) -> None:
        file = terminal.place / "new"
        propose = ("accounts", "propose", "--account", "fay=auditor", "--new-secret", f"fay={file}")
        terminal.refused("AUTHENTICATION_FAILED", *propose, who="nobody")
        terminal.refused("ROLE_MISSING", *propose, who="aud")
        assert not file.exists()
        terminal.refused("NOTHING_CHANGED", "accounts", "propose", "--enable", "dee", who="dee")
        terminal.refused("LOCK_OUT", "accounts", "propose", "--disable", "ben", "--disable", "cho", who="dee")
        terminal.refused("UNKNOWN_PROPOSAL", "accounts", "reject", 9, "--seen", 1, who="ben")
        terminal.done(*propose, who="ann")
        assert file.exists()
        terminal.refused("SELF_APPROVAL", "accounts", "approve", 2, "--seen", 1, who="ann")
        terminal.refused("NOT_AN_APPROVER", "accounts", "approve", 2, "--seen", 1, who="olu")
        result = terminal.run("accounts", "show", 9, "--json")
        assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (1, "UNKNOWN_PROPOSAL")

    def test_overtaken(self, terminal: Terminal) -> None:
        """Two proposals from one set: when the first is applied the second is no longer what was seen."""
        terminal.done("accounts", "propose", "--disable", "aud", who="dee")
        terminal.done("accounts", "propose", "--disable", "olu", who="dee")
        for version, who in ((1, "ben"), (2, "cho")):
            terminal.done("accounts", "approve", 2, "--seen", version, who=who)
        terminal.refused("BASE_SUPERSEDED", "accounts", "approve", 3, "--seen", 1, who="ben")


class TestSigned:
    def test_proposal_and_decision(self, tmp_path: Path, sqlite_file: Path) -> None:
        dee, ben = Signer(), Signer()
        terminal = open_terminal(tmp_path, sqlite_file, people(dee=dee.certificate, ben=ben.certificate))

        def signed(who: str, signer: Signer) -> tuple[object, ...]:
            file = terminal.place / "statement.json"
            return (
                *("--as", who, "--statement", file),
                *("--signature", terminal.file("signature", signer.sign(file.read_bytes()))),
                *("--certificate", terminal.file("certificate", signer.certificate)),
            )

        out = ("--out", terminal.place / "statement.json")
        change = ("--account", "fay=auditor", "--secret-hash", f"fay={hash_secret('kept-by-fay-alone')}")
        said = terminal.done("accounts", "statement", "propose", *change, "--as", "dee", *out)
        assert said["statement"]["action"] == "propose_accounts"
        made = terminal.done("accounts", "propose", *change, *signed("dee", dee))
        assert made["author"] == "dee"
        terminal.done("accounts", "statement", "approve", 2, "--seen", 1, "--as", "ben", *out)
        approved = terminal.done("accounts", "approve", 2, *signed("ben", ben))
        assert approved["approvals"] == ["ben"]
        terminal.done("accounts", "statement", "reject", 2, "--seen", 2, "--as", "ben", *out)
        assert terminal.done("accounts", "reject", 2, *signed("ben", ben))["state"] == "rejected"
        fresh = ("--account", "gil=auditor", "--new-secret", f"gil={terminal.place / 'gil'}")
        for words in (
            ("accounts", "statement", "propose", *fresh, "--as", "dee", *out),
            ("accounts", "propose", *fresh, *signed("dee", dee)),
        ):
            assert "what is signed needs --secret-hash" in terminal.misused(*words)
        assert not (terminal.place / "gil").exists()
        assert "--seen" in terminal.misused("accounts", "statement", "approve", 2, "--as", "ben", *out)
        result = terminal.run("accounts", "statement", "approve", 9, "--seen", 1, "--as", "ben", *out)
        assert result.exit_code == 1
        terminal.store.database.close()


def test_wrong_secret_of_a_decision(terminal: Terminal) -> None:
    terminal.done("accounts", "propose", "--disable", "aud", who="dee")
    terminal.refused(
        "AUTHENTICATION_FAILED", "accounts", "approve", 2, "--seen", 1, who="ben", secret=secret_of("cho")
    )
