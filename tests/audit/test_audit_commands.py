"""`ca-bridge audit`: what it says, in which language, and how it ends."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.adapters.tile_folder import FolderTiles
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_consistency, verify_inclusion
from ca_bridge.core.receipt.keys import KeyRing, key_id_of
from ca_bridge.interfaces.cli import audit_view
from ca_bridge.interfaces.cli.audit import audit_commands
from ca_bridge.services.audit.desk import AuditDesk
from ca_bridge.services.audit.entries import EntryKind, KeyUseStatus, NewEntry, key_use_entry, new_entry
from ca_bridge.services.audit.log_port import LogStore
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable
from tests.audit.log_values import NOON, ORIGIN, Ed25519Seal, entries
from tests.audit.test_verification import trusting
from tests.fakes.log_store import MemoryLog, OpenedLog

Run = Callable[..., Result]


class Gateway:
    """A log, its key, and the command over them."""

    def __init__(self, log: Any, folder: Path) -> None:
        self.log = log
        self.seal = Ed25519Seal()
        self.folder = folder
        self.database = True
        self.signs = True

    def open(self) -> LogStore:
        if not self.database:
            raise ConfigurationError("set CA_BRIDGE_DATABASE / 请设置 CA_BRIDGE_DATABASE")
        found: LogStore = self.log
        return found

    def keys(self) -> KeyRing:
        self.open()
        return KeyRing(tuple(trusting(self.seal).keys), origin=ORIGIN)

    def checkpoint(self) -> SealedHead:
        if not self.signs:
            raise SignerUnavailable("log-0011: the token is gone")
        head = self.seal.of(self.log.head())
        self.log.save_checkpoint(head)
        return head

    def run(self, *arguments: object) -> Result:
        desk = AuditDesk(
            log=self.open,
            keys=self.keys,
            verify=verify_statement,
            checkpoint=self.checkpoint,
            folder=FolderTiles,
        )
        return CliRunner().invoke(audit_commands(lambda: desk), [str(one) for one in arguments])

    def data(self, *arguments: object) -> Any:
        result = self.run(*arguments, "--json")
        assert result.stderr == ""
        return json.loads(result.stdout)

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, "utf-8")
        return path

    def key_file(self) -> Path:
        row = {
            "key_id": key_id_of("log", self.seal.spki),
            "use": "log",
            "algorithm": "ed25519",
            "spki": b64encode(self.seal.spki).decode(),
            "custody": "token",
            "state": "current",
        }
        return self.file("keys.json", json.dumps({"keys": [row], "origin": ORIGIN}))


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    made = Gateway(MemoryLog(), tmp_path)
    made.log.append(entries(0, 300))
    return made


@pytest.fixture
def stored(sqlite_log: OpenedLog, tmp_path: Path) -> Gateway:
    made = Gateway(sqlite_log, tmp_path)
    made.log.append(entries(0, 300))
    made.checkpoint()
    return made


def test_verifying(gateway: Gateway) -> None:
    gateway.checkpoint()
    result = gateway.run("verify", "--lang", "en")
    assert result.exit_code == 0
    assert "the log is whole and as signed" in result.stdout
    assert "日志完整" in gateway.run("verify", "--lang", "zh").stdout
    found = gateway.data("verify")
    assert found.pop("keys")["from"] == "database"
    assert found == {
        "holds": True,
        "size": 300,
        "root": gateway.log.head().root.hex(),
        "proven_size": 300,
        "uncovered": 0,
        "checkpoints": 1,
        "open_intents": {"count": 0, "first": None},
        "faults": [],
    }


def test_by_whose_keys_it_is_so(gateway: Gateway) -> None:
    """Who can write to the database can name keys there."""
    gateway.checkpoint()
    plain, zh = gateway.run("verify", "--lang", "en"), gateway.run("verify", "--lang", "zh")
    assert (plain.exit_code, zh.exit_code) == (0, 0)
    assert "name keys kept elsewhere (--key)" in plain.stdout
    assert "the log is whole and as signed, by the keys that the database names" in plain.stdout
    assert "须用 --key 指定另存他处的公钥" in zh.stdout
    assert "（按数据库所记的公钥）" in zh.stdout
    said = gateway.data("verify")["keys"]
    assert said["from"] == "database"
    assert "--key" in said["message_zh"]
    assert "--key" in said["message_en"]
    file = gateway.key_file()
    named = gateway.run("verify", "--lang", "en", "--key", file)
    assert named.exit_code == 0
    assert "by the keys that the database names" not in named.stdout
    assert "those of --key" in named.stdout
    assert gateway.data("verify", "--key", file)["keys"]["from"] == "option"


def test_how_many_entries_no_signature_covers(gateway: Gateway) -> None:
    gateway.checkpoint()
    gateway.log.append(entries(300, 7))
    result = gateway.run("verify", "--lang", "en")
    assert result.exit_code == 0
    assert "no signature covers the last 7 entries" in result.stdout
    assert "最后 7 条尚无签名涵盖" in gateway.run("verify", "--lang", "zh").stdout
    assert gateway.data("verify")["uncovered"] == 7


def used(status: KeyUseStatus, node: str = "n1") -> NewEntry:
    return key_use_entry(status, time=NOON, node=node, key_ids=("log-0011",), purpose="checkpoint")


def test_announced_signatures_that_no_checkpoint_covers(gateway: Gateway) -> None:
    """A process that was killed leaves one: it is no fault, and it is said."""
    intended, failed = KeyUseStatus.INTENDED, KeyUseStatus.FAILED
    gateway.log.append([used(intended)])
    gateway.checkpoint()
    assert gateway.data("verify")["open_intents"] == {"count": 0, "first": None}
    gateway.log.append([used(intended), used(intended, "n2"), used(intended), used(failed, "n2")])
    assert gateway.data("verify")["open_intents"] == {"count": 2, "first": 301}
    result = gateway.run("verify", "--lang", "en")
    assert result.exit_code == 0
    assert "no entry says have failed: 2, from entry 301 on" in result.stderr
    assert "2 次，始于第 301 条" in gateway.run("verify", "--lang", "zh").stderr
    gateway.log.append([used(failed), NewEntry(b'"kind":"key_use"'), NewEntry(b'["kind":"key_use"')])
    assert gateway.data("verify")["open_intents"]["count"] == 0
    gateway.log.append([NewEntry(b'["\\"kind\\":", {"kind":"key_use"}]')])
    assert gateway.data("verify")["open_intents"]["count"] == 0
    gateway.log.append([used(intended)])
    gateway.checkpoint()
    assert gateway.data("verify")["open_intents"]["count"] == 0


def test_a_fault(stored: Gateway) -> None:
    stored.log.execute("DELETE FROM log_entries WHERE entry_index = 7")
    result = stored.run("verify", "--lang", "en")
    assert result.exit_code == 1
    assert "ENTRY_MISSING: entries 7 to 7 are missing" in result.stderr
    assert "→ The auditor keeps the database" in result.stderr
    assert "not what was signed" in result.stdout
    assert "第 7 至 7 条缺失" in stored.run("verify", "--lang", "zh").stderr
    found = stored.data("verify")
    assert [(one["kind"], one["first"], one["last"]) for one in found["faults"]] == [("ENTRY_MISSING", 7, 7)]
    assert all(found["faults"][0][name] for name in ("message_zh", "message_en", "remedy_zh", "remedy_en"))


def test_a_log_nobody_vouches_for(gateway: Gateway) -> None:
    result = gateway.run("verify", "--lang", "en")
    assert result.exit_code == 3
    assert "no known key vouches" in result.stdout
    assert "NOT_SIGNED" in result.stderr


def test_witnesses(gateway: Gateway) -> None:
    note = gateway.run("checkpoint").stdout
    witness = gateway.file("witness", note)
    assert gateway.run("verify", "--witness", witness).exit_code == 0
    gateway.log.append(entries(300, 50))
    newer = gateway.file("newer", gateway.run("checkpoint").stdout)
    older = Gateway(MemoryLog(), gateway.folder)
    older.log.append(entries(0, 300))
    older.checkpoint()
    result = older.run("verify", "--witness", witness, "--witness", newer, "--lang", "en")
    assert result.exit_code == 1
    assert f"BACKUP_RESTORED: {newer}: the log is whole with 300 entries, but it had 350" in result.stderr
    forged = gateway.file("forged", note.replace("\n300\n", "\n301\n"))
    assert "CHECKPOINT_FORGED" in gateway.run("verify", "--witness", forged).stderr
    assert gateway.run("verify", "--witness", gateway.folder / "none").exit_code == 2


def test_keys_from_files(gateway: Gateway) -> None:
    gateway.checkpoint()
    assert gateway.run("verify", "--key", gateway.key_file()).exit_code == 0
    pem = gateway.file(
        "key.pem",
        f"-----BEGIN PUBLIC KEY-----\n{b64encode(gateway.seal.spki).decode()}\n-----END PUBLIC KEY-----\n",
    )
    assert gateway.run("verify", "--key", pem).exit_code == 0
    other = b64encode(Ed25519Seal(seed=2).spki).decode()
    wrong = gateway.file("wrong.pem", f"-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n")
    assert gateway.run("verify", "--key", wrong).exit_code == 3
    assert gateway.run("verify", "--key", wrong, "--key", pem).exit_code == 0
    bad = gateway.run("verify", "--key", gateway.file("bad", "x"))
    assert bad.exit_code == 2
    assert "cannot be used" in bad.stderr


def test_an_exported_log_is_checked_without_the_database(gateway: Gateway) -> None:
    gateway.checkpoint()
    folder = gateway.folder / "log"
    assert gateway.data("export", folder) == {
        "folder": str(folder),
        "size_before": 0,
        "size": 300,
        "files": 6,
    }
    assert "entries before" in gateway.run("export", folder, "--lang", "en").stdout
    gateway.database = False
    assert gateway.run("verify", "--from", folder, "--key", gateway.key_file()).exit_code == 0
    without = gateway.run("verify", "--from", folder)
    assert without.exit_code == 2
    assert "CA_BRIDGE_DATABASE" in without.stderr
    (folder / "tile/entries/000").unlink()
    assert gateway.run("verify", "--from", folder, "--key", gateway.key_file()).exit_code == 1
    empty = gateway.run("verify", "--from", gateway.folder, "--key", gateway.key_file())
    assert (empty.exit_code, empty.stderr.partition(":")[0]) == (1, "EXPORT_UNREADABLE")


def test_what_is_not_exported(stored: Gateway) -> None:
    folder = stored.folder / "log"
    assert stored.run("export", folder).exit_code == 0
    older = Gateway(MemoryLog(), stored.folder)
    result = older.run("export", folder)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "EXPORT_REFUSED")
    older.log.append(entries(0, 3))
    older.checkpoint()
    assert "300 entries are exported and the log has 3" in older.data("export", folder)["refused"]["message"]


def test_checkpoints(gateway: Gateway) -> None:
    nothing = gateway.run("checkpoint", "--stored")
    assert (nothing.exit_code, nothing.stderr.partition(":")[0]) == (1, "EXPORT_REFUSED")
    said = gateway.run("checkpoint")
    assert said.exit_code == 0
    assert said.stdout == gateway.seal.sealed[-1].note, "as it is, to be kept in a file"
    assert gateway.data("checkpoint", "--stored") == {
        "size": 300,
        "root": gateway.log.head().root.hex(),
        "note": said.stdout,
    }
    assert len(gateway.seal.sealed) == 1
    gateway.signs = False
    result = gateway.run("checkpoint")
    assert (result.exit_code, result.stderr) == (3, "SIGNER_UNAVAILABLE: log-0011: the token is gone\n")


def test_showing(gateway: Gateway) -> None:
    gateway.log.append(
        [
            new_entry(
                EntryKind.ADMINISTRATION,
                time=NOON,
                node="n1",
                members={"method": "backup", "status": "done", "result": "成功"},
            ),
            type(entries(0, 1)[0])(b"\xff\x1b[31m no JSON"),
        ]
    )
    shown = gateway.run("show", "--lang", "en")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].split() == [
        "index",
        "time",
        "kind",
        "method",
        "application",
        "status",
        "result",
        "node",
    ]
    assert lines[-2].split() == [
        "300",
        "2026-01-15T12:00:00Z",
        "administration",
        "backup",
        "done",
        "成功",
        "n1",
    ]
    assert "\x1b" not in shown.stdout
    assert len(lines) == 21
    assert [one["index"] for one in gateway.data("show", "--from", 5, "--to", 7)["entries"]] == [5, 6, 7]
    assert [one["index"] for one in gateway.data("show", "--to", 2)["entries"]] == [0, 1, 2]
    assert gateway.data("show", "--from", 300)["entries"][0]["entry"]["result"] == "成功"
    assert gateway.data("show", "--from", 900)["entries"] == []
    assert gateway.data("show", "--from", 7, "--to", 5)["entries"] == []
    assert gateway.run("show", "--from", -1).exit_code == 2


def test_proving(gateway: Gateway) -> None:
    head = gateway.checkpoint()
    gateway.log.append(entries(300, 50))
    found = gateway.data("prove", 7)
    assert (found["tree_size"], found["root"], found["checkpoint"]) == (300, head.root.hex(), head.note)
    proof = [bytes.fromhex(one) for one in found["inclusion_proof"]]
    assert found["leaf_hash"] == leaf_hash(entries(7, 1)[0].data).hex()
    assert verify_inclusion(bytes.fromhex(found["leaf_hash"]), 7, 300, proof, head.root)
    assert gateway.data("prove", 320)["tree_size"] == 350, "no checkpoint covers it yet"
    assert gateway.data("prove", 7, "--size", 8)["checkpoint"] is None
    assert "inclusion_proof" in gateway.run("prove", 7).stdout
    for arguments in ((350,), (7, "--size", 7), (7, "--size", 351)):
        result = gateway.run("prove", *arguments)
        assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "NOT_IN_LOG")


def test_consistency(gateway: Gateway) -> None:
    found = gateway.data("consistency", 100, 300)
    proof = [bytes.fromhex(one) for one in found["consistency_proof"]]
    roots = [bytes.fromhex(found[name]) for name in ("first_root", "second_root")]
    assert verify_consistency(100, 300, proof, *roots)
    assert roots[1] == gateway.log.head().root
    result = gateway.run("consistency", 100, 301)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "NOT_IN_LOG")
    assert gateway.run("consistency", 300, 100).exit_code == 1


def test_a_store_that_does_not_answer(gateway: Gateway) -> None:
    class Down(MemoryLog):
        def head(self) -> Any:
            raise StoreUnavailable("OperationalError")

    gateway.log = Down()
    result = gateway.run("show")
    assert result.exit_code == 3
    assert "STORE_UNUSABLE" in result.stderr


def test_without_a_database(gateway: Gateway) -> None:
    gateway.database = False
    for arguments in (("verify",), ("show",), ("export", gateway.folder / "x"), ("prove", 1)):
        result = gateway.run(*arguments)
        assert result.exit_code == 2
        assert "CA_BRIDGE_DATABASE" in result.stderr


def test_progress_is_told_every_ten_seconds(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit_view, "_SAY_EVERY_S", -1.0)
    gateway.checkpoint()
    assert "300 / 300" in gateway.run("verify").stderr
    with audit_view.showing(None) as tell:
        tell(5)
    assert capsys.readouterr().err == "5\n"


def test_a_bar_on_a_terminal(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_view.sys.stderr, "isatty", lambda: True, raising=False)
    with audit_view.showing(10) as tell:
        tell(5)


def test_help_is_in_both_languages(gateway: Gateway) -> None:
    for arguments in ((), ("verify",), ("export",), ("checkpoint",), ("show",), ("prove",), ("consistency",)):
        said = gateway.run(*arguments, "--help").stdout
        assert not said.isascii()
        assert "/" in said
