"""What a leaf's bytes are: one text for one value, nothing that a log could not hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.services.audit.entries import (
    MAX_DATA_BYTES,
    EntryKind,
    KeyUseStatus,
    NewEntry,
    key_use_entry,
    new_entry,
    policy_step_entry,
)
from ca_bridge.services.audit.errors import UnusableEntry
from ca_bridge.services.manage_recognition.model import Action, Attempt, TrailHead
from ca_bridge.services.manage_recognition.trail import linked
from tests.audit.log_values import NOON


def made(members: dict[str, Any]) -> NewEntry:
    return new_entry(EntryKind.DECISION, time=NOON, node="n1", members=members)


def test_an_entry() -> None:
    found = made({"status": "answered", "b": [1, None, True, {"z": "证", "a": ""}]})
    assert found.data.decode() == (
        '{"b":[1,null,true,{"a":"","z":"证"}],"ca_bridge_log":1,"kind":"decision","node":"n1",'
        '"status":"answered","time":"2026-01-15T12:00:00Z"}'
    )
    assert canonical_bytes(json.loads(found.data)) == found.data
    assert found.key == ""


def test_times_are_of_utc_and_whole_seconds() -> None:
    macau = NOON.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=999_999)
    found = new_entry(EntryKind.KEY_USE, time=macau, node="n", members={})
    assert json.loads(found.data)["time"] == "2026-01-15T12:00:00Z"
    with pytest.raises(UnusableEntry, match="naive"):
        new_entry(EntryKind.KEY_USE, time=datetime(2026, 1, 1), node="n", members={})  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    "members",
    [
        {"time": "x"},
        {"kind": "x"},
        {"node": "x"},
        {"ca_bridge_log": 2},
        {"Upper": 1},
        {"é": 1},
        {"": 1},
        {"a": {"B": 1}},
        {"a": [{"b c": 1}]},
        {"a": 1.5},
        {"a": [float("nan")]},
        {"a": 1 << 53},
        {"a": -(1 << 53)},
        {"a": "\ud800"},
        {"a": object()},
        {"a": b"octets"},
        {"a": {1: 2}},
        {"a": "x" * MAX_DATA_BYTES},
    ],
)
def test_what_is_no_entry(members: dict[str, Any]) -> None:
    with pytest.raises(UnusableEntry):
        made(members)


def test_the_greatest_numbers() -> None:
    assert b"9007199254740991" in made({"a": (1 << 53) - 1, "b": -(1 << 53) + 1}).data


@pytest.mark.parametrize(
    ("data", "key"), [(b"", ""), (b"x" * (MAX_DATA_BYTES + 1), ""), (b"x", "X"), (b"x", "a" * 65)]
)
def test_bounds(data: bytes, key: str) -> None:
    with pytest.raises(UnusableEntry):
        NewEntry(data, key)
    assert NewEntry(b"x" * MAX_DATA_BYTES, "0af" * 21).key


def test_the_use_of_a_key() -> None:
    found = key_use_entry(
        KeyUseStatus.FAILED,
        time=NOON,
        node="n1",
        key_ids=("log-0011", "receipt-0022"),
        purpose="checkpoint",
        detail="the token is gone",
    )
    assert json.loads(found.data) == {
        "ca_bridge_log": 1,
        "kind": "key_use",
        "time": "2026-01-15T12:00:00Z",
        "node": "n1",
        "method": "sign",
        "key_ids": ["log-0011", "receipt-0022"],
        "purpose": "checkpoint",
        "status": "failed",
        "result": "the token is gone",
    }


def test_a_step_of_policy() -> None:
    """The row's own hash binds its free text, which is left out."""
    attempt = Attempt(
        time=datetime(2026, 1, 15, 12, 0, 0, 5, tzinfo=UTC),
        account="ann",
        role="approver",
        action=Action.APPROVE,
        subject="releases",
        release=7,
        version=4,
        content_sha256="0" * 64,
        outcome="done",
        detail='{"note":"something personal"}',
    )
    row = linked(attempt, TrailHead(2, "1" * 64))
    found = json.loads(policy_step_entry(row, node="n1").data)
    assert found == {
        "ca_bridge_log": 1,
        "kind": "policy_step",
        "time": "2026-01-15T12:00:00Z",
        "node": "n1",
        "method": "approve",
        "account": "ann",
        "role": "approver",
        "subject_kind": "releases",
        "number": 7,
        "version": 4,
        "content_sha256": "0" * 64,
        "status": "done",
        "result": "done",
        "trail_sequence": 3,
        "trail_sha256": row.sha256,
    }
