"""A release comes into force on a served gateway, two workers, under load: nothing lost, nothing mixed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ca_bridge import wiring
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.manage_recognition.model import DONE, RELEASES, Action, Attempt, Release, ReleaseState
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_ports import Commit, ReleaseStore
from tests.recognition.scheme import HK_TO_GD_A, LEAVES
from tests.recognition.scheme_documents import agreement_document, documents, write_folder

BIN = Path(sys.executable).parent
QUESTION = json.dumps(
    {
        "certificate": b64encode(LEAVES["gd-a-sm2-company-sign"]).decode(),
        "intermediates": [b64encode(der).decode() for der in HK_TO_GD_A],
        "validation_time": "2026-01-15T08:00:00Z",
        "revocation": "none",
        "domain": "hk",
    }
).encode()
LOAD_S = 3.0


def _approve(store: ReleaseStore, number: int, docs: dict[str, Any], start: datetime) -> str:
    content = PolicyDocuments.from_data(docs)
    release = Release(
        number=number,
        version=1,
        state=ReleaseState.APPROVED,
        content_sha256=content.sha256,
        base=number - 1,
        authors=("author",),
        created=start,
        effective_from=start,
    )
    attempt = Attempt(
        time=start,
        account="approver",
        role="approver",
        action=Action.APPROVE,
        subject=RELEASES,
        release=number,
        version=1,
        content_sha256=content.sha256,
        outcome=DONE,
    )
    store.commit(
        Commit(generation=store.ledger().generation, attempt=attempt, release=release, documents=content)
    )
    return f"{number}:{content.sha256}"


def _ask(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(
            "POST", "/v1/certificates:validate", QUESTION, {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        assert response.status == 200
        answer: dict[str, Any] = json.loads(response.read())
        return answer
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            _ask(port)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("not ready within a minute")


def test_swapping_a_release_under_load(tmp_path: Path) -> None:
    made = write_folder(tmp_path / "policies", documents())
    url = f"sqlite:///{tmp_path / 'releases.db'}"
    store, now = wiring.release_store(url), SystemClock().now()
    first = _approve(store, 1, documents(), now - timedelta(hours=1))
    port = _free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CA_BRIDGE_")} | {
        "CA_BRIDGE_POLICIES": str(made.policies),
        "CA_BRIDGE_ANCHORS": str(made.anchors),
        "CA_BRIDGE_DATABASE": url,
        "CA_BRIDGE_DEFAULT_DOMAIN": "hk",
        "CA_BRIDGE_PORT": str(port),
        "CA_BRIDGE_WORKERS": "2",
    }
    process = subprocess.Popen([BIN / "ca-bridge", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        assert _ask(port)["release"] == first
        less = agreement_document("hk-bridge")["mappings"][1:]
        begins = SystemClock().now() + timedelta(seconds=LOAD_S)
        changed = documents(agreements__hk_bridge=agreement_document("hk-bridge", mappings=less))
        second = _approve(store, 2, changed, begins)
        answers = _under_load(port, begins + timedelta(seconds=LOAD_S))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    seen = Counter(answer["release"] for _, answer in answers)
    assert set(seen) == {first, second}
    for asked, answer in answers:
        codes = [reason["code"] for reason in answer["reasons"]]
        assert codes == ([] if answer["release"] == first else ["POLICY_MAPPING_NOT_AGREED"])
        if asked >= begins:
            assert answer["release"] == second


def _under_load(port: int, until: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Each answer with the time its question was sent; every question is answered, or this fails."""
    clock = SystemClock()

    def ask_on(_: int) -> list[tuple[datetime, dict[str, Any]]]:
        mine = []
        while (sent := clock.now()) < until:
            mine.append((sent, _ask(port)))
        return mine

    with ThreadPoolExecutor(4) as clients:
        return [pair for part in clients.map(ask_on, range(4)) for pair in part]
