"""Edits of policy documents as plain data: one value set, appended or removed at a named place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ca_bridge.services.policy_documents import PolicyDocuments, canonical_json
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind


@dataclass(frozen=True, slots=True)
class Row:
    """The row of a list that has ``value`` under ``key``: it keeps its place when rows come and go."""

    key: str
    value: str


PathStep = str | int | Row


class Operation(StrEnum):
    """What becomes of the place: its value is set, a row is appended to its list, or it is taken away."""

    SET = "set"
    APPEND = "append"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one document; an empty path is the whole document.

    ``text`` is the new value as JSON, "" with REMOVE; ``before`` what stood at the place, "" = nothing.
    """

    document: str
    path: tuple[PathStep, ...]
    operation: Operation
    text: str = ""
    before: str = ""

    @property
    def where(self) -> str:
        """Document and path as people write them: agreements/a-b.yaml mappings[+]."""
        shown = "".join(_shown(step) for step in self.path).removeprefix(".")
        appended = "[+]" if self.operation is Operation.APPEND else ""
        return f"{self.document} {shown}{appended}".rstrip()


def setting(document: str, *path: PathStep, value: Any) -> Edit:
    """An edit that sets the value at ``path``."""
    return Edit(document, path, Operation.SET, canonical_json(value))


def appending(document: str, *path: PathStep, value: Any) -> Edit:
    """An edit that appends ``value`` to the list at ``path``, which need not be there yet."""
    return Edit(document, path, Operation.APPEND, canonical_json(value))


def removing(document: str, *path: PathStep) -> Edit:
    """An edit that takes the value or row at ``path`` away."""
    return Edit(document, path, Operation.REMOVE)


class NoSuchPlace(LookupError):
    """The edit's place is not in the document."""


def apply_edits(documents: PolicyDocuments, edits: tuple[Edit, ...]) -> PolicyDocuments:
    """The documents after ``edits``, in this order; NoSuchPlace when one has nothing to stand on."""
    texts = dict(documents.documents)
    for edit in edits:
        if not edit.path:
            texts[edit.document] = edit.text
            continue
        if edit.document not in texts:
            raise NoSuchPlace(edit.document)
        data = json.loads(texts[edit.document])
        _apply(data, edit)
        texts[edit.document] = canonical_json(data)
    return PolicyDocuments(tuple(sorted(texts.items())))


def value_at(data: Any, path: tuple[PathStep, ...]) -> Any:
    """The value at ``path`` of ``data``; None when there is none."""
    try:
        for step in path:
            data = data[_key(data, step)]
    except NoSuchPlace:
        return None
    return data


def with_before(edit: Edit, documents: Mapping[str, Any]) -> Edit:
    """The edit with what stands at its place now; of a list that a row is appended to, nothing is said."""
    if edit.operation is Operation.APPEND:
        return edit
    found = value_at(documents.get(edit.document), edit.path) if edit.document in documents else None
    return replace(edit, before="" if found is None else canonical_json(found))


def find_document(documents: Mapping[str, Any], kind: DocumentKind, identifier: str) -> str | None:
    """The name of the document of ``kind`` that is ``identifier``'s; None when there is none."""
    return next((name for name, data in of_kind(documents, kind) if data[kind.value] == identifier), None)


def rows_at(data: Any, *path: PathStep) -> Iterator[Any]:
    """The rows of the list at ``path``; none when it is not there."""
    yield from value_at(data, path) or ()


def _apply(data: Any, edit: Edit) -> None:
    *above, last = edit.path
    for step in above:
        data = data.setdefault(step, {}) if isinstance(step, str) else data[_key(data, step)]
    if edit.operation is Operation.REMOVE:
        del data[_key(data, last)]
    elif edit.operation is Operation.SET:
        data[last if isinstance(last, str) else _key(data, last)] = json.loads(edit.text)
    else:
        held = data.setdefault(last, []) if isinstance(last, str) else data[_key(data, last)]
        held.append(json.loads(edit.text))


def _key(data: Any, step: PathStep) -> str | int:
    """The key or index of ``step`` in ``data``; NoSuchPlace."""
    if isinstance(step, Row):
        found = (i for i, row in enumerate(data) if row.get(step.key) == step.value)
        index = next(found, None)
        if index is not None:
            return index
    elif (isinstance(step, str) and step in data) or (isinstance(step, int) and step < len(data)):
        return step
    raise NoSuchPlace(str(step))


def _shown(step: PathStep) -> str:
    if isinstance(step, Row):
        return f"[{step.value}]"
    return f"[{step}]" if isinstance(step, int) else f".{step}"
