"""Engine and stand-alone verifier say the same of thousands of receipts, and of what becomes of them."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.core.receipt.canonical import LARGEST_NUMBER, canonical_bytes
from ca_bridge.core.receipt.reading import MAX_RECEIPT_BYTES
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.sequencer import Sequencer
from ca_bridge.services.receipts.making import receipt_bytes
from tests.receipts.house import House, house, statement, verdicts

HOLDS, REFUSED = (True, True), (False, False)
JSON: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)
    | st.text(max_size=8)
    | st.sampled_from(
        ["jws", "gbt35275", "ES256", "EdDSA", "SM2-SM3", "00" * 32, 0, 1, [], {}, [[]], {"a": 1}]
    )
)


@pytest.mark.parametrize("kind", ["p256", "ed25519"])
def test_every_size_up_to_300(kind: str) -> None:
    """First, last and a drawn index of every tree of 1 to 300 leaves."""
    one, draw = house(kind), random.Random(kind)  # noqa: S311 - a test's choice
    for size in range(1, 301):
        included = one.included(tuple(canonical_bytes(statement(n)) for n in range(size)))
        for index in {0, size - 1, draw.randrange(size)}:
            assert verdicts(one, receipt_bytes(included[index], one.origin)) == HOLDS


def test_thousands_on_a_large_log() -> None:
    one = house("p256")
    receipts = one.receipts(2500, old=70_001)
    assert len(set(receipts)) == 2500
    assert all(verdicts(one, raw) == HOLDS for raw in receipts)


@pytest.mark.parametrize("kind", ["sm2", "all"])
def test_hundreds_with_sm2(kind: str) -> None:
    one = house(kind)
    assert all(verdicts(one, raw) == HOLDS for raw in one.receipts(300, old=11))


@pytest.mark.parametrize("kind", ["p256", "sm2"])
def test_of_the_log_itself(sqlite_log: SqlLog, kind: str) -> None:
    """Leaves written to SQLite in groups, sealed by the keys, among leaves nobody asked a receipt for."""
    one = house(kind)
    sequencer = Sequencer(sqlite_log, one.seal)
    for number in range(40):
        if number % 3:
            sequencer.record(NewEntry(canonical_bytes(statement(1000 + number))))
        entries = [NewEntry(canonical_bytes(statement(10 * number + n))) for n in range(1 + number % 4)]
        for included in sequencer.include_all(entries):
            assert verdicts(one, receipt_bytes(included, one.origin)) == HOLDS
    sequencer.close()


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        found += _places(one, (*path, name))
    return found


def _parsed(kind: str) -> tuple[House, bytes, Any]:
    raw = house(kind).receipts(3, old=2)[1]
    return house(kind), raw, json.loads(raw)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_member_changed_put_in_or_left_out(data: st.DataObject) -> None:
    """Well-formed receipts in canonical form that say something else."""
    one, raw, value = _parsed(data.draw(st.sampled_from(["p256", "ed25519", "sm2", "all"])))
    path = data.draw(st.sampled_from(_places(value)[1:]))
    target = value
    for step in path[:-1]:
        target = target[step]
    match data.draw(st.sampled_from(["set", "pop", "copy", "add"])):
        case "set":
            target[path[-1]] = data.draw(JSON)
        case "pop":
            del target[path[-1]]
        case "copy":
            other = value
            for step in data.draw(st.sampled_from(_places(value))):
                other = other[step]
            target[path[-1]] = json.loads(json.dumps(other))
        case _ if isinstance(target, dict):
            target[data.draw(st.text(max_size=6))] = data.draw(JSON)
        case _:
            target.append(data.draw(JSON))
    mutated = canonical_bytes(value)
    if mutated != raw:
        engine, alone = verdicts(one, mutated)
        # A signature left out leaves a receipt of the others, as its holder may want it.
        assert engine is alone
        assert not engine or (
            path[:1] == ("signatures",) and len(value["signatures"]) < len(_parsed("all")[2]["signatures"])
        )


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode) | JSON.map(canonical_bytes))
def test_any_bytes_give_a_result(raw: bytes) -> None:
    one = house("p256")
    check = one.check(raw)
    assert not check.holds
    assert check.findings
    assert all(all(finding.texts()) for finding in check.findings)
    assert verdicts(one, raw) == REFUSED


def test_the_largest_receipt() -> None:
    one = house("ed25519")
    size = len(one.receipts(1)[0])
    for extra, expected in ((0, HOLDS), (1, REFUSED)):
        padding = "x" * (MAX_RECEIPT_BYTES - size - len(',"z":""') + extra)
        (included,) = one.included((canonical_bytes(statement(z=padding)),))
        raw = receipt_bytes(included, one.origin)
        assert len(raw) == MAX_RECEIPT_BYTES + extra
        assert verdicts(one, raw) == expected
