"""Faults of the token under load on a served gateway: no wrong or unsigned receipt, and it heals itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.api.rest_client import ROOT
from tests.e2e.receipts_house import House, question, served
from tests.e2e.receipts_keys import DEFAULT, keys_in_softhsm, softhsm_there, token_of
from tests.hsm.faults import FaultyModule, faulty_module
from tests.hsm.softhsm import MODULE

VERIFIER = ROOT / "tools/verify_receipt.py"
_CLIENTS = 6
_HEALED_S = 10.0


@dataclass
class Seen:
    """What the load saw: status and, for receipts, whether they hold."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", autouse=True)
def _needs_softhsm() -> None:
    if not softhsm_there():
        if os.environ.get("CI") == "true":
            pytest.fail("SoftHSM is missing: apt-get install softhsm2")
        pytest.skip("SoftHSM is missing: apt-get install softhsm2")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, FaultyModule]]:
    """A gateway of two workers whose token is reached through a module that fails when told to."""
    folder = tmp_path_factory.mktemp("faulty")
    module, environment = faulty_module(folder / "module", MODULE)
    os.environ.update(environment)
    try:
        more = keys_in_softhsm(folder, DEFAULT, module.path)
        with served(folder, workers=2, more={**more, **environment}) as house:
            (folder / "keys.json").write_bytes(house.ask("GET", "/v1/keys")[1])
            yield house, module
    finally:
        for name in environment:
            os.environ.pop(name)


@contextmanager
def load(house: House) -> Iterator[Seen]:
    """Questions with and without receipts, from several clients, until the block ends."""
    seen, ended, lock = Seen(), threading.Event(), threading.Lock()

    def ask(number: int) -> None:
        wanted = number % 3 > 0
        while not ended.is_set():
            begun = time.monotonic()
            status, body = house.validate(question(receipt=wanted))
            spent = time.monotonic() - begun
            with lock:
                seen.slowest_s = max(seen.slowest_s, spent)
                seen.counts[f"{'receipt' if wanted else 'plain'} {status}"] += 1
                seen.wrong += _wrong(status, body, wanted=wanted)

    with ThreadPoolExecutor(_CLIENTS) as clients:
        asking = [clients.submit(ask, number) for number in range(_CLIENTS)]
        try:
            yield seen
        finally:
            ended.set()
            for one in asking:
                one.result()


def _wrong(status: int, body: bytes, *, wanted: bool) -> list[str]:
    """Whatever must not be answered: an unsigned receipt, a plain verdict that failed, another status."""
    answer = json.loads(body)
    if status == 503:
        return [] if wanted and answer["type"] == "/problems/receipt-unavailable" else [body.decode()]
    right = status == 200 and answer["indication"] == "TOTAL_PASSED" and ("receipt" in answer) is wanted
    return [] if right else [body.decode()]


def healed_within_s(house: House, folder: Path) -> float:
    """Seconds until a receipt is given again, which is verified."""
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        status, body = house.validate(question())
        if status == 200:
            path = folder / "receipt.json"
            text = body.decode()
            path.write_text(text[text.index('"receipt":') + 10 : text.rindex("}")], "utf-8")
            command = [sys.executable, VERIFIER, path, "--key", folder / "keys.json"]
            assert subprocess.run(command, check=False, capture_output=True).returncode == 0
            return time.monotonic() - begun
        time.sleep(0.1)
    raise AssertionError("it did not heal")


def _check(seen: Seen) -> None:
    assert seen.wrong == []
    assert seen.counts["receipt 503"] > 0
    assert seen.counts["plain 503"] == 0
    assert seen.counts["plain 200"] > 0


@pytest.mark.parametrize("fault", ["garbage", "removed"])
def test_a_module_that_answers_wrongly(faulty: tuple[House, FaultyModule], fault: str) -> None:
    house, module = faulty
    with load(house) as seen:
        time.sleep(1)
        module.set(fault)
        time.sleep(3)
        module.clear()
        assert healed_within_s(house, house.folder) < _HEALED_S
    _check(seen)


def test_a_module_that_hangs(faulty: tuple[House, FaultyModule]) -> None:
    hangs_s = float(os.environ.get("CA_BRIDGE_TEST_HANG_S", "6"))
    house, module = faulty
    with load(house) as seen:
        time.sleep(1)
        module.set(f"hang {hangs_s:g}")
        time.sleep(hangs_s)
        module.clear()
        assert healed_within_s(house, house.folder) < _HEALED_S
    _check(seen)
    assert seen.slowest_s < 6


def _gone_and_back(house: House, act: Callable[[], None], back: Callable[[], None]) -> Seen:
    with load(house) as seen:
        time.sleep(1)
        act()
        time.sleep(3)
        back()
        assert healed_within_s(house, house.folder) < _HEALED_S
    return seen


def test_a_token_directory_that_is_deleted_and_restored(faulty: tuple[House, FaultyModule]) -> None:
    house, _ = faulty
    token = token_of(house.folder)
    seen = _gone_and_back(house, token.take_away, token.put_back)
    _check(seen)
    assert house.command("audit", "verify").returncode == 0


def test_a_wrong_pin_is_tried_once_whatever_the_number_of_workers(faulty: tuple[House, FaultyModule]) -> None:
    house, module = faulty
    pin = token_of(house.folder).pin_file
    right = pin.read_bytes()
    before = len(module.logins)
    pin.write_bytes(b"654321")
    try:
        environment = {k: v for k, v in house.environment.items() if k != "CA_BRIDGE_PORT"}
        environment["CA_BRIDGE_DEVELOPMENT_KEYS"] = ""
        with served(house.folder, workers=2, more=environment, database=house.database) as other:
            for _ in range(20):
                assert other.validate(question())[0] == 503
                assert other.validate(question(receipt=False))[0] == 200
            assert other.ask("GET", "/readyz")[0] == 200
    finally:
        pin.write_bytes(right)
    refused = [code for code in module.logins[before:] if code != 0]
    assert len(refused) == 1
    assert healed_within_s(house, house.folder) < _HEALED_S
