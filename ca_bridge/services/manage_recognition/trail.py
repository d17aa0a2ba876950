"""The audit trail's hash chain: a row that is altered, moved or cut away is noticed."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from ca_bridge.services.manage_recognition.model import Attempt, TrailEntry, TrailHead
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.policy_documents import canonical_json

FIRST_SHA256 = "0" * 64
EMPTY_TRAIL = TrailHead(0, FIRST_SHA256)


def linked(attempt: Attempt, head: TrailHead) -> TrailEntry:
    """The row that follows ``head``."""
    sequence = head.count + 1
    digest = sha256(canonical_json(_fields(attempt, sequence, head.sha256)).encode()).hexdigest()
    return TrailEntry(sequence=sequence, attempt=attempt, previous_sha256=head.sha256, sha256=digest)


def first_broken(entries: Iterable[TrailEntry], head: TrailHead) -> int | None:
    """Sequence number of the first row that does not follow from those before it; None = all do.

    ``entries`` are all rows in order. A trail cut at its end breaks at the first row that is missing.
    Whoever can rewrite every later row and the head as well is noticed only against a head noted
    elsewhere.
    """
    so_far = EMPTY_TRAIL
    for entry in entries:
        if linked(entry.attempt, so_far) != entry:
            return so_far.count + 1
        so_far = TrailHead(entry.sequence, entry.sha256)
    return None if so_far == head else so_far.count + 1


def _fields(attempt: Attempt, sequence: int, previous: str) -> dict[str, object]:
    return attempt_fields(attempt) | {"sequence": sequence, "previous_sha256": previous}


def attempt_fields(attempt: Attempt) -> dict[str, object]:
    """Plain data of one attempt."""
    return {
        "time": rfc3339(attempt.time),
        "account": attempt.account,
        "role": attempt.role,
        "action": attempt.action.value,
        "subject": attempt.subject,
        "release": attempt.release,
        "version": attempt.version,
        "content_sha256": attempt.content_sha256,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
        "nonce": attempt.nonce,
    }
