"""The key of a named call is that of its entry, and of no other: a repeated call gets its own decision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ca_bridge.services.audit.entries import NewEntry, UnusableEntry
from ca_bridge.services.audit.retries import kept_decision, kept_key
from ca_bridge.services.audit.sequencer import Sequencer
from ca_bridge.services.decision_log.decision_log import Decided, DecisionLog
from ca_bridge.services.decision_log.heartbeat import Heartbeat
from ca_bridge.services.decision_log.statement import Call, decision_entry, decision_members
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from tests.audit.log_values import NOON, ORIGIN, Ed25519Seal, key
from tests.audit.test_verification import faults
from tests.fakes.log_store import OpenedLog

NULL = "UPDATE log_entries SET entry_key = NULL"
GIVE = "UPDATE log_entries SET entry_key = :key WHERE entry_index = :at"
SPOIL = "UPDATE log_entries SET data = x'ff' WHERE entry_index = 0"


class Clock:
    """Stands still until told."""

    time = NOON

    def now(self) -> datetime:
        return self.time


class House:
    """A decision log, and what was asked of it."""

    def __init__(self, store: Any) -> None:
        self.store, self.clock, self.seal = store, Clock(), Ed25519Seal()
        self.sequencer = Sequencer(store, self.seal)
        self.decisions = DecisionLog(
            sequencer=self.sequencer,
            offered=lambda: True,
            clock=self.clock,
            node="n1",
            origin=ORIGIN,
            digest=None,
            heartbeat=Heartbeat(store, self.sequencer.checkpoint_now, lambda: True),
        )

    def ask(self, name: str = "order-1", indication: str = "TOTAL_PASSED", *, receipt: bool = False) -> Any:
        """The document as it is answered, and the receipt."""
        said = f"{self.clock.time:%Y-%m-%dT%H:%M:%SZ}"
        document = {"indication": indication, "reasons": [], "validation_time": said}
        call = Call(method="validate", request_id=name, address="", fields={})
        (made,) = self.decisions.write(
            [Decided(call=call, question=None, document=document, receipt=receipt)]
        )
        return document, None if made is None else json.loads(made)

    @property
    def size(self) -> int:
        return int(self.store.head().size)

    def key(self, at: int) -> str:
        return str(self.store.scalar("SELECT entry_key FROM log_entries WHERE entry_index = :at", at=at))


@pytest.fixture
def house(sqlite_log: OpenedLog) -> Iterator[House]:
    made = House(sqlite_log)
    yield made
    made.decisions.close()


@pytest.fixture
def anywhere(log: Any) -> Iterator[House]:
    made = House(log)
    yield made
    made.decisions.close()


def test_closed_it_has_stored_what_it_signed(house: House) -> None:
    for name in ("a", "b", "c"):
        _, receipt = house.ask(name, receipt=True)
    house.ask("d")
    house.decisions.close()
    assert house.store.latest_checkpoint().size == receipt["log"]["tree_size"] == 3
    assert house.ask("e", receipt=True)[1]["log"]["tree_size"] == 5, "the next call starts it again"
    house.decisions.close()
    DecisionLog(
        sequencer=house.sequencer, offered=bool, clock=house.clock, node="n1", origin=ORIGIN, digest=None
    ).close()


@pytest.mark.parametrize("receipt", [False, True])
def test_within_minutes_a_repeated_call_is_one_entry(anywhere: House, receipt: bool) -> None:  # noqa: FBT001
    first, _ = anywhere.ask(receipt=receipt)
    anywhere.clock.time = NOON + timedelta(minutes=4, seconds=59)
    again, made = anywhere.ask(receipt=receipt)
    assert anywhere.size == 1
    assert again["validation_time"] == first["validation_time"]
    if receipt:
        assert made["log"]["index"] == 0
    anywhere.ask("order-2")
    anywhere.ask(indication="TOTAL_FAILED")
    anywhere.ask("")
    anywhere.ask("")
    assert anywhere.size == 5


@pytest.mark.parametrize("receipt", [False, True])
def test_after_ten_minutes_it_is_another_decision(anywhere: House, receipt: bool) -> None:  # noqa: FBT001
    for n in range(4):
        anywhere.clock.time = NOON + timedelta(minutes=10 * n)
        document, _ = anywhere.ask(receipt=receipt)
        assert document["validation_time"] == f"{anywhere.clock.time:%Y-%m-%dT%H:%M:%SZ}"
        assert anywhere.size == n + 1


@pytest.mark.parametrize("seconds", [-1, 0, 299, 300, 599])
def test_the_first_entry_is_never_older_than_ten_minutes(anywhere: House, seconds: int) -> None:
    anywhere.ask()
    anywhere.clock.time = NOON + timedelta(seconds=seconds)
    anywhere.ask()
    assert anywhere.size == 1
    anywhere.clock.time = NOON + timedelta(seconds=600)
    anywhere.ask("order-other")
    anywhere.ask()
    assert anywhere.size == 3


def test_two_at_once_on_either_side_of_a_slot_are_one(anywhere: House) -> None:
    """Whichever is written first: clocks of nodes differ, and threads wait."""
    anywhere.clock.time = NOON + timedelta(seconds=300)
    anywhere.ask()
    anywhere.clock.time = NOON + timedelta(seconds=299)
    anywhere.ask()
    assert anywhere.size == 1


def test_every_entry_has_a_salt_of_its_own(house: House) -> None:
    house.ask("")
    house.ask("")
    salts = [json.loads(row.data or b"")["salt"] for row in house.store.entries(0, 2)]
    assert all(len(bytes.fromhex(one)) == 16 for one in salts)
    assert salts[0] != salts[1]


def test_an_entry_that_is_not_of_the_call_is_not_given_out(house: House) -> None:
    _, good = house.ask("good", receipt=True)
    _, bad = house.ask("bad", "TOTAL_FAILED", receipt=True)
    places = good["log"]["index"], bad["log"]["index"]
    mine, theirs = (house.key(at) for at in places)
    house.store.execute(NULL)
    house.store.execute(GIVE, key=theirs, at=places[0])
    house.store.execute(GIVE, key=mine, at=places[1])
    for receipt in (False, True):
        with pytest.raises(StoreDamaged, match="key"):
            house.ask("bad", "TOTAL_FAILED", receipt=receipt)
    house.sequencer.checkpoint_now()
    assert faults(house.store, house.seal) == [("KEY_ALTERED", at, at) for at in places]


def test_a_key_that_was_taken_away_is_named(house: House) -> None:
    house.ask()
    house.ask("")
    house.sequencer.checkpoint_now()
    house.store.execute(NULL)
    assert faults(house.store, house.seal) == [("KEY_ALTERED", 0, 0)]
    house.store.execute(GIVE, key=key("x"), at=1)
    assert faults(house.store, house.seal) == [("KEY_ALTERED", 0, 0), ("KEY_ALTERED", 1, 1)]
    house.store.execute("UPDATE log_entries SET entry_key = x'ff00' WHERE entry_index = 0")
    assert faults(house.store, house.seal) == [("KEY_ALTERED", 0, 0), ("KEY_ALTERED", 1, 1)]


@pytest.mark.parametrize("receipt", [False, True])
def test_a_first_entry_that_is_garbage_is_damage(house: House, receipt: bool) -> None:  # noqa: FBT001
    house.ask()
    house.store.execute(SPOIL)
    with pytest.raises(StoreDamaged):
        house.ask(receipt=receipt)
    house.sequencer.checkpoint_now()
    assert faults(house.store, house.seal) == [("ENTRY_ALTERED", 0, 0)]


def test_the_key_is_made_of_the_data_alone() -> None:
    call = Call(method="validate", request_id="名", address="", fields={"a": 1})
    document = {"indication": "TOTAL_PASSED", "reasons": [], "validation_time": "2026-01-15T12:00:00Z"}
    members = decision_members(call, None, document, None)
    made = decision_entry(members, NOON, "n1")
    assert kept_key(made.data) == made.key
    assert len(set(made.keys)) == 3
    nameless = decision_entry({**members, "request_id": ""}, NOON, "n1")
    assert nameless.keys == ()
    assert kept_key(nameless.data) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b'"request_id"',
        b'{"request_id":"x","kind":"decision"}',
        b'{"request_id":"x","kind":"key_use","validation_time":null}',
        b'{"request_id":"x","kind":"decision","validation_time":null}',
        b'{"request_id":"x","kind":"decision","validation_time":null,"time":7}',
        b'{"request_id":"x","kind":"decision","validation_time":null,"time":"noon"}',
        b'{"request_id":"x","a":' + b"[" * 100_000,
    ],
)
def test_other_data_have_no_key(data: bytes) -> None:
    assert kept_key(data) == ""


def test_only_decisions_are_kept_decisions() -> None:
    assert kept_decision(b"[]") is None
    with pytest.raises(UnusableEntry):
        NewEntry(b"{}", "aa", ("AA",))
