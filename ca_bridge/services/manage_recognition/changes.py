"""What differs between two releases' documents, and which kinds of change that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ca_bridge.services.manage_recognition.model import ChangeKind
from ca_bridge.services.policy_documents import PolicyDocuments, canonical_json

_BLOCKLIST = "blocklist.yaml"
_FOLDERS: tuple[tuple[str, ChangeKind], ...] = (
    # Purposes and path inputs lie beside the anchors: all of a domain decides what is trusted.
    ("domains/", ChangeKind.ANCHORS),
    ("agreements/", ChangeKind.AGREEMENTS),
    ("trust-lists/", ChangeKind.TRUST_LISTS),
    ("algorithms.yaml", ChangeKind.ALGORITHMS),
)


class Difference(StrEnum):
    """What became of a document."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """One document that differs: canonical JSON before and after, "" where there is none."""

    name: str
    difference: Difference
    before: str
    after: str


def document_changes(base: PolicyDocuments, draft: PolicyDocuments) -> tuple[DocumentChange, ...]:
    """Every document that differs, by name."""
    before, after = dict(base.documents), dict(draft.documents)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return tuple(_change(name, before.get(name, ""), after.get(name, "")) for name in names)


def _change(name: str, before: str, after: str) -> DocumentChange:
    if not before:
        return DocumentChange(name, Difference.ADDED, before, after)
    return DocumentChange(name, Difference.CHANGED if after else Difference.REMOVED, before, after)


def change_kinds(base: PolicyDocuments, draft: PolicyDocuments) -> frozenset[ChangeKind]:
    """The kinds of change from ``base`` to ``draft``; empty when they are the same."""
    old, new = base.data(), draft.data()
    changed = (change.name for change in document_changes(base, draft))
    return frozenset(kind for name in changed for kind in _kinds(name, old, new))


def _kinds(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ChangeKind]:
    if name != _BLOCKLIST:
        yield next((kind for prefix, kind in _FOLDERS if name.startswith(prefix)), ChangeKind.OTHER)
        return
    before, after = _blocks(old.get(name)), _blocks(new.get(name))
    yield ChangeKind.BLOCKLIST if before <= after else ChangeKind.BLOCKLIST_REMOVAL


def _blocks(document: Any) -> frozenset[str]:
    """Rows of a blocklist as texts; a document of another shape is one row of its own."""
    if document is None:
        return frozenset()
    rows = document.get("blocks") if isinstance(document, dict) else None
    return frozenset(canonical_json(row) for row in (rows if isinstance(rows, list) else [document]))
