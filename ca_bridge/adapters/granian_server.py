"""The REST application under granian: worker processes, each with a gateway of its own."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from dataclasses import dataclass

from granian.constants import Interfaces
from granian.errors import ConfigurationError as GranianRefusal
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from ca_bridge.adapters.json_logs import server_log_config
from ca_bridge.services.errors import ConfigurationError

_APPLICATION = "ca_bridge.wsgi:app"
# Judging holds the interpreter: more threads would only wait for each other, but a few must be
# free for health checks while bodies are still arriving slowly.
_THREADS = 64
_HEADER_TIMEOUT_MS = 5_000
_BACKLOG = 1_024
_STOP_AFTER_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """Where to listen, and with how many worker processes."""

    host: str
    port: int
    workers: int
    log_level: str


def run_server(address: ServerAddress) -> None:
    """Serve until a signal ends it; ConfigurationError when the address cannot be used."""
    # Spawned, not forked: a worker inherits neither threads nor engines of this process.
    multiprocessing.set_start_method("spawn", force=True)
    with tempfile.TemporaryDirectory(prefix="ca-bridge-metrics-") as shared:
        if address.workers > 1:  # else a scrape would see the counters of whichever worker answers it
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        try:
            _server(address).serve()
        except (GranianRefusal, OSError, RuntimeError) as error:
            raise ConfigurationError(f"{address.host}:{address.port}: {error}") from error


def _server(address: ServerAddress) -> MPServer:
    return MPServer(
        _APPLICATION,
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=address.workers,
        blocking_threads=_THREADS,
        backlog=_BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_MS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_AFTER_S,
        log_level=LogLevels(address.log_level),
        log_dictconfig=server_log_config(),
    )
