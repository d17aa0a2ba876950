"""`ca-bridge release`: a whole life, and every refusal with its reason, over a database in a file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import click
import pytest
from click.testing import CliRunner

from ca_bridge.interfaces.cli.release import release_commands
from ca_bridge.interfaces.cli.release_attempts import MOST_FAILURES
from ca_bridge.interfaces.cli.release_diff import field_changes
from ca_bridge.interfaces.cli.release_proof import ask_secret
from ca_bridge.services.impact.journal_port import JournalFailed
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import DraftRelease, SecretProof
from ca_bridge.services.manage_recognition.model import AccountSet, ApprovalRules, ChangeKind
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.wiring.commands import composition
from tests.recognition.release_doors import (
    HOUR,
    NOON,
    CertificateSigners,
    block,
    lint,
    people,
    policy,
    secret_of,
)
from tests.recognition.release_terminal import Terminal, command_line, open_terminal, terminal

__all__ = ["terminal"]

LATER = "2026-02-01"
OTHER = {"zh": "另一标题", "en": "another title"}
NOBODY_YET = AccountSet()
WRONG = "guessed-but-quite-wrong"
ONE = ApprovalRules(tuple((kind, 1) for kind in ChangeKind))


def test_life_of_a_change(terminal: Terminal) -> None:
    first = terminal.done("release", "draft", terminal.folder, "--note", "the first", who="dee")
    assert (first["release"], first["version"], first["state"], first["base"]) == (1, 1, "draft", 0)
    assert terminal.done("release", "lint", 1, who="aud")["state"] == "linted"
    assert terminal.done("release", "simulate", 1, who="olu")["state"] == "simulated"
    first = terminal.done("release", "submit", 1, who="dee")
    assert (first["version"], first["state"], first["effective_from"]) == (4, "submitted", None)
    assert terminal.done("release", "show", 1)["approvers_needed"] == 2  # it brings trust anchors

    first = terminal.done("release", "approve", 1, "--seen", 4, who="ben")
    assert (first["version"], first["state"]) == (5, "submitted")
    assert terminal.done("release", "effective")["release"] is None
    first = terminal.done("release", "approve", 1, "--seen", 5, who="cho")
    assert (first["state"], first["effective_from"]) == ("approved", "2026-01-15T12:00:00Z")
    assert [row["account"] for row in first["approvals"]] == ["ben", "cho"]
    assert terminal.done("release", "effective")["release"]["state"] == "effective"

    terminal.house.clock.time += HOUR
    second = terminal.live("--effective-from", LATER, status="suspended")
    assert (second["release"], second["base"], second["effective_from"]) == (2, 1, "2026-02-01T00:00:00Z")
    effective = terminal.done("release", "effective")
    assert (effective["release"]["release"], effective["next"]["release"]) == (1, 2)
    assert effective["release_id"] == f"1:{first['content_sha256']}"
    at_last = terminal.done("release", "effective", "--at", LATER)
    assert (at_last["release"]["release"], at_last["next"]) == (2, None)

    listed = terminal.done("release", "list")["releases"]
    assert [(row["release"], row["state"]) for row in listed] == [(2, "approved"), (1, "effective")]
    assert [row["release"] for row in terminal.done("release", "list", "--before", 2)["releases"]] == [1]
    trail = terminal.done("release", "trail")
    assert (trail["whole"], trail["first_broken"]) == (True, None)
    steps = ["draft", "lint", "simulate", "submit", "approve", "approve"]
    assert [row["action"] for row in trail["trail"]] == ["establish_accounts", *steps, *steps[:-1]]
    assert {row["outcome"] for row in trail["trail"]} == {"done"}
    newest = terminal.done("release", "trail", "--limit", 1)["trail"]
    assert newest == trail["trail"][-1:] == terminal.done("release", "trail", "--after", 11)["trail"]


def test_way_back(terminal: Terminal) -> None:
    terminal.live()
    terminal.house.clock.time += HOUR
    terminal.live(title=OTHER)
    terminal.house.clock.time += HOUR
    back = terminal.done("release", "rollback", 1, "--note", "too early", who="olu")
    assert (back["release"], back["rolls_back_to"], back["base"], back["state"]) == (3, 1, 2, "submitted")
    terminal.approved(back, "ben")
    states = [(row["release"], row["state"]) for row in terminal.done("release", "list")["releases"]]
    assert states == [(3, "effective"), (2, "rolled_back"), (1, "superseded")]


def test_draft_is_amended_withdrawn_or_rejected(terminal: Terminal) -> None:
    made = terminal.done("release", "draft", terminal.folder, who="dee")
    amended = terminal.done("release", "amend", 1, terminal.policies(status="draft"), who="ann")
    assert (amended["version"], amended["authors"]) == (2, ["dee", "ann"])
    assert amended["content_sha256"] != made["content_sha256"]
    withdrawn = terminal.done("release", "withdraw", 1, "--note", "not now", who="dee")
    assert (withdrawn["state"], withdrawn["version"]) == ("withdrawn", 3)
    waiting = terminal.submitted()
    rejected = terminal.done(
        "release", "reject", 2, "--seen", waiting["version"], "--why", "no contract", who="ben"
    )
    assert rejected["state"] == "rejected"
    assert json.loads(terminal.rows[-1].attempt.detail)["note"] == "no contract"
    assert terminal.done("release", "effective")["release_id"].startswith("0:")


def test_configured_folder_is_what_a_draft_is_made_of(terminal: Terminal) -> None:
    made = terminal.done("release", "draft", who="dee")
    assert made["content_sha256"] == terminal.house.desk.in_force(NOON).identity.sha256
    assert terminal.done("release", "show", 1, "--documents")["documents"].keys() >= policy().keys()


def test_m_of_n(tmp_path: Path, sqlite_file: Path) -> None:
    rules = ApprovalRules(tuple((kind, 3) for kind in ChangeKind))
    terminal = open_terminal(tmp_path, sqlite_file, replace(people(), rules=rules))
    made = terminal.submitted()
    made = terminal.approved(made, "ann", "ben")
    assert made["state"] == "submitted"
    terminal.refused("ALREADY_APPROVED_BY_YOU", "release", "approve", 1, "--seen", made["version"], who="ben")
    assert terminal.approved(made, "cho")["state"] == "approved"


class TestRefusals:
    def test_self_approval(self, terminal: Terminal) -> None:
        made = terminal.submitted(who="ann")
        told = terminal.refused(
            "SELF_APPROVAL", "release", "approve", 1, "--seen", made["version"], who="ann"
        )
        assert told["params"] == {"account": "ann"}

    def test_stale_approval(self, terminal: Terminal) -> None:
        made = terminal.submitted()
        terminal.approved(made, "ben")
        told = terminal.refused(
            "STALE_VERSION", "release", "approve", 1, "--seen", made["version"], who="cho"
        )
        assert told["params"] == {"seen": "4", "version": "5"}

    def test_approval_without_having_looked(self, terminal: Terminal) -> None:
        """A draft that was looked at may have been amended before it was submitted."""
        terminal.submitted()
        assert "--seen" in terminal.misused("release", "approve", 1, who="ben")
        assert "--seen" in terminal.misused("release", "reject", 1, "--why", "no", who="ben")
        assert "--why" in terminal.misused("release", "reject", 1, "--seen", 4, who="ben")

    def test_who_asks(self, terminal: Terminal) -> None:
        terminal.refused(
            "AUTHENTICATION_FAILED",
            "release",
            "draft",
            terminal.folder,
            who="dee",
            secret=WRONG,
        )
        terminal.refused("AUTHENTICATION_FAILED", "release", "draft", terminal.folder, who="nobody")
        terminal.refused("AUTHENTICATION_FAILED", "release", "lint", 7, who="nobody")

    def test_roles(self, terminal: Terminal) -> None:
        terminal.refused("ROLE_MISSING", "release", "draft", terminal.folder, who="aud")
        made = terminal.submitted()
        terminal.refused("NOT_AN_APPROVER", "release", "approve", 1, "--seen", made["version"], who="olu")

    @pytest.mark.parametrize(
        ("step", "options"),
        [
            ("lint", ()),
            ("submit", ()),
            ("withdraw", ()),
            ("approve", ("--seen", 1)),
            ("rollback", ()),
        ],
    )
    def test_no_such_release(self, terminal: Terminal, step: str, options: tuple[object, ...]) -> None:
        terminal.refused("UNKNOWN_RELEASE", "release", step, 7, *options, who="ann")

    def test_order_of_steps(self, terminal: Terminal) -> None:
        terminal.done("release", "draft", terminal.folder, who="dee")
        told = terminal.refused("STATE_FORBIDS", "release", "submit", 1, who="dee")
        assert told["params"]["state"] == "draft"

    def test_rollback_to_an_expired_agreement(self, terminal: Terminal) -> None:
        terminal.live(effective_until="2026-01-20T00:00:00Z")
        terminal.house.clock.time += HOUR
        terminal.live(effective_until="2027-01-20T00:00:00Z")
        terminal.house.clock.time = NOON + 240 * HOUR
        told = terminal.refused("ROLLBACK_AGREEMENT_EXPIRED", "release", "rollback", 1, who="olu")
        assert told["params"] == {
            "release": "1",
            "agreement": "hk-bridge",
            "until": "2026-01-20T00:00:00Z",
        }
        terminal.refused("NOTHING_CHANGED", "release", "rollback", 2, who="olu")

    def test_effective_time(self, terminal: Terminal) -> None:
        terminal.done("release", "draft", terminal.folder, who="dee")
        terminal.done("release", "lint", 1, who="dee")
        terminal.done("release", "simulate", 1, who="dee")
        terminal.refused(
            "EFFECTIVE_TIME_PAST", "release", "submit", 1, "--effective-from", "2026-01-15", who="dee"
        )
        output = terminal.misused("release", "submit", 1, "--effective-from", "soon", who="dee")
        assert "effective_from" in output

    def test_change_made_from_another_base(self, terminal: Terminal) -> None:
        terminal.live()
        terminal.refused("BASE_SUPERSEDED", "release", "draft", terminal.folder, "--base", 0, who="dee")

    def test_in_force_cannot_be_withdrawn(self, terminal: Terminal) -> None:
        terminal.live()
        terminal.refused("STATE_FORBIDS", "release", "withdraw", 1, who="ben")

    def test_lock_out(self, tmp_path: Path, sqlite_file: Path) -> None:
        class Choosy(CertificateSigners):
            def accepted_under(self, documents: Any, certificate: bytes, at: Any) -> bool:
                return documents is None

        rules = ApprovalRules(tuple((kind, 3) for kind in ChangeKind))
        accounts = replace(people(ben=b"certificate"), rules=rules)
        terminal = open_terminal(tmp_path, sqlite_file, NOBODY_YET)
        common = {"store": terminal.store, "clock": terminal.house.clock, "signers": Choosy()}
        desk = ReleaseDesk(
            releases=ManageReleases(lint=lint, **common),
            accounts=ManageAccounts(**common),
            folder=terminal.house.desk.folder,
        )
        terminal.house.desk = desk
        desk.accounts.establish(accounts)
        made = terminal.submitted()
        told = terminal.refused("LOCK_OUT", "release", "approve", 1, "--seen", made["version"], who="cho")
        assert (told["params"]["needed"], told["params"]["able"]) == ("3", "2")


class TestLint:
    def test_mistakes_of_a_folder(self, terminal: Terminal) -> None:
        """Unknown keys are refused with their line; the attempt is in the trail, and nothing was drafted."""
        file = terminal.policies(colour="red") / "agreements" / "hk-bridge.yaml"
        line = file.read_text("utf-8").splitlines().index("colour: red") + 1
        told = terminal.refused("LINT_FAILED", "release", "draft", terminal.folder, who="dee")
        (problem,) = told["problems"]
        assert (problem["file"], problem["line"]) == ("agreements/hk-bridge.yaml", line)
        assert f"agreements/hk-bridge.yaml:{line}: " in terminal.rows[-1].attempt.detail
        assert terminal.done("release", "list") == {"releases": []}
        output = terminal.said("release", "draft", terminal.folder, "--lang", "both", who="dee", code=1)
        assert (
            f"agreements/hk-bridge.yaml:{line}: {problem['message_zh']} / {problem['message_en']}" in output
        )
        assert "LINT_FAILED: 文件中有 1 处错误" in output

    def test_whoever_asks_is_asked_first(self, terminal: Terminal) -> None:
        terminal.policies(colour="red")
        terminal.refused("AUTHENTICATION_FAILED", "release", "draft", terminal.folder, who="nobody")
        terminal.refused("ROLE_MISSING", "release", "draft", terminal.folder, who="aud")

    def test_amending_by_a_folder_with_mistakes(self, terminal: Terminal) -> None:
        terminal.done("release", "draft", terminal.folder, who="dee")
        terminal.refused("LINT_FAILED", "release", "amend", 1, terminal.policies(colour="red"), who="dee")

    def test_mistakes_of_a_draft_from_elsewhere(self, terminal: Terminal) -> None:
        proof = SecretProof("dee", secret_of("dee"))
        wrong = policy(colour="red")
        terminal.house.desk.releases.draft(DraftRelease(proof=proof, documents=wrong, base=0))
        told = terminal.refused("LINT_FAILED", "release", "lint", 1, who="dee")
        assert "colour" in told["problems"][0]["message_en"]
        assert told["problems"][0]["line"] == 0
        assert "\nagreements/hk-bridge.yaml" in terminal.said("release", "lint", 1, who="dee", code=1)
        assert terminal.done("release", "diff", 1)["reach"] is None
        assert "reach: to be seen once it is linted" in terminal.said("release", "diff", 1)


def test_two_approvers_race(tmp_path: Path, sqlite_file: Path) -> None:
    """Both have planned their approval before either is written: one wins, the other has to look again."""
    terminal = open_terminal(tmp_path, sqlite_file, replace(people(), rules=ONE))
    made = terminal.submitted()
    gate, first_time = Barrier(2), [2]

    def wait() -> None:
        if first_time[0]:
            first_time[0] -= 1
            gate.wait(10)

    common = {"store": terminal.store, "clock": terminal.house.clock, "signers": None}
    desk = replace(terminal.house.desk, releases=ManageReleases(lint=lint, before_commit=wait, **common))
    codes: dict[str, object] = {}
    group, seen, before = command_line(desk), str(made["version"]), len(terminal.rows)

    def approve(who: str) -> None:
        secret = str(terminal.file(f"{who}.secret", secret_of(who)))
        words = ["release", "approve", "1", "--seen", seen, "--as", who, "--secret-file", secret]
        try:
            group.main(words, standalone_mode=False)
            codes[who] = 0
        except SystemExit as left:
            codes[who] = left.code

    threads = [Thread(target=approve, args=(who,)) for who in ("ben", "cho")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner, loser = sorted(codes, key=lambda who: str(codes[who]))
    assert (codes[winner], codes[loser]) == (0, 1)
    outcomes = {row.attempt.account: row.attempt.outcome for row in terminal.rows[before:]}
    assert outcomes == {winner: "done", loser: "STALE_VERSION"}
    shown = terminal.done("release", "show", 1)
    assert [row["account"] for row in shown["approvals"]] == [winner]
    assert (shown["state"], shown["version"]) == ("effective", made["version"] + 1)


class TestAttempts:
    def test_guesses_are_bounded(self, terminal: Terminal) -> None:
        for _ in range(MOST_FAILURES):
            terminal.refused("AUTHENTICATION_FAILED", "release", "lint", 1, who="dee", secret=WRONG)
        result = terminal.run("release", "draft", terminal.folder, "--json", who="dee")
        told = json.loads(result.stdout)["refused"]
        assert (result.exit_code, told["code"]) == (1, "TOO_MANY_ATTEMPTS")
        assert told["params"] == {"account": "dee", "count": "60", "seconds": "60"}
        assert terminal.done("release", "draft", terminal.folder, who="ann")["release"] == 1
        result = terminal.run("accounts", "propose", "--disable", "dee", "--lang", "zh", who="dee")
        assert (
            result.exit_code,
            "TOO_MANY_ATTEMPTS: 60 秒内以账号 dee 操作已失败 60 次" in result.output,
        ) == (1, True)
        assert "TOO_MANY_ATTEMPTS" in terminal.run("accounts", "approve", 1, "--seen", 1, who="dee").output
        terminal.house.clock.time += HOUR
        assert terminal.done("release", "lint", 1, who="dee")["state"] == "linted"

    def test_unknown_names_are_bounded_too(self, terminal: Terminal) -> None:
        for _ in range(MOST_FAILURES):
            terminal.run("release", "lint", 1, who="nobody")
        assert "TOO_MANY_ATTEMPTS" in terminal.run("release", "lint", 1, who="nobody").output

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 9])
    def test_newest_rows(self, terminal: Terminal, count: int) -> None:
        for _ in range(count - 1):
            terminal.run("release", "lint", 1, who="dee")
        records, rows = terminal.house.desk.releases.records, terminal.rows
        assert len(rows) == count
        assert records.newest(3) == rows[-3:]
        assert records.newest(500) == rows

    def test_no_rows(self, tmp_path: Path, sqlite_file: Path) -> None:
        terminal = open_terminal(tmp_path, sqlite_file, NOBODY_YET)
        assert terminal.house.desk.releases.records.newest(3) == ()


class TestSecrets:
    def test_typed(self, terminal: Terminal) -> None:
        result = terminal.run(
            "release", "draft", terminal.folder, "--as", "dee", typed=f"{secret_of('dee')}\n"
        )
        assert result.exit_code == 0
        assert secret_of("dee") not in result.output
        assert "Secret of dee / 密钥" in result.stderr

    def test_standard_input(self, terminal: Terminal) -> None:
        words = ("release", "draft", terminal.folder, "--as", "dee", "--secret-file", "-")
        result = terminal.run(*words, typed=f"{secret_of('dee')}\n")
        assert (result.exit_code, secret_of("dee") in result.output) == (0, False)

    def test_nobody_to_ask(self, terminal: Terminal) -> None:
        output = terminal.misused("release", "draft", terminal.folder, "--as", "dee", typed="")
        assert "no secret was given: name its file" in output

    def test_interrupted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever interrupts the question at a terminal did not misuse the command."""

        class AtTerminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        def interrupt(*_: object, **__: object) -> str:
            raise click.Abort

        monkeypatch.setattr("sys.stdin", AtTerminal())
        monkeypatch.setattr(click, "prompt", interrupt)
        with pytest.raises(click.Abort):
            ask_secret("dee")

    @pytest.mark.parametrize("content", [b"\xff" * 20, b"a" * 9000])
    def test_not_a_secret(self, terminal: Terminal, content: bytes) -> None:
        file = terminal.file("odd", content)
        output = terminal.misused("release", "lint", 1, "--as", "dee", "--secret-file", file)
        assert "odd: not a secret" in output

    def test_no_secret_is_kept_or_told(self, terminal: Terminal) -> None:
        made = terminal.live()
        terminal.run("release", "lint", 1, who="dee", secret=WRONG)
        told = [
            terminal.said("release", "trail"),
            terminal.said("accounts", "list"),
            json.dumps([made, terminal.done("release", "trail"), terminal.done("accounts", "list")]),
            repr(terminal.rows),
        ]
        kept = (terminal.place / "releases.db").read_bytes()
        for secret in (*map(secret_of, ("dee", "ben", "cho")), WRONG):
            assert not any(secret in text for text in told)
            assert secret.encode() not in kept


