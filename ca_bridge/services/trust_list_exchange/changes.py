"""What differs between two issues of a list, field by field, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.printable import printable
from ca_bridge.services.trust_list_exchange.plain_data import entry_data, trust_list_data

_LONGEST = 2048


class ChangeKind(StrEnum):
    """What happened."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference; ``entry`` is "" for the list itself, ``before`` and ``after`` are JSON, "" = absent."""

    kind: ChangeKind
    entry: str
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def message_zh(self) -> str:
        """The difference in Chinese, one line, safe to show."""
        what = f"条目 {self.entry}" if self.entry else "列表"
        if self.kind is ChangeKind.CHANGED:
            told = f"{what}：{self.field} 由 {self.before or '（无）'} 改为 {self.after or '（无）'}"
        else:
            told = f"{what}：{'新增' if self.kind is ChangeKind.ADDED else '移除'}"
        return printable(told, _LONGEST)

    @property
    def message_en(self) -> str:
        """The difference in English, one line, safe to show."""
        what = f"entry {self.entry}" if self.entry else "list"
        if self.kind is ChangeKind.CHANGED:
            told = f"{what}: {self.field} from {self.before or '(absent)'} to {self.after or '(absent)'}"
        else:
            told = f"{what}: {self.kind.value}"
        return printable(told, _LONGEST)


def changes(before: TrustList | None, after: TrustList) -> tuple[Change, ...]:
    """Differences of the list's own fields, then of its entries in the new order, removed ones last."""
    if before is None:
        added = [Change(kind=ChangeKind.ADDED, entry=entry.identifier) for entry in after.entries]
        return (Change(kind=ChangeKind.ADDED, entry=""), *added)
    return tuple(_changes(before, after))


def _changes(before: TrustList, after: TrustList) -> Iterator[Change]:
    old, new = trust_list_data(before), trust_list_data(after)
    old.pop("entries", None)
    new.pop("entries", None)
    yield from _fields("", old, new)
    was = {entry.identifier: entry_data(entry) for entry in before.entries}
    now = {entry.identifier: entry_data(entry) for entry in after.entries}
    for identifier, data in now.items():
        if identifier in was:
            yield from _fields(identifier, was[identifier], data)
        else:
            yield Change(kind=ChangeKind.ADDED, entry=identifier)
    for identifier in sorted(was.keys() - now.keys()):
        yield Change(kind=ChangeKind.REMOVED, entry=identifier)


def _fields(entry: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for field in sorted(old.keys() | new.keys()):
        before, after = (canonical_json(d[field]) if field in d else "" for d in (old, new))
        if before != after:
            yield Change(kind=ChangeKind.CHANGED, entry=entry, field=field, before=before, after=after)
