"""Kills worker processes at random points while questions are asked, and counts what became of them.

`python -m tests.e2e.kill_workers 200` kills 200 times and prints the counts; the suite kills a few times.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.receipts_house import House, question, served

_CLIENTS = 8
_ANSWERED_S = 180
# The server takes a worker that dies sooner after another for one that cannot start, and ends: its
# supervisor would start it anew, and there is none here.
_GROWN_S = 6.5
_SPARED = 1


@dataclass(frozen=True)
class Counts:
    """What was seen: answers and receipts by name of the call, and the log's entries by the same name."""

    kills: int
    asked: int
    answered: int
    broken: int
    indexes: dict[str, int]
    logged: Counter[str]
    size: int

    def wrong(self) -> list[str]:
        """Everything that must not be: lost, doubled, or a receipt of another's entry."""
        lost = [f"lost: {name}" for name in self.indexes if self.logged[name] == 0]
        doubled = [f"doubled: {name}" for name, count in self.logged.items() if count > 1]
        shared = Counter(self.indexes.values())
        return lost + doubled + [f"shared: {index}" for index, count in shared.items() if count > 1]


def run(folder: Path, kills: int, *, seed: int = 0, workers: int = 6, pause_s: float = 0.4) -> Counts:
    """Ask until ``kills`` workers have been killed; each call is repeated under its name until answered."""
    chance, ended = random.Random(seed), threading.Event()  # noqa: S311 - no secret
    with served(folder, workers=workers) as house:
        with ThreadPoolExecutor(_CLIENTS) as clients:
            asking = [clients.submit(_ask_on, house, f"{seed}-{n}", ended) for n in range(_CLIENTS)]
            done = _kill(house, kills, chance, pause_s)
            ended.set()
            seen = [future.result() for future in asking]
        verified = house.command("audit", "verify", "--json")
        assert verified.returncode == 0, verified.stdout + verified.stderr
    logged, size = _logged(folder / "gateway.db")
    indexes = {name: index for found, _ in seen for name, index in found.items()}
    return Counts(
        kills=done,
        asked=len(indexes) + sum(broken for _, broken in seen),
        answered=len(indexes),
        broken=sum(broken for _, broken in seen),
        indexes=indexes,
        logged=logged,
        size=size,
    )


def _kill(house: House, kills: int, chance: random.Random, pause_s: float) -> int:
    done = 0
    while done < kills:
        time.sleep(chance.uniform(0, 2 * pause_s))
        victims = [pid for pid in house.workers() if _age_s(pid) > _GROWN_S]
        if len(victims) < _SPARED + 1:
            continue
        with suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)
            done += 1
    return done


def _age_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return float(Path("/proc/uptime").read_text().split()[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _ask_on(house: House, client: str, ended: threading.Event) -> tuple[dict[str, int], int]:
    found: dict[str, int] = {}
    broken = 0
    while not ended.is_set():
        name = f"call-{client}-{len(found)}"
        index, tries = _ask(house, name)
        found[name] = index
        broken += tries
    return found, broken


def _ask(house: House, name: str) -> tuple[int, int]:
    """The index of the receipt, and how many tries broke before."""
    deadline, tries = time.monotonic() + _ANSWERED_S, -1
    while time.monotonic() < deadline:
        tries += 1
        try:
            status, body = house.validate(question(), name)
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        if status == 200:
            receipt = json.loads(body)["receipt"]
            assert receipt["statement"]["request_id"] == name
            return int(receipt["log"]["index"]), tries
        assert status == 503, body
        time.sleep(0.1)
    raise AssertionError(f"{name} was never answered")


def _logged(database: Path) -> tuple[Counter[str], int]:
    logged: Counter[str] = Counter()
    size = 0
    with sqlite3.connect(database) as connection:
        for (data,) in connection.execute("SELECT data FROM log_entries ORDER BY 1"):
            size += 1
            entry = json.loads(data)
            if entry["kind"] == "decision" and entry["request_id"]:
                logged[entry["request_id"]] += 1
    return logged, size


def main() -> int:
    """Print the counts; 0 when nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = run(Path(folder), chosen.kills, seed=chosen.seed)
    wrong = counts.wrong()
    print(
        f"killed {counts.kills}, answered {counts.answered}, broken calls repeated {counts.broken}, "
        f"entries of named calls {sum(counts.logged.values())}, entries in all {counts.size}, "
        f"lost or doubled {len(wrong)}"
    )
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