class TestStoreAway:
    def test_store_that_is_no_database(self, tmp_path: Path, sqlite_file: Path) -> None:
        terminal = open_terminal(tmp_path, sqlite_file)
        terminal.store.database.close()
        for file in terminal.place.glob("releases.db*"):
            file.write_bytes(b"no database" * 1000)
        result = terminal.run("release", "list", "--json")
        told = json.loads(result.stdout)["refused"]
        assert (result.exit_code, told["code"], told["kind"]) == (3, "STORE_UNUSABLE", "indeterminate")
        result = terminal.run("accounts", "list", "--lang", "both")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "STORE_UNUSABLE: 存储目前无法使用 / the store cannot be used now" in result.stderr

    def test_desk_that_cannot_be_opened(self) -> None:
        def desk_of() -> ReleaseDesk:
            raise StoreUnavailable("OperationalError")

        result = CliRunner().invoke(release_commands(desk_of), ["list"])
        assert result.exit_code == 3

    def test_no_database_configured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CA_BRIDGE_DATABASE", raising=False)
        for made in composition().further:
            if made.name in ("release", "accounts"):
                result = CliRunner().invoke(made, ["list"])
                assert result.exit_code == 2
                assert "set CA_BRIDGE_DATABASE" in result.stderr
                assert "请设置 CA_BRIDGE_DATABASE" in result.stderr

    def test_requests_that_cannot_be_read(self, tmp_path: Path, sqlite_file: Path) -> None:
        """What a draft would change cannot be known now: that is no refusal."""

        def simulate(base: object, draft: object) -> Mapping[str, Any]:
            raise JournalFailed("requests.jsonl")

        terminal = open_terminal(tmp_path, sqlite_file, simulate=simulate)
        terminal.done("release", "draft", terminal.folder, who="dee")
        terminal.done("release", "lint", 1, who="dee")
        result = terminal.run("release", "simulate", 1, who="dee")
        assert (result.exit_code, result.stderr.partition(":")[0]) == (3, "STORE_UNUSABLE")
        assert terminal.done("release", "show", 1)["state"] == "linted"

    def test_busy(self, terminal: Terminal) -> None:
        """Others come between again and again: nobody knows, so it is not said to be refused."""
        releases, ann = terminal.house.desk.releases, SecretProof("ann", secret_of("ann"))

        def disturb() -> None:
            releases.draft(DraftRelease(proof=ann, documents=policy(), base=0))

        common = {"store": terminal.store, "clock": terminal.house.clock}
        busy = ManageReleases(lint=lint, before_commit=disturb, **common)
        words = ["release", "draft", str(terminal.folder), "--json", "--as", "dee"]
        words += ["--secret-file", str(terminal.file("dee.secret", secret_of("dee")))]
        result = CliRunner().invoke(command_line(replace(terminal.house.desk, releases=busy)), words)
        assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (3, "BUSY")


