"""The gateway as it is served: granian with two workers, asked over sockets, well and badly."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ca_bridge import wiring
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from tests.api.rest_client import ROOT, VALIDATE, conforms, demo_questions, settings
from tests.recognition.release_doors import people, secret_of

_BIN = Path(sys.executable).parent
_API = ROOT / "tests/api"
_ACCOUNT = f"dee:{secret_of('dee')}"


@dataclass(frozen=True)
class Served:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str]

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(served: Served) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert served.process.poll() is None, served.log.read_text()
        try:
            if served.ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("not ready within a minute")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("policies")
    made = settings(folder)
    port = _free_port()
    log = tmp_path_factory.mktemp("log") / "stderr"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CA_BRIDGE_")} | {
        "CA_BRIDGE_POLICIES": str(made.policies),
        "CA_BRIDGE_DEFAULT_DOMAIN": made.default_domain,
        "CA_BRIDGE_PORT": str(port),
        "CA_BRIDGE_WORKERS": "2",
        "CA_BRIDGE_DATABASE": f"sqlite:///{log.with_name('releases.db')}",
        "CA_BRIDGE_ENVIRONMENT": "development",
        "CA_BRIDGE_DEVELOPMENT_KEYS": str(log.with_name("softkeys")),
        "CA_BRIDGE_RUN_FOLDER": str(log.with_name("run")),
    }
    store = wiring.release_store(environment["CA_BRIDGE_DATABASE"])
    ManageAccounts(store=store, clock=SystemClock()).establish(people())
    with log.open("wb") as stderr:
        process = subprocess.Popen([_BIN / "ca-bridge", "serve"], env=environment, stderr=stderr)
        one = Served(port, process, log, environment)
        try:
            _wait(one)
            yield one
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
    lines = log.read_text().splitlines()
    assert lines
    assert all("event" in json.loads(line) for line in lines), "every line of the log is JSON"
    certificate = demo_questions()["accepted"]["certificate"]
    assert certificate[:60] not in log.read_text()


def _question(name: str) -> bytes:
    return json.dumps(demo_questions()[name]).encode()


def test_same_answer_from_every_worker_under_load(served: Served) -> None:
    names = ["accepted", "refused-level", "refused-revoked", "refused-encryption"] * 15
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda n: served.ask("POST", VALIDATE, _question(n)), names))
    seen: dict[str, set[str]] = {}
    for name, (status, headers, body) in zip(names, answers, strict=True):
        assert status == 200
        assert headers["cache-control"] == "no-store"
        document = json.loads(body)
        conforms("Answer", document)
        del document["elapsed_us"]
        seen.setdefault(name, set()).add(json.dumps(document))
    assert {len(bodies) for bodies in seen.values()} == {1}
    assert json.loads(next(iter(seen["accepted"])))["indication"] == "TOTAL_PASSED"


def test_metrics_count_for_all_workers(served: Served) -> None:
    def count() -> int:
        text = served.ask("GET", "/metrics")[2].decode()
        found = re.search(
            r'ca_bridge_verdicts_total\{indication="TOTAL_FAILED",reason="NOT_A_CERTIFICATE"\} (\S+)', text
        )
        return int(float(found[1])) if found else 0

    before = count()
    for _ in range(20):
        assert served.ask("POST", VALIDATE, b'{"certificate":"AAAA"}')[0] == 200
    assert {count() for _ in range(6)} == {before + 20}


def test_doctor_asks_the_running_server(served: Served) -> None:
    def doctor(port: int) -> int:
        environment = served.environment | {"CA_BRIDGE_PORT": str(port)}
        command = [_BIN / "ca-bridge", "doctor", "--live"]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode

    assert doctor(served.port) == 0
    assert doctor(_free_port()) == 1


_HEAD = b"POST /v1/certificates:validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HOSTILE: list[tuple[str, bytes]] = [
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64),
    ("a body said to be huge", _HEAD + b"Content-Length: 99999999999\r\n\r\n{"),
    ("two lengths", _HEAD + b"Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}"),
    (
        "length and chunks",
        _HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ),
    ("a negative length", _HEAD + b"Content-Length: -1\r\n\r\n"),
    ("a broken chunk", _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    ("a huge header", b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 1_000_000 + b"\r\n\r\n"),
    ("many headers", b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\n"),
    ("a long path", b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a NUL in the path", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a hostile host", b"GET /nope HTTP/1.1\r\nHost: a b<script>\r\n\r\n"),
    ("the form *", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("another host's URI", b"GET http://169.254.169.254/nope HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("dots", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a path of %00", b"GET /v1/reasons/%00%0d%0aX:y HTTP/1.1\r\nHost: x\r\n\r\n"),
]


@pytest.mark.parametrize("sent", [pytest.param(s, id=n) for n, s in HOSTILE])
def test_hostile_request_is_refused_and_the_server_lives(served: Served, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as wire:
        try:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            answer = wire.recv(1 << 16)
        except OSError:  # the server hung up, and that is an answer
            answer = b""
    assert not answer or re.match(rb"HTTP/1\.[01] 4\d\d ", answer), answer[:200]
    assert served.ask("GET", "/livez")[0] == 200


def test_large_body_gets_its_answer(served: Served) -> None:
    """The client is still sending when the refusal is decided, and must get to read it."""
    for size in (3 << 20, 20 << 20):
        status, _, body = served.ask("POST", VALIDATE, b" " * size)
        assert status == 413
        conforms("Problem", json.loads(body))


def test_commands_of_the_page_work(served: Served, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("curl is missing under CI: make setup installs it")
        pytest.skip("curl is not here")
    page = served.ask("GET", "/docs")[2].decode()
    shutil.copy(ROOT / "certs-test/demo/accepted.cer", tmp_path / "cert.der")
    commands = [unescape(c) for c in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    assert len(commands) >= 13
    for shown in commands:
        command = shown.replace("-u ACCOUNT", f"-u {_ACCOUNT}")
        run = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True, timeout=20)
        assert run.stdout, command
        if "/metrics" not in command and not run.stdout.startswith(b"localhost/ca-bridge\n"):
            answer: dict[str, Any] = json.loads(run.stdout)
            assert _is_answered(answer) or "/problems/" in command, (command, answer)


def _is_answered(answer: dict[str, Any]) -> bool:
    """A page of examples knows no release and no version of this gateway, nor a role of whoever tries it."""
    problem = answer.get("type", "").startswith("/problems/")
    return not problem or answer.get("code") in _WITHOUT_A_RELEASE or answer["type"] in _NOTHING_SEEN


_WITHOUT_A_RELEASE = frozenset(
    {"UNKNOWN_RELEASE", "ROLE_MISSING", "NOT_AN_APPROVER", "STALE_VERSION", "STATE_FORBIDS"}
    | {"ROLLBACK_NEVER_APPROVED"}
)
_NOTHING_SEEN = frozenset({"/problems/not-found", "/problems/precondition-failed"})


def test_generated_requests(served: Served, tmp_path: Path) -> None:
    """Schemathesis over the whole document: no 5xx, answers as described, wrong questions refused."""
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(_API)}
    command = [
        *(_BIN / "schemathesis", "--config-file", _API / "schemathesis.toml"),
        *("run", f"http://127.0.0.1:{served.port}/openapi.json"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "40", "--seed", "20260115"),
        *("--generation-database", "none", "--no-color", "--auth", _ACCOUNT),
    ]
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert run.returncode == 0, run.stdout[-6000:]
    assert "Operations:       42 selected / 42 total" in run.stdout
