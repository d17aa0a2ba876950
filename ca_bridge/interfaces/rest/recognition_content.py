"""Agreements, trust lists and blocks among the documents of a release, and a draft that changes one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.recognition_reading.kinds import DocumentKind, kind_of
from ca_bridge.services.release_desk import InForce

BLOCKLIST = "blocklist.yaml"
_KEPT = 4

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One of the three: its path, its documents' kind, and their folder ("" = all rows in one document)."""

    path: str
    kind: DocumentKind
    members: str
    member: str
    folder: str = ""

    def rows(self, documents: PolicyDocuments) -> tuple[Row, ...]:
        """All agreements, trust lists or blocks; whatever lacks their shape is left out."""
        found = [json.loads(text) for name, text in documents.documents if kind_of(name) is self.kind]
        if not self.folder:
            found = [row for document in found for row in _blocks(document)]
        return tuple(row for row in found if isinstance(row, dict))

    def identifier(self, row: Row) -> Any:
        """The name the row is asked for by."""
        return row.get(self.member)

    def changed(self, documents: PolicyDocuments, identifier: str, row: Row | None) -> dict[str, Any]:
        """The documents with ``row`` under ``identifier`` in place of what was there; None = without it."""
        data = documents.data()
        if self.folder:
            name = f"{self.folder}/{identifier}.yaml"
            data.pop(name, None)
            return data if row is None else data | {name: row}
        document = data.get(BLOCKLIST)
        kept = document if isinstance(document, dict) else {}
        return data | {BLOCKLIST: kept | {"blocks": self._replaced(_blocks(document), identifier, row)}}

    def _replaced(self, rows: Iterable[Any], identifier: str, row: Row | None) -> list[Any]:
        """In its place, so that a difference shows one row; at the end when it is new."""
        replaced: list[Any] = []
        for old in rows:
            if not isinstance(old, dict) or self.identifier(old) != identifier:
                replaced.append(old)
            elif row is not None:
                replaced.append(row)
                row = None
        return replaced if row is None else [*replaced, row]


def _blocks(document: Any) -> list[Any]:
    rows = document.get("blocks") if isinstance(document, dict) else None
    return rows if isinstance(rows, list) else []


AGREEMENTS = Listing("agreements", DocumentKind.AGREEMENT, "agreements", "agreement", "agreements")
TRUST_LISTS = Listing("trust-lists", DocumentKind.TRUST_LIST, "trust_lists", "trust_list", "trust-lists")
BLOCKS = Listing("blocklist", DocumentKind.BLOCKLIST, "blocks", "block")


def masked(rows: Iterable[Row]) -> list[Row]:
    """The rows without identity keys: a holder who is blocked is nobody else's business."""
    return [row | {"value": None} if row.get("kind") == BlockKind.SUBJECT else row for row in rows]


@dataclass(slots=True)
class RememberedRows:
    """Rows by content, which never changes under its hash: what anybody may ask for is read once."""

    _rows: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, listing: Listing, found: InForce) -> tuple[Row, ...]:
        """``listing.rows`` of what was found in force. Not to be altered."""
        key = (listing.path, found.identity.sha256)
        with self._lock:
            known = self._rows.get(key)
        if known is not None:
            return known
        made = listing.rows(found.documents())
        with self._lock:
            while len(self._rows) >= _KEPT:
                del self._rows[next(iter(self._rows))]
            self._rows[key] = made
        return made
