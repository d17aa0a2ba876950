"""`ca-bridge demo`: one acceptance and one refusal, explained in both languages, and nothing left behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.interfaces.cli.demo import ANCHORS

_ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent


def test_demo_explains_both_answers(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    command = [_BIN / "ca-bridge", "demo"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=90, check=False)
    text = run.stdout.decode()
    assert run.returncode == 0, run.stderr
    assert run.stderr == b""
    accepted, refused = text.split("━━")[1:]
    assert "可以信赖 / Can be relied on  TOTAL_PASSED" in accepted
    tree = [line for line in accepted.splitlines() if "CN=" in line]
    assert [line.index("CN=") for line in tree] == [2, 6, 10, 14, 18], "anchor first, target deepest"
    assert "SM2" in accepted
    assert "✔ 回执成立 / the receipt holds · 日志条目 / log entry 0 · receipt-" in accepted
    assert "✔ 回执成立 / the receipt holds · 日志条目 / log entry " in refused
    assert "EXPLICIT_POLICY_LOST" in refused
    assert "请勿信赖 / Could not be confirmed" in refused
    assert "→ 请改用" in refused
    assert "→ Use a certificate" in refused
    assert "curl -s http://127.0.0.1:8080/v1/certificates:validate" in refused
    assert list(tmp_path.iterdir()) == []


def test_demo_anchors_are_pinned_to_what_lies_there() -> None:
    for name, pinned in ANCHORS.items():
        (item,) = decode_bundle((_ROOT / "certs-test/demo" / name).read_bytes())
        assert hashlib.sha256(item.der).hexdigest() == pinned


def test_no_shipped_policy_trusts_the_test_pki() -> None:
    listed = (_ROOT / "certs-test/certificates/SHA256").read_text("utf-8")
    fingerprints = {row.split()[0] for row in listed.splitlines()}
    assert len(fingerprints) > 20
    for path in (_ROOT / "policies").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert hashlib.sha256(data).hexdigest() not in fingerprints
            assert not any(f.encode() in data for f in fingerprints), path
