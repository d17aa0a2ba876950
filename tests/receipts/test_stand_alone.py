"""The stand-alone verifier is one short file of Python and cryptography, and runs as such."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.receipts.house import ALONE, House, changed, house, soft_key


def test_it_is_short_and_needs_nothing_of_here() -> None:
    text = ALONE.read_text("utf-8")
    assert len(text.splitlines()) <= 200
    assert max(map(len, text.splitlines())) <= 110
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert not any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "exec", "eval"}
        for node in ast.walk(ast.parse(text))
    )


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In a process of its own that sees nothing of the project (-I), in another directory."""
        command = [sys.executable, "-I", str(ALONE), *arguments]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, timeout=60, check=False)

    def write(self, name: str, data: bytes) -> str:
        (self.path / name).write_bytes(data)
        return name


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("kind", ["p256", "ed25519", "sm2", "all"])
def test_a_receipt_that_holds(folder: Folder, kind: str) -> None:
    one = house(kind)
    keys, receipt = folder.write("keys.json", one.key_file), folder.write("receipt.json", one.receipts(3)[1])
    result = folder.run(receipt, "--key", keys)
    assert result.returncode == 0, result.stderr
    said, _, last = result.stdout.rpartition("\nHOLDS\n")
    assert last == ""
    assert json.loads(said)["request_id"] == "request-1"
    pems = [
        folder.write(f"{n}.pem", key.pem.encode()) for n, key in enumerate((one.log_key, *one.receipt_keys))
    ]
    assert folder.run(receipt, *(part for pem in pems for part in ("--key", pem))).returncode == 0


def test_receipts_that_do_not_hold(folder: Folder) -> None:
    one = house("p256")
    keys = folder.write("keys.json", one.key_file)
    forged = changed(one.receipts(2)[1], lambda data: data["statement"].update(indication="TOTAL_FAILED"))
    for raw in (forged, b"", b"{}", b"\xff", b"[" * 100_000, b'"\\ud800"'):
        result = folder.run(folder.write("receipt.json", raw), "--key", keys)
        assert result.returncode == 1
        assert result.stderr.startswith("DOES NOT HOLD: ")
        assert result.stdout == ""


def test_other_keys(folder: Folder) -> None:
    one = house("p256")
    other = House(log_key=soft_key("log", "sm2"), receipt_keys=(soft_key("receipt", "sm2"),))
    receipt, keys = (
        folder.write("receipt.json", one.receipts(2)[1]),
        folder.write("keys.json", other.key_file),
    )
    assert folder.run(receipt, "--key", keys).returncode == 1


def test_usage(folder: Folder) -> None:
    one = house("p256")
    receipt, keys = folder.write("receipt.json", one.receipts(2)[1]), folder.write("keys.json", one.key_file)
    bad = folder.write("bad.json", b"hello")
    elsewhere = folder.write("elsewhere.json", json.dumps({"keys": [], "origin": "other.example"}).encode())
    for arguments in (
        (),
        (receipt,),
        (receipt, "--key"),
        (receipt, "--key", "none.json"),
        ("none.json", "--key", keys),
        (receipt, "--key", bad),
        (receipt, "--key", keys, "--key", elsewhere),
        (receipt, "--key", keys, "--more"),
    ):
        assert folder.run(*arguments).returncode == 2, arguments
