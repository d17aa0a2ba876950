"""Places inside a policy document, and what every check of its meaning needs to know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from ca_bridge.services.policy_report import DocumentProblem, KeyPath
from ca_bridge.services.recognition_reading.kinds import DocumentKind, kind_of, named_after, of_kind
from ca_bridge.services.recognition_reading.scalars import UnusableValue, time_of


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a document, by the document's name and the value's path."""

    document: str
    path: KeyPath = ()

    def at(self, *steps: str | int) -> Place:
        """A place further inside."""
        return Place(self.document, (*self.path, *steps))

    def problem(self, en: str, zh: str) -> DocumentProblem:
        """A problem here."""
        return DocumentProblem(document=self.document, path=self.path, message_en=en, message_zh=zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What documents can refer to.

    ``levels``: the levels of each domain, lowest first; None where the domain has no scale, or its own
    document cannot be read. ``unread`` names the latter. ``relying``: who relies on each trust list.
    """

    levels: Mapping[str, tuple[str, ...] | None]
    trust_lists: frozenset[str]
    relying: Mapping[str, tuple[str, ...]]
    profiles: frozenset[str] | None
    unread: frozenset[str]


def known_in(documents: Mapping[str, Any], unread: Collection[str]) -> Known:
    """What stands in ``documents``, and what in ``unread`` ones by their names alone."""
    levels: dict[str, tuple[str, ...] | None] = {}
    relying: dict[str, tuple[str, ...]] = {}
    for _, data in of_kind(documents, DocumentKind.DOMAIN):
        name = data["domain"]
        levels[name] = tuple(data["assurance"]["levels"]) if "assurance" in data else None
        for listed in data.get("trust_lists", ()):
            relying[listed] = (*relying.get(listed, ()), name)
    broken = {kind: {named_after(n) for n in unread if kind_of(n) is kind} for kind in DocumentKind}
    lists = {data["trust_list"] for _, data in of_kind(documents, DocumentKind.TRUST_LIST)}
    table = documents.get("algorithms.yaml")
    return Known(
        levels=levels,
        trust_lists=frozenset(lists | broken[DocumentKind.TRUST_LIST]),
        relying=relying,
        profiles=None if table is None else frozenset(table["profiles"]),
        unread=frozenset(broken[DocumentKind.DOMAIN]),
    )


def interval_problems(
    place: Place, data: Mapping[str, Any], since: str, until: str
) -> Iterator[DocumentProblem]:
    """Times that are none, and an end that is not after its beginning."""
    read: list[datetime] = []
    for key in (since, until):
        if key in data:
            try:
                read.append(time_of(data[key]))
            except UnusableValue as error:
                yield place.at(key).problem(error.en, error.zh)
    if any(end <= start for start, end in pairwise(read)):
        yield place.at(until).problem(f"{until} is not after {since}", f"{until} 不晚于 {since}")


def repeated(values: Collection[Any]) -> Iterator[int]:
    """Indexes of values that stood before."""
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.add(value)
