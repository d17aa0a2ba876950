"""What differs between two documents, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ca_bridge.services.policy_documents import canonical_json

# What rows of a list are told apart by, where each has one of its own.
_NAMES = ("block", "entry", "identifier", "sha256", "policy")
_MAX_DEPTH = 32  # what the schemas ask for is far shallower; a draft may be anything


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One value: ``path`` as people write it, canonical JSON before and after, None = absent."""

    path: str
    before: str | None
    after: str | None


def document_changes(document: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Every value that differs in a document of a difference; of one that came or went, its members."""
    before, after = document["before"], document["after"]
    return tuple(field_changes({} if before is None else before, {} if after is None else after))


def field_changes(before: Any, after: Any, path: str = "", depth: int = 0) -> Iterator[FieldChange]:
    """Every value that differs, outermost where one side has none; nothing when both are the same."""
    whole = FieldChange(path=path, before=canonical_json(before), after=canonical_json(after))
    if whole.before == whole.after:
        return
    old, new = _named(before), _named(after)
    if old is None or new is None or type(before) is not type(after) or depth == _MAX_DEPTH:
        yield whole
        return
    # Rows in another order, or one of them twice, are a difference too.
    yield from list(_inner(old, new, path, depth + 1)) or (whole,)


def _inner(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str, depth: int
) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        place = f"{path}.{name}" if path else name
        if name not in after:
            yield FieldChange(path=place, before=canonical_json(before[name]), after=None)
        elif name not in before:
            yield FieldChange(path=place, before=None, after=canonical_json(after[name]))
        else:
            yield from field_changes(before[name], after[name], place, depth)


def _named(value: Any) -> Mapping[str, Any] | None:
    """Members of an object, or rows of a list by name, else by what they are; None for anything else."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    for key in _NAMES:
        names = [row[key] for row in value if isinstance(row, dict) and isinstance(row.get(key), str)]
        if names and len(set(names)) == len(names) == len(value):
            return dict(zip((f"[{name}]" for name in names), value, strict=True))
    return {f"[{canonical_json(row)}]": row for row in value}
