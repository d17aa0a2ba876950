"""Asks a served gateway for many receipts at full load and has two verifiers check every one of them.

`python -m tests.e2e.verify_many 10000` prints the counts; the suite asks for a few hundred. Each receipt is
also changed in one random octet, and then has to hold with neither.
"""

from __future__ import annotations

import argparse
import http.client
import random
import runpy
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.receipt.checking import check_receipt
from ca_bridge.core.receipt.keys import read_keys
from ca_bridge.services.key_management.model import KeyUse
from hsm.token import KeyKind
from tests.api.rest_client import ROOT, VALIDATE
from tests.e2e.receipts_house import House, question, served
from tests.e2e.receipts_keys import DEFAULT, keys_in_softhsm

_CLIENTS = 64
_MARK = b',"receipt":'


@dataclass(frozen=True)
class Verified:
    """How many receipts there were, held with both verifiers, and held when changed."""

    receipts: int
    both: int
    either_changed: int
    entries: int


def run(folder: Path, count: int, *, sm2: bool = False, seed: int = 0) -> Verified:
    """Keys are in SoftHSM; ``sm2``: a second receipt key, its scalar sealed under a key of the token."""
    rows = (*DEFAULT, (KeyUse.RECEIPT, KeyKind.SM2, True)) if sm2 else DEFAULT
    with served(folder, workers=2, more=keys_in_softhsm(folder, rows)) as house:
        receipts = _asked(house, count)
        keys = house.ask("GET", "/v1/keys")[1]
        audited = house.command("audit", "verify")
        assert audited.returncode == 0, audited.stdout
    ring, tool, chance = read_keys(keys), _alone(), random.Random(seed)  # noqa: S311 - no secret
    both = changed = 0
    for raw in receipts:
        both += check_receipt(raw, ring, verify_statement).holds and _holds(tool, raw, keys)
        other = bytearray(raw)
        other[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        held = check_receipt(bytes(other), ring, verify_statement).holds or _holds(tool, bytes(other), keys)
        changed += held
    return Verified(len(receipts), both, changed, len({_index(raw) for raw in receipts}))


def _asked(house: House, count: int) -> list[bytes]:
    left, lock, body = [count], threading.Lock(), question()

    def ask() -> list[bytes]:
        mine = []
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        while True:
            with lock:
                if not left[0]:
                    break
                left[0] -= 1
            connection.request("POST", VALIDATE, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            assert response.status == 200, answer
            mine.append(answer[answer.rindex(_MARK) + len(_MARK) : answer.rindex(b"}")])
        connection.close()
        return mine

    with ThreadPoolExecutor(_CLIENTS) as clients:
        return [raw for one in [clients.submit(ask) for _ in range(_CLIENTS)] for raw in one.result()]


def _alone() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools/verify_receipt.py"), run_name="verify_receipt")


def _holds(tool: dict[str, Any], raw: bytes, keys: bytes) -> bool:
    try:
        known, origin = tool["_keys"]([keys])
        tool["verify_receipt"](raw, known, origin)
    except tool["WRONG"]:
        return False
    return True


def _index(raw: bytes) -> int:
    import json

    return int(json.loads(raw)["log"]["index"])


def main() -> int:
    """Print the counts; 0 when all hold, and none that was changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--sm2", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = run(Path(folder), chosen.count, sm2=chosen.sm2)
    print(seen)
    return 0 if seen.both == seen.receipts == seen.entries and not seen.either_changed else 1


if __name__ == "__main__":
    sys.exit(main())
