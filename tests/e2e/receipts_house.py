"""A gateway that gives receipts, served by real worker processes, and what is needed to disturb it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.api.rest_client import VALIDATE, demo_questions
from tests.api.rest_client import settings as demo_settings

BIN = Path(sys.executable).parent
_READY_S = 90


@dataclass(frozen=True)
class House:
    """A served gateway over its own folder, database and keys."""

    port: int
    process: subprocess.Popen[bytes]
    folder: Path
    database: str
    environment: dict[str, str]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body; OSError or HTTPException when the connection breaks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            kind = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body, {**kind, **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def validate(self, body: bytes, request_id: str = "") -> tuple[int, bytes]:
        """One question."""
        return self.ask("POST", VALIDATE, body, {"X-Request-Id": request_id} if request_id else None)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`ca-bridge` over the same settings."""
        return subprocess.run(
            [BIN / "ca-bridge", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def workers(self) -> list[int]:
        """Process identifiers of the workers there are."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in listed if "spawn_main" in _command_line(int(pid))]


def question(*, receipt: bool = True, **more: Any) -> bytes:
    """The demonstration's accepted question."""
    return json.dumps({**demo_questions()["accepted"], "receipt": receipt, **more}).encode()


@contextmanager
def served(
    folder: Path, *, workers: int = 2, more: Mapping[str, str] | None = None, database: str | None = None
) -> Iterator[House]:
    """The gateway, ready; stopped at the end whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    if not (folder / "policies").exists():
        (folder / "policies").mkdir()
        demo_settings(folder / "policies")
        (folder / "identity.key").write_bytes(os.urandom(32))
    url = database or f"sqlite:///{folder / 'gateway.db'}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CA_BRIDGE_")} | {
        "CA_BRIDGE_POLICIES": str(folder / "policies"),
        "CA_BRIDGE_DEFAULT_DOMAIN": "demo-hong-kong",
        "CA_BRIDGE_DATABASE": url,
        "CA_BRIDGE_PORT": str(port),
        "CA_BRIDGE_WORKERS": str(workers),
        "CA_BRIDGE_IDENTITY_KEY_FILE": str(folder / "identity.key"),
        "CA_BRIDGE_ENVIRONMENT": "development",
        "CA_BRIDGE_RUN_FOLDER": str(folder / "run"),
        "CA_BRIDGE_DEVELOPMENT_KEYS": str(folder / "softkeys"),
        **(more or {}),
    }
    environment = {name: value for name, value in environment.items() if value}
    with (folder / "stderr").open("ab") as log:
        process = subprocess.Popen([BIN / "ca-bridge", "serve"], env=environment, stderr=log)
    house = House(port, process, folder, url, environment)
    try:
        _wait(house)
        yield house
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(house: House) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and house.process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            if house.ask("GET", "/readyz")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError((house.folder / "stderr").read_text()[-4000:])


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
