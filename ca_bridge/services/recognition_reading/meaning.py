"""What is wrong with policy documents though each satisfies its schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.agreement_meaning import agreement_problems
from ca_bridge.services.recognition_reading.blocklist_meaning import blocklist_problems
from ca_bridge.services.recognition_reading.domain_meaning import domain_problems, pin_problems
from ca_bridge.services.recognition_reading.kinds import OF_ITS_OWN_FILE, DocumentKind, kind_of, of_kind
from ca_bridge.services.recognition_reading.places import Known, Place, known_in
from ca_bridge.services.recognition_reading.trust_list_meaning import trust_list_problems

_CHECKS: Mapping[DocumentKind, Callable[[Place, Any, Known], Iterator[DocumentProblem]]] = MappingProxyType(
    {
        DocumentKind.DOMAIN: domain_problems,
        DocumentKind.AGREEMENT: agreement_problems,
        DocumentKind.TRUST_LIST: trust_list_problems,
        DocumentKind.BLOCKLIST: lambda place, data, _: blocklist_problems(place, data),
    }
)


def meaning_problems(documents: Mapping[str, Any], unread: Collection[str] = ()) -> Iterator[DocumentProblem]:
    """Everything wrong in ``documents`` (plain data by name, each right by its schema), by document.

    ``unread`` are names of further documents that are wrong already: references to them are let be.
    Documents of other kinds than domains, agreements, trust lists and the blocklist are not looked at.
    """
    known = known_in(documents, unread)
    for name in sorted(documents):
        kind = kind_of(name)
        if kind is not None and kind in _CHECKS:
            place, data = Place(name), documents[name]
            if kind in OF_ITS_OWN_FILE:
                yield from name_problems(place, kind, data)
            yield from _CHECKS[kind](place, data, known)
    yield from pin_problems(of_kind(documents, DocumentKind.DOMAIN))


def name_problems(place: Place, kind: DocumentKind, data: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """A document that is not named <identifier>.yaml."""
    identifier = data[kind]
    if f"{identifier}.yaml" != place.document.rpartition("/")[2]:
        yield place.at(kind.value).problem(
            f"the file of {_EN[kind]} {identifier!r} must be named {identifier}.yaml",
            f"{_ZH[kind]} {identifier!r} 的文件名必须是 {identifier}.yaml",
        )


_EN = MappingProxyType(
    {
        DocumentKind.DOMAIN: "domain",
        DocumentKind.AGREEMENT: "agreement",
        DocumentKind.TRUST_LIST: "trust list",
    }
)
_ZH = MappingProxyType(
    {DocumentKind.DOMAIN: "信任域", DocumentKind.AGREEMENT: "协议", DocumentKind.TRUST_LIST: "信任列表"}
)