def test_damaged_trail_is_told(terminal: Terminal) -> None:
    terminal.live()
    with terminal.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE trail SET account = 'eve' WHERE sequence = 3")
    result = terminal.run("release", "trail", "--json")
    assert (result.exit_code, json.loads(result.stdout)["first_broken"]) == (1, 3)
    assert "审计记录自第 3 行起被改动或截断" in terminal.said("release", "trail", "--lang", "zh", code=1)
    with terminal.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE trail SET account = 'dee' WHERE sequence = 3")


class TestDiff:
    def test_values_and_reach(self, terminal: Terminal) -> None:
        """The agreement that carries it all is suspended: its cells are lost, each with its witness."""
        terminal.live()
        terminal.house.clock.time += HOUR
        terminal.submitted(status="suspended")
        data = terminal.done("release", "diff", 2)
        (document,) = data["documents"]
        assert (document["name"], document["difference"]) == ("agreements/hk-bridge.yaml", "changed")
        assert document["fields"] == [{"path": "status", "before": '"active"', "after": '"suspended"'}]
        assert (data["base"], data["kinds"], data["approvers_needed"]) == (1, ["agreements"], 1)
        reach = data["reach"]
        assert (reach["before"][:2], reach["after"][:2], reach["at"]) == ("1:", "2:", "2026-01-15T13:00:00Z")
        assert {row["change"] for row in reach["changes"]} == {"lost"}
        lost = {(row["relying_ca"], row["subject_ca"], row["before"]) for row in reach["changes"]}
        assert ("hk/hk-ca", "bridge/bridge-ca", "high") in lost
        assert all(row["witness"][0]["agreement"] == "hk-bridge" for row in reach["changes"])

        output = terminal.said("release", "diff", 2, "--lang", "en")
        assert '~ agreements/hk-bridge.yaml\n    status: "active" → "suspended"' in output
        assert "kinds of change: agreements; 1 approver(s) beside the authors" in output
        count = len(reach["changes"])
        assert f"at 2026-01-15T13:00:00Z: {count} change(s)" in output
        assert "  - lost hk/hk-ca → bridge/bridge-ca: high → ∅ [agreements: hk-bridge]" in output
        output = terminal.said("release", "diff", 2, "--lang", "zh", "--limit", 1)
        assert f"另有 {count - 1} 处：--limit 或 --json" in output
        assert "失去" in output

    def test_against_the_folder_before_the_first(self, terminal: Terminal) -> None:
        terminal.submitted("--effective-from", LATER)
        data = terminal.done("release", "diff", 1)
        assert {row["difference"] for row in data["documents"]} == {"added"}
        reach = data["reach"]
        assert (reach["before"][:2], reach["at"], reach["changes"]) == ("0:", "2026-02-01T00:00:00Z", [])
        output = terminal.said("release", "diff", 1, "--lang", "en")
        assert '+ agreements/hk-bridge.yaml\n    agreement: ∅ → "hk-bridge"' in output
        assert re.search(
            r"    authorities:\n      - ∅\n      \+ \[\{.*… [0-9]+ more characters: --json\n", output
        )

    def test_against_another_release(self, terminal: Terminal) -> None:
        terminal.live()
        terminal.house.clock.time += HOUR
        terminal.live(status="suspended")
        terminal.house.clock.time += HOUR
        data = terminal.done("release", "diff", 1, 2)
        assert data["documents"][0]["fields"][0]["after"] == '"active"'
        assert {row["change"] for row in data["reach"]["changes"]} == {"gained"}
        assert terminal.done("release", "diff", 2, 0)["reach"]["before"].startswith("0:")
        assert terminal.done("release", "diff", 2, 2) == {
            "base": 2,
            "kinds": [],
            "approvers_needed": 1,
            "documents": [],
            "reach": data["reach"]
            | {"before": data["reach"]["before"], "after": data["reach"]["before"], "changes": []},
        }

    def test_removed_and_long_values(self, terminal: Terminal) -> None:
        terminal.live()
        terminal.house.clock.time += HOUR
        (terminal.folder / "blocklist.yaml").unlink()
        long = {"zh": "长" * 30, "en": "e" * 200}
        terminal.submitted(title=long)
        output = terminal.said("release", "diff", 2, "--lang", "en")
        assert "- blocklist.yaml\n    blocks: [] → ∅" in output
        assert '    title.en:\n      - "hk-bridge"\n      + "eeee' in output

    def test_refused(self, terminal: Terminal) -> None:
        result = terminal.run("release", "diff", 9)
        assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "UNKNOWN_RELEASE")
        result = terminal.run("release", "show", 9, "--lang", "zh")
        assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "UNKNOWN_RELEASE: 没有发布版本 9")

    @pytest.mark.parametrize(
        ("before", "after", "changes"),
        [
            ({"a": 1}, {"a": True}, [("a", "1", "true")]),
            ({"a": [1, 2]}, {"a": [2, 1]}, [("a", "[1,2]", "[2,1]")]),
            ({"a": [1]}, {"a": [1, 1]}, [("a", "[1]", "[1,1]")]),
            ({"a": ["x"]}, {"a": ["y"]}, [('a.["x"]', '"x"', None), ('a.["y"]', None, '"y"')]),
            (
                {"b": [block("one")]},
                {"b": [block("one", kind="ca"), block("two")]},
                [("b.[one].kind", '"key"', '"ca"'), ("b.[two]", None, json.dumps(block("two")))],
            ),
            ({"a": {}}, {"a": []}, [("a", "{}", "[]")]),
            ([], {}, [("", "[]", "{}")]),
        ],
    )
    def test_field_changes(self, before: Any, after: Any, changes: list[tuple[str, Any, Any]]) -> None:
        found = [(c.path, c.before, c.after) for c in field_changes(before, after)]
        if len(changes) == 2 and changes[1][0] == "b.[two]":
            assert found[0] == changes[0]
            assert (found[1][0], json.loads(str(found[1][2]))) == ("b.[two]", block("two"))
        else:
            assert found == changes

    def test_deep_documents_are_compared_down_to_a_depth(self) -> None:
        def nested(value: Any) -> Any:
            for _ in range(100):
                value = {"a": value}
            return value

        (change,) = field_changes(nested(1), nested(2))
        assert change.path == ".".join(["a"] * 32)


