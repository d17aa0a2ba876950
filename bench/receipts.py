"""CPU of a served gateway at full load with receipts, against the same gateway without.

One server, two workers, its keys in SoftHSM where its module is installed (else in software); 64 connections
ask as fast as they are answered. Rounds with and without receipts are interleaved, 10,000 questions each
way, and the processor time of the server's processes is read from /proc. A gateway that writes no log at
all is shown beside it. Aim: at most 1.5 times.
"""

from __future__ import annotations

import http.client
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.api.rest_client import VALIDATE
from tests.e2e.receipts_house import House, question, served
from tests.e2e.receipts_keys import keys_in_softhsm, softhsm_there

ROUNDS, EACH, CONNECTIONS = 10, 1_000, 64
AIM = 1.5
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(house: House) -> float:
    """Processor time of the server's processes so far, in seconds."""
    spent = 0
    for pid in (house.process.pid, *house.workers()):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def load(house: House, body: bytes, count: int) -> None:
    """``count`` questions over connections that are kept open."""
    left, lock = [count], threading.Lock()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        while True:
            with lock:
                if not left[0]:
                    break
                left[0] -= 1
            connection.request("POST", VALIDATE, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200 or b'"TOTAL_PASSED"' not in answer:
                sys.exit(answer.decode())
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as clients:
        for done in [clients.submit(ask) for _ in range(CONNECTIONS)]:
            done.result()


def measure(house: House, bodies: tuple[bytes, ...]) -> tuple[list[float], list[float]]:
    """CPU and wall seconds for each body over all rounds."""
    cpu, wall = [0.0] * len(bodies), [0.0] * len(bodies)
    for body in bodies:
        load(house, body, 200)
    for _ in range(ROUNDS):
        for kind, body in enumerate(bodies):
            before, started = cpu_s(house), time.perf_counter()
            load(house, body, EACH)
            cpu[kind] += cpu_s(house) - before
            wall[kind] += time.perf_counter() - started
    return cpu, wall


def main() -> int:
    """Print the ratios; 1 when the aim is missed."""
    count = ROUNDS * EACH
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "receipts").mkdir()
        more = keys_in_softhsm(folder) if softhsm_there() else {}
        with served(folder / "receipts", workers=2, more=more) as house:
            cpu, wall = measure(house, (question(receipt=False), question(receipt=True)))
        (folder / "bare").mkdir()
        bare = {"CA_BRIDGE_DATABASE": "", "CA_BRIDGE_DEVELOPMENT_KEYS": ""}
        with served(folder / "bare", workers=2, more=bare) as house:
            (unlogged,), _ = measure(house, (question(receipt=False),))
    print(f"keys: {'SoftHSM' if softhsm_there() else 'software'}; {count} questions each way, 2 workers")
    print(f"without receipts {cpu[0]:6.2f} s CPU, {count / wall[0]:5.0f}/s")
    ratio = cpu[1] / cpu[0]
    print(f"with receipts    {cpu[1]:6.2f} s CPU, {count / wall[1]:5.0f}/s: {ratio:.2f} of that, aim {AIM}")
    print(f"no log at all    {unlogged:6.2f} s CPU: with receipts {cpu[1] / unlogged:.2f} of that")
    return 0 if cpu[1] <= AIM * cpu[0] else 1


if __name__ == "__main__":
    sys.exit(main())
