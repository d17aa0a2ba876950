"""Which calls are repetitions of one: a key made of what was decided, and of when.

Time is cut into slots of five minutes. A repetition is looked for in the slot of its own time and in those
next to it, so that it finds a first time that is less than five minutes ago, and none of ten minutes or more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from ca_bridge.services.audit.entries import EntryKind
from ca_bridge.services.policy_documents import canonical_json

SLOT_S = 300
# When a call is repeated under its own name, these alone may differ: it is one decision still.
_OF_THE_MOMENT = frozenset({"ca_bridge_log", "kind", "time", "node", "validation_time", "salt"})
_NAME = b'"request_id"'
_NO_NAME = b'"request_id":""'


def retry_keys(decision: Mapping[str, Any], time: datetime) -> tuple[str, ...]:
    """Keys of a decision at ``time``: its own, that of the slot before, and that of the slot after.

    The last one is for clocks that differ, and for two calls at once on either side of a slot's end. None
    for a call without a name.
    """
    if not decision["request_id"]:
        return ()
    lasting = {name: value for name, value in decision.items() if name not in _OF_THE_MOMENT}
    digest = sha256(canonical_json(lasting).encode("utf-8", "surrogatepass")).hexdigest()
    slot = int(time.timestamp()) // SLOT_S
    return tuple(sha256(f"{digest} {one}".encode()).hexdigest() for one in (slot, slot - 1, slot + 1))


def kept_decision(data: bytes) -> dict[str, Any] | None:
    """The members of an entry that is a decision; None of any other, and of what cannot be read."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and found.get("kind") == EntryKind.DECISION
    return found if whole and "validation_time" in found else None


def kept_key(data: bytes) -> str:
    """The key that an entry of this data has; "" = none."""
    if _NAME not in data or _NO_NAME in data:
        return ""
    decision = kept_decision(data)
    return "" if decision is None else key_of(decision)


def key_of(decision: Mapping[str, Any]) -> str:
    """The key of a decision that was kept; "" = none, as of one that was never written here."""
    try:
        return next(iter(retry_keys(decision, datetime.fromisoformat(decision["time"]))), "")
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""
