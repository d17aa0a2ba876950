"""ETSI TS 119 612 trust lists read: any scheme's services, and lists with recognition conditions whole.

Elements that the schema makes mandatory are asked for by name; what else stands there is let be, but
for critical extensions (§5.3.17, §5.4.6, §5.5.9), which must be understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from ca_bridge.adapters.trust_list_xml_services import (
    ReadService,
    names_of,
    require_address,
    services_of,
    time_in,
    unknown_critical,
)
from ca_bridge.adapters.trust_list_xml_tags import LIST, one, optional, text_of, tsl
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.trust_list_exchange.entry_service import service_of
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused, malformed
from ca_bridge.services.trust_list_exchange.plain_data import read_trust_list
from ca_bridge.services.trust_list_exchange.read_list import ReadList

_VERSIONS = ("5", "6")
_MANDATORY_TEXTS = ("TSLType", "StatusDeterminationApproach", "HistoricalInformationPeriod")
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_tree(root: etree._Element) -> ReadList:
    """The list in ``root``, the tree that was signed.

    TrustListRefused: MALFORMED, and CRITICAL_EXTENSION_UNKNOWN of a list that could be imported.
    """
    info = one(root, tsl("SchemeInformation"))
    services = services_of(root)
    read = _scheme(info, services)
    identifier = info.find(f"{tsl('SchemeExtensions')}/{tsl('Extension')}/{LIST}")
    if identifier is None:
        return replace(read, lacking="SchemeExtensions/List")
    for index, service in enumerate(services):
        if service.conditions is None:
            return replace(read, lacking=f"TSPService {index + 1}")
    trust_list = read_trust_list(_data(read, text_of(identifier), services))
    for entry, listed in zip(trust_list.entries, read.services, strict=True):
        if listed.unknown_critical:
            raise _critical(f"TSPService {entry.identifier}: {listed.unknown_critical[0]}")
        if replace(listed, qualifiers=()) != service_of(entry, trust_list.issued):
            raise malformed(f"TSPService {entry.identifier}", "its elements and its conditions disagree")
    return replace(read, trust_list=trust_list)


def _scheme(info: etree._Element, services: tuple[ReadService, ...]) -> ReadList:
    for name in _MANDATORY_TEXTS:
        text_of(one(info, tsl(name)))
    require_address(info, "SchemeOperatorAddress")
    one(one(info, tsl("SchemeInformationURI")), tsl("URI"))
    if text_of(one(info, tsl("TSLVersionIdentifier"))) not in _VERSIONS:
        raise malformed("TSLVersionIdentifier", "neither 5 nor 6")
    for name in unknown_critical(info, "SchemeExtensions"):
        raise _critical(f"SchemeInformation: {name}")
    territory = optional(info, tsl("SchemeTerritory"))
    update = optional(one(info, tsl("NextUpdate")), tsl("dateTime"))
    return ReadList(
        scheme_operator=names_of(info, "SchemeOperatorName"),
        scheme_name=names_of(info, "SchemeName"),
        territory="" if territory is None else text_of(territory),
        sequence_number=_number(one(info, tsl("TSLSequenceNumber"))),
        issued=time_in(one(info, tsl("ListIssueDateTime"))),
        next_update=None if update is None else time_in(update),
        pointers=_pointers(info),
        services=tuple(service.listed for service in services),
    )


def _data(read: ReadList, identifier: str, services: tuple[ReadService, ...]) -> dict[str, Any]:
    prefix = f"{read.territory}:"
    data: dict[str, Any] = {
        "trust_list": identifier,
        "title": {lang: text.removeprefix(prefix) for lang, text in read.scheme_name},
        "territory": read.territory,
        "scheme_operator": dict(read.scheme_operator).get("en", ""),
        "sequence_number": read.sequence_number,
        "issued": time_text(read.issued),
        "entries": [service.conditions for service in services],
    }
    return data if read.next_update is None else data | {"next_update": time_text(read.next_update)}


def _pointers(info: etree._Element) -> tuple[str, ...]:
    pointers = optional(info, tsl("PointersToOtherTSL"))
    if pointers is None:
        return ()
    return tuple(
        text_of(one(pointer, tsl("TSLLocation"))) for pointer in pointers.iterchildren(tsl("OtherTSLPointer"))
    )


def _number(element: etree._Element) -> int:
    text = text_of(element)
    if not _DIGITS.fullmatch(text):
        raise malformed(etree.QName(element).localname, "not a whole number")
    return int(text)


def _critical(element: str) -> TrustListRefused:
    return TrustListRefused(ExchangeCode.CRITICAL_EXTENSION_UNKNOWN, element=element)
