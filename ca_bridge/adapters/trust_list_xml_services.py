"""TSPServices of a trust list (TS 119 612 §5.4, §5.5): names, certificates, statuses, history, extensions."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from lxml import etree

from ca_bridge.adapters.trust_list_xml_conditions import read_conditions
from ca_bridge.adapters.trust_list_xml_tags import (
    PIN,
    RECOGNITION,
    XML_LANG,
    children,
    one,
    optional,
    text_of,
    tsl,
)
from ca_bridge.services.recognition_reading.scalars import UnusableValue, time_of
from ca_bridge.services.trust_list_exchange.errors import malformed
from ca_bridge.services.trust_list_exchange.listed_service import (
    ListedService,
    MultilingualText,
    ServicePeriod,
)

_QUALIFICATIONS = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
_UNDERSTOOD = frozenset(
    {RECOGNITION, tsl("AdditionalServiceInformation"), f"{{{_QUALIFICATIONS}}}Qualifications"}
)
_CRITICAL = ("true", "1")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadService:
    """A service, and the plain data of its recognition conditions; None where it has none."""

    listed: ListedService
    conditions: dict[str, Any] | None


def services_of(root: etree._Element) -> tuple[ReadService, ...]:
    """The services of every provider, in order; TrustListRefused (MALFORMED) names what is missing."""
    providers = optional(root, tsl("TrustServiceProviderList"))
    return () if providers is None else tuple(_services(providers))


def _services(providers: etree._Element) -> Iterator[ReadService]:
    for provider in providers.iterchildren(tsl("TrustServiceProvider")):
        info = one(provider, tsl("TSPInformation"))
        names = names_of(info, "TSPName")
        require_address(info, "TSPAddress")
        one(one(info, tsl("TSPInformationURI")), tsl("URI"))
        blocking = unknown_critical(info, "TSPInformationExtensions")
        for service in one(provider, tsl("TSPServices")).iterchildren(tsl("TSPService")):
            yield _service(service, names, blocking)


def _service(service: etree._Element, provider: MultilingualText, blocking: tuple[str, ...]) -> ReadService:
    info = one(service, tsl("ServiceInformation"))
    instances = optional(service, tsl("ServiceHistory"))
    former = [] if instances is None else list(instances.iterchildren(tsl("ServiceHistoryInstance")))
    unknown = [unknown_critical(part, "ServiceInformationExtensions") for part in (info, *former)]
    conditions = info.findall(f"{tsl('ServiceInformationExtensions')}/{tsl('Extension')}/{RECOGNITION}")
    if len(conditions) > 1:
        raise malformed("Recognition", "stands twice")
    listed = ListedService(
        provider=provider,
        current=_period(info),
        history=tuple(_period(instance) for instance in former),
        qualifiers=tuple(_qualifiers(info)),
        unknown_critical=(*blocking, *(name for names in unknown for name in names)),
    )
    return ReadService(listed=listed, conditions=read_conditions(conditions[0]) if conditions else None)


def _period(part: etree._Element) -> ServicePeriod:
    return ServicePeriod(
        service_type=text_of(one(part, tsl("ServiceTypeIdentifier"))),
        names=names_of(part, "ServiceName"),
        certificates=_certificates(one(part, tsl("ServiceDigitalIdentity"))),
        status=text_of(one(part, tsl("ServiceStatus"))),
        since=time_in(one(part, tsl("StatusStartingTime"))),
    )


def _certificates(identity: etree._Element) -> frozenset[str]:
    """SHA-256 of each certificate; names and key identifiers beside them identify nothing for us."""
    found: set[str] = set()
    for digital_id in identity.iterchildren(tsl("DigitalId")):
        for element in digital_id.iterchildren(tsl("X509Certificate")):
            try:
                der = b64decode("".join(text_of(element).split()), validate=True)
            except (binascii.Error, ValueError) as error:
                raise malformed("X509Certificate", "not base64") from error
            found.add(sha256(der).hexdigest())
        for pin in digital_id.iterfind(f"{tsl('Other')}/{PIN}"):
            if not _SHA256.fullmatch(pin.get("sha256", "")):
                raise malformed("Pin", "not a SHA-256")
            found.add(pin.get("sha256", ""))
    return frozenset(found)


def _qualifiers(info: etree._Element) -> Iterator[str]:
    extensions = f"{tsl('ServiceInformationExtensions')}/{tsl('Extension')}"
    for element in info.iterfind(f"{extensions}/{tsl('AdditionalServiceInformation')}/{tsl('URI')}"):
        yield text_of(element)
    for element in info.iterfind(f"{extensions}//{{{_QUALIFICATIONS}}}Qualifier"):
        yield element.get("uri", "")


def unknown_critical(part: etree._Element, name: str) -> tuple[str, ...]:
    """Names of critical extensions under ``name`` that are not understood; "Extension" for an empty one."""
    extensions = optional(part, tsl(name))
    if extensions is None:
        return ()
    return tuple(
        unknown
        for extension in extensions.iterchildren(tsl("Extension"))
        if extension.get("Critical", "").strip() in _CRITICAL
        for unknown in _not_understood(extension)
    )


def _not_understood(extension: etree._Element) -> Iterator[str]:
    content = list(children(extension))
    if not content:
        yield "Extension"
    for element in content:
        if element.tag not in _UNDERSTOOD:
            yield etree.QName(element).localname


def names_of(part: etree._Element, name: str) -> MultilingualText:
    """(language, text) of a multilingual name, at least one."""
    names = [
        (element.get(XML_LANG, ""), element.text or "")
        for element in one(part, tsl(name)).iterchildren(tsl("Name"))
    ]
    if not names or not all(text.strip() for _, text in names):
        raise malformed(name, "has no name")
    return tuple(names)


def require_address(part: etree._Element, name: str) -> None:
    """Nothing when the address has its two mandatory parts."""
    address = one(part, tsl(name))
    for kind in ("PostalAddresses", "ElectronicAddress"):
        one(address, tsl(kind))


def time_in(element: etree._Element) -> datetime:
    """The element's time, in UTC."""
    try:
        return time_of(text_of(element))
    except UnusableValue as error:
        raise malformed(etree.QName(element).localname, error.en) from error