class TestExport:
    def test_a_draft_of_it_is_the_same(self, terminal: Terminal) -> None:
        made = terminal.live(title=OTHER)
        folder = terminal.place / "next"
        data = terminal.done("release", "export", 1, folder)
        assert (data["release_id"], data["documents"]) == (f"1:{made['content_sha256']}", 9)
        again = terminal.done("release", "draft", folder, who="dee")
        assert again["content_sha256"] == made["content_sha256"]
        assert f"{folder}: File exists / 无法写入" in terminal.misused("release", "export", 1, folder)

    def test_configured_folder(self, terminal: Terminal) -> None:
        output = terminal.said("release", "export", 0, terminal.place / "a" / "b")
        assert re.search(r"^release +0:[0-9a-f]{64}$", output, re.MULTILINE)
        made = terminal.done("release", "draft", terminal.place / "a" / "b", who="dee")
        assert made["content_sha256"] == terminal.house.desk.in_force(NOON).identity.sha256

    @pytest.mark.parametrize(
        "name", ["../evil.yaml", "domains/../../evil.yaml", "/evil.yaml", ".yaml", "a/b/c.yaml"]
    )
    def test_nothing_is_written_elsewhere(self, terminal: Terminal, name: str) -> None:
        proof = SecretProof("dee", secret_of("dee"))
        documents = policy() | {name: {}}
        terminal.house.desk.releases.draft(DraftRelease(proof=proof, documents=documents, base=0))
        folder = terminal.place / "deep" / "er"
        assert f"{name} cannot be the name of a file" in terminal.misused("release", "export", 1, folder)
        assert not folder.exists()


