"""Plain data of policy documents as the values of recognition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ca_bridge.core.recognition.agreement import (
    Agreement,
    AgreementKind,
    PolicyMapping,
    RecognitionStatus,
)
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import AssuranceScale, Licence, PkiDomain, PolicyLevel, PrincipalCa
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustList,
    TrustListEntry,
    UndatedHistory,
)
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.recognition_reading.kinds import DocumentKind, of_kind
from ca_bridge.services.recognition_reading.rows import (
    Data,
    conditions_of,
    cross_certificate_terms_of,
    rows,
    texts,
    time_at,
)
from ca_bridge.services.recognition_reading.scalars import UnusableValue, time_of

_Value = TypeVar("_Value")


class UnreadableDocument(ConfigurationError):
    """A document with a time or name that means nothing; meaning_problems says where."""


def read_policy(documents: Mapping[str, Any]) -> RecognitionPolicy:
    """The policy in ``documents``: plain data by name, which satisfied its schemas before.

    Domains, agreements and trust lists stand in the order of their documents' names; a domain without
    ``assurance`` is no party to any agreement and is left out. UnreadableDocument where
    ``meaning_problems`` would have told of a time or a name that cannot be read.
    """
    blocklists = _read(documents, DocumentKind.BLOCKLIST, lambda data: rows(data, "blocks", _block))
    domains = {n: d for n, d in of_kind(documents, DocumentKind.DOMAIN) if "assurance" in d}
    return RecognitionPolicy(
        domains=_read(domains, DocumentKind.DOMAIN, _domain),
        agreements=_read(documents, DocumentKind.AGREEMENT, _agreement),
        trust_lists=_read(documents, DocumentKind.TRUST_LIST, _trust_list),
        blocks=tuple(block for blocks in blocklists for block in blocks),
    )


def _read(
    documents: Mapping[str, Any], kind: DocumentKind, reader: Callable[[Data], _Value]
) -> tuple[_Value, ...]:
    read: list[_Value] = []
    for name, data in of_kind(documents, kind):
        try:
            read.append(reader(data))
        except UnusableValue as error:
            raise UnreadableDocument(f"{name}: {error.en} / {error.zh}") from error
    return tuple(read)


def _domain(data: Data) -> PkiDomain:
    assurance = data["assurance"]
    return PkiDomain(
        name=data["domain"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        jurisdiction=data["jurisdiction"],
        scale=AssuranceScale(name=assurance["scale"], levels=tuple(assurance["levels"])),
        policies=rows(assurance, "policies", lambda r: PolicyLevel(policy=r["policy"], level=r["level"])),
        authorities=rows(data, "authorities", _authority),
        bridge=data.get("bridge", False),
    )


def _authority(data: Data) -> PrincipalCa:
    return PrincipalCa(
        identifier=data["identifier"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        certificates=texts(data, "certificates"),
        keys=texts(data, "keys"),
        regulator=data.get("regulator", ""),
        licence=_licence(data["licence"]) if "licence" in data else None,
        cps=texts(data, "cps"),
        contacts=texts(data, "contacts"),
    )


def _licence(data: Data) -> Licence:
    return Licence(
        number=data["number"], not_before=time_of(data["not_before"]), not_after=time_at(data, "not_after")
    )


def _agreement(data: Data) -> Agreement:
    return Agreement(
        identifier=data["agreement"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        kind=AgreementKind(data["kind"]),
        issuer_domain=data["issuer_domain"],
        subject_domain=data["subject_domain"],
        status=RecognitionStatus(data["status"]),
        effective_from=time_of(data["effective_from"]),
        effective_until=time_at(data, "effective_until"),
        mappings=rows(data, "mappings", _mapping),
        reverse_mappings=rows(data, "reverse_mappings", _mapping),
        conditions=conditions_of(data),
        cross_certificate=cross_certificate_terms_of(data),
    )


def _mapping(data: Data) -> PolicyMapping:
    return PolicyMapping(
        issuer_domain_policy=data["issuer_domain_policy"],
        subject_domain_policy=data["subject_domain_policy"],
        level=data["level"],
    )


def _trust_list(data: Data) -> TrustList:
    return TrustList(
        identifier=data["trust_list"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        territory=data["territory"],
        scheme_operator=data["scheme_operator"],
        sequence_number=int(data["sequence_number"]),  # JSON Schema takes 2.0 for a whole number
        issued=time_of(data["issued"]),
        next_update=time_at(data, "next_update"),
        entries=rows(data, "entries", _entry),
    )


def _entry(data: Data) -> TrustListEntry:
    return TrustListEntry(
        identifier=data["entry"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        regulator=data["regulator"],
        authority=data["authority"],
        status=RecognitionStatus(data["status"]),
        recognised_from=time_of(data["recognised_from"]),
        recognised_until=time_at(data, "recognised_until"),
        roots=rows(data, "roots", _pin),
        issuers=rows(data, "issuers", _pin),
        type_name=data["type_name"],
        policy_arcs=texts(data, "policy_arcs"),
        policies=texts(data, "policies"),
        level=data.get("level", ""),
        history=rows(data, "history", _former),
        conditions=conditions_of(data),
        sources=texts(data, "sources"),
        confidence=data.get("confidence", ""),
    )


def _pin(data: Data) -> AuthorityPin:
    return AuthorityPin(sha256=data["sha256"], name=data.get("name", ""))


def _former(data: Data) -> FormerAuthorities:
    return FormerAuthorities(
        roots=rows(data, "roots", _pin),
        issuers=rows(data, "issuers", _pin),
        since=time_at(data, "since"),
        until=time_at(data, "until"),
        undated=UndatedHistory(data["undated"]) if "undated" in data else None,
    )


def _block(data: Data) -> Block:
    return Block(
        identifier=data["block"],
        kind=BlockKind(data["kind"]),
        value=data["value"],
        reason_zh=data["reason"]["zh"],
        reason_en=data["reason"]["en"],
        publication=data["publication"],
        effective_from=time_of(data["effective_from"]),
        effective_until=time_at(data, "effective_until"),
    )
