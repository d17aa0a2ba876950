"""docs/receipts.md: its commands do what it says they do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from ca_bridge.core.receipt.faults import TEXTS, ReceiptFault
from tests.receipts.house import changed, house

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "receipts.md").read_text("utf-8")


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], input=given, capture_output=True, timeout=30, check=False
    )


def test_the_canonical_form_of_an_answer() -> None:
    (line,) = re.findall(r"^ +python3 (-c '.*') < answer\.json > receipt\.json$", PAGE, re.MULTILINE)
    raw = house("all").receipts(3)[1]
    answer = json.dumps({"indication": "TOTAL_PASSED", "receipt": json.loads(raw)}, indent=2).encode()
    assert run(*shlex.split(line), given=answer).stdout == raw


def test_the_proof_by_hand(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    script, file = tmp_path / "by_hand.py", tmp_path / "receipt.json"
    script.write_text(code, "utf-8")
    one = house("p256")
    for size in (1, 2, 7):
        for raw in one.receipts(size, old=5):
            file.write_bytes(raw)
            assert run(str(script), str(file)).returncode == 0
    file.write_bytes(changed(one.receipts(3)[1], lambda data: data["statement"].update(level="low")))
    assert run(str(script), str(file)).returncode != 0


def test_every_fault_has_its_texts() -> None:
    assert set(TEXTS) == set(ReceiptFault)
    for zh, en in TEXTS.values():
        assert re.search(r"[\u4e00-\u9fff]", zh)
        assert not re.search(r"[\u4e00-\u9fff]", en)
        assert en.endswith(".")
        assert set(re.findall(r"\{(\w+)\}", zh + en)) <= {"key", "detail"}