class TestPeople:
    def test_english(self, terminal: Terminal) -> None:
        output = terminal.said("release", "draft", terminal.folder, "--note", "first", who="dee")
        lines = output.splitlines()
        assert lines[0] == "release 1  draft  version 1"
        assert "  authors: dee" in lines
        assert "  note: first" in lines
        assert lines[-1] == "→ next, check it: ca-bridge release lint 1"
        terminal.said("release", "lint", 1, who="dee")
        terminal.said("release", "simulate", 1, who="dee")
        output = terminal.said("release", "submit", 1, "--effective-from", LATER, who="dee")
        assert "  effective from: 2026-02-01T00:00:00Z" in output
        assert "ca-bridge release diff 1; ca-bridge release approve 1 --seen 4" in output
        output = terminal.said("release", "show", 1)
        assert "  approvers needed: 2" in output
        output = terminal.said("release", "approve", 1, "--seen", 4, who="ben")
        assert "  approved by: ben 2026-01-15T12:00:00Z" in output
        output = terminal.said("release", "approve", 1, "--seen", 5, who="cho")
        assert "next" not in output
        output = terminal.said("release", "effective")
        assert "next      1 (2026-02-01T00:00:00Z)" in output
        assert "1        approved  6        2026-02-01T00:00:00Z  dee      first" in terminal.said(
            "release", "list"
        )
        output = terminal.said("release", "trail", "--limit", 1)
        assert output.splitlines()[0].split() == [
            "row",
            "time",
            "account",
            "role",
            "action",
            "number",
            "version",
            "outcome",
            "detail",
        ]
        assert "8    2026-01-15T12:00:00Z  cho" not in output
        assert "the chain of hashes is whole" in output

    def test_chinese(self, terminal: Terminal) -> None:
        output = terminal.said("release", "draft", terminal.folder, "--lang", "zh", who="dee")
        assert output.splitlines()[0] == "发布版本 1  草案 draft  版本 1"
        assert "下一步，检查：ca-bridge release lint 1" in output
        output = terminal.said("release", "approve", 1, "--seen", 1, "--lang", "zh", who="ben", code=1)
        assert output.splitlines() == [
            "STATE_FORBIDS: 状态 draft 下不能执行 approve；可执行：amend, lint, withdraw",
            "→ 请按顺序操作：起草、检查、模拟、提交、批准",
        ]
        assert "草案 draft" in terminal.said("release", "list", "--lang", "zh")
        assert "随后" in terminal.said("release", "effective", "--lang", "zh")
        assert "哈希链完整" in terminal.said("release", "trail", "--lang", "zh")

    def test_documents_and_simulation(self, tmp_path: Path, sqlite_file: Path) -> None:
        terminal = open_terminal(tmp_path, sqlite_file, simulate=lambda base, draft: {"flips": 3})
        terminal.done("release", "draft", terminal.folder, who="dee")
        terminal.done("release", "lint", 1, who="dee")
        output = terminal.said("release", "simulate", 1, "--lang", "both", who="dee")
        assert '  模拟 / simulation: {"flips": 3}' in output
        assert "发布版本 1 / release 1  已模拟 simulated" in output
        output = terminal.said("release", "show", 1, "--documents")
        assert json.loads(output[output.index("\n{") :]).keys() >= policy().keys()

    def test_what_was_simulated_in_one_line(self, tmp_path: Path, sqlite_file: Path) -> None:
        found = {
            "impact": {"requests": 7, "changes": {"passed_to_refused": 2, "none": 5}},
            "reach": {"counts": {"lost": 4, "raised": 1}},
            "conflicts": {"count": 3, "new": 1},
        }
        terminal = open_terminal(tmp_path, sqlite_file, simulate=lambda base, draft: found)
        terminal.done("release", "draft", terminal.folder, who="dee")
        terminal.done("release", "lint", 1, who="dee")
        output = terminal.said("release", "simulate", 1, "--lang", "en", who="dee")
        line = "  simulation: of 7 request(s) 2 would turn to refused, 0 to passed; reach: 4 lost, 1 raised; "
        assert f"{line}1 new conflict(s) (--json has them)" in output
        output = terminal.said("release", "show", 1, "--lang", "zh")
        assert (
            "  模拟: 重判请求 7 条，2 条由通过变为拒绝，0 条由拒绝变为通过；可达关系变化：4 lost, 1 raised；"
            in output
        )

    def test_rollback(self, terminal: Terminal) -> None:
        terminal.live()
        terminal.house.clock.time += HOUR
        terminal.live(title=OTHER)
        terminal.house.clock.time += HOUR
        output = terminal.said("release", "rollback", 1, who="olu")
        assert "  rolls back to: 1" in output

    def test_nothing_misleads_the_terminal(self, terminal: Terminal) -> None:
        """Whoever drafts cannot write in the reader's terminal, in either form."""
        evil = "ok\u202eevil\u009b2J\U0001f600"
        documents = policy(title={"zh": evil, "en": evil})
        proof = SecretProof("dee", secret_of("dee"))
        terminal.house.desk.releases.draft(DraftRelease(proof=proof, documents=documents, base=0))
        for output in (
            terminal.said("release", "diff", 1),
            terminal.said("release", "show", 1, "--documents"),
            terminal.run("release", "diff", 1, "--json").output,
        ):
            assert "\u202e" not in output
            assert "\u009b" not in output
        shown = terminal.done("release", "show", 1, "--documents")
        assert shown["documents"]["agreements/hk-bridge.yaml"]["title"]["en"] == evil


@pytest.mark.parametrize(
    "words",
    [
        ("release", "effective", "--at", "then"),
        ("release", "show", "0"),
        ("release", "show", "99999999999"),
        ("release", "approve", "1", "--seen", "-1", "--as", "ben"),
        ("release", "draft", "/does/not/exist", "--as", "dee"),
        ("release", "lint", "1"),
    ],
)
def test_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.misused(*words)
