"""Entries of the audit log: what a leaf's bytes are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ca_bridge.services.audit.errors import UnusableEntry
from ca_bridge.services.manage_recognition.model import TrailEntry
from ca_bridge.services.policy_documents import canonical_json

VERSION = 1
MAX_DATA_BYTES = (1 << 16) - 1
"""The longest leaf: an exported bundle gives each a length of two bytes (C2SP tlog-tiles)."""
MAX_MEMBERS = 64
_GREATEST = (1 << 53) - 1
_KEY = re.compile(r"(?:[0-9a-f]{1,64})?", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_OWN = frozenset({"ca_bridge_log", "kind", "time", "node"})


class EntryKind(StrEnum):
    """What an entry tells of: DECISION an answer; POLICY_STEP a step in the life of a release or of accounts.

    KEY_USE is a signature by a key of the gateway; ADMINISTRATION any other act of those who run it.
    """

    DECISION = "decision"
    POLICY_STEP = "policy_step"
    KEY_USE = "key_use"
    ADMINISTRATION = "administration"


class KeyUseStatus(StrEnum):
    """INTENDED is logged before a key signs, FAILED after it could not."""

    INTENDED = "intended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A leaf to be: its bytes, and a key that is unique in the log ("" = none; else 1 to 64 hex digits).

    An entry under one of the ``other_keys`` counts as one under this key. UnusableEntry when a bound is not
    kept.
    """

    data: bytes
    key: str = ""
    other_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no log could hold."""
        if not 0 < len(self.data) <= MAX_DATA_BYTES:
            raise UnusableEntry(f"an entry has 1 to {MAX_DATA_BYTES} bytes")
        if not all(_KEY.fullmatch(key) for key in self.keys):
            raise UnusableEntry("a key is at most 64 lower-case hexadecimal digits")

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys under which the log may have it; none without a key."""
        return (self.key, *self.other_keys) if self.key else ()


def new_entry(
    kind: EntryKind, *, time: datetime, node: str, members: Mapping[str, Any], key: str = ""
) -> NewEntry:
    """The entry of ``kind`` with its own ``members`` (plain data without floats); UnusableEntry.

    Its bytes are RFC 8785 JSON: names of members are lower-case ASCII, whole numbers within 2**53.
    """
    if not _OWN.isdisjoint(members):
        raise UnusableEntry("a member has the name of one that every entry has")
    _check(members)
    own = {"ca_bridge_log": VERSION, "kind": kind.value, "time": log_time(time), "node": node}
    try:
        return NewEntry(canonical_json(own | dict(members)).encode(), key)
    except (UnicodeEncodeError, TypeError) as error:
        raise UnusableEntry("a value cannot be written as JSON") from error


def key_use_entry(
    status: KeyUseStatus,
    *,
    time: datetime,
    node: str,
    key_ids: tuple[str, ...],
    purpose: str,
    detail: str = "",
) -> NewEntry:
    """That the keys are about to sign for ``purpose``, or could not; ``detail`` is why, and no secret."""
    members = {
        "method": "sign",
        "key_ids": list(key_ids),
        "purpose": purpose,
        "status": status.value,
        "result": detail,
    }
    return new_entry(EntryKind.KEY_USE, time=time, node=node, members=members)


def policy_step_entry(row: TrailEntry, *, node: str) -> NewEntry:
    """That a row was written to the trail of releases and accounts: who did what, and the row's own hash.

    The row's free text stays in the trail; its hash binds it.
    """
    attempt = row.attempt
    members = {
        "method": attempt.action.value,
        "account": attempt.account,
        "role": attempt.role,
        "subject_kind": attempt.subject,
        "number": attempt.release,
        "version": attempt.version,
        "content_sha256": attempt.content_sha256,
        "status": attempt.outcome,
        "result": attempt.outcome,
        "trail_sequence": row.sequence,
        "trail_sha256": row.sha256,
    }
    return new_entry(EntryKind.POLICY_STEP, time=attempt.time, node=node, members=members)


def log_time(time: datetime) -> str:
    """RFC 3339 in UTC, whole seconds; UnusableEntry for a naive time."""
    if time.tzinfo is None:
        raise UnusableEntry("a naive time")
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check(value: Any) -> None:
    """Refuse what RFC 8785 would write in another way than canonical_json."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in value):
            raise UnusableEntry("a name of a member is lower-case ASCII")
        for one in value.values():
            _check(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _check(one)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > _GREATEST):
        raise UnusableEntry("numbers are whole, and within 2**53")
