"""Trust lists written as ETSI TS 119 612 v2 XML (TSLVersionIdentifier 5), unsigned.

An entry becomes a TSPService twice said: in the standard's elements, derived by ``service_of``, and in
full in a critical extension of our own, so that a reader who does not know it relies on nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Any

from lxml import etree

from ca_bridge.adapters.trust_list_xml_conditions import write_conditions
from ca_bridge.adapters.trust_list_xml_tags import LIST, OURS, PIN, ROOT, TSL, TSL_TAG, XML_LANG, tsl
from ca_bridge.core.recognition.trust_list import TrustList, TrustListEntry
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.trust_list_exchange.entry_service import service_of
from ca_bridge.services.trust_list_exchange.errors import malformed
from ca_bridge.services.trust_list_exchange.listed_service import MultilingualText, ServicePeriod
from ca_bridge.services.trust_list_exchange.plain_data import entry_data
from ca_bridge.services.trust_list_exchange.publishing import SchemePublisher

CertificateOf = Callable[[str], bytes | None]
"""DER of the certificate with this SHA-256 (lower-case hex); None when it is not at hand."""

_TRUSTED_LIST = "http://uri.etsi.org/TrstSvc/TrustedList"
# The stubs know no default namespace; lxml does.
_NAMESPACES: Any = {None: TSL, "cab": OURS}
_VERSION = 5
_WHOLE_HISTORY = 65535


def list_tree(
    trust_list: TrustList, publisher: SchemePublisher, certificate_of: CertificateOf
) -> etree._Element:
    """The list as a tree to sign; TrustListRefused (MALFORMED) for text that XML cannot hold."""
    root = etree.Element(ROOT, nsmap=_NAMESPACES, TSLTag=TSL_TAG)
    try:
        _scheme(etree.SubElement(root, tsl("SchemeInformation")), trust_list, publisher)
        if trust_list.entries:
            providers = etree.SubElement(root, tsl("TrustServiceProviderList"))
            for authority, entries in groupby(trust_list.entries, key=lambda entry: entry.authority):
                services = _provider(providers, authority, publisher)
                for entry in entries:
                    _service(services, entry, trust_list.issued, certificate_of)
    except ValueError as error:
        raise malformed(trust_list.identifier, str(error)) from error
    return root


def _scheme(info: etree._Element, trust_list: TrustList, publisher: SchemePublisher) -> None:
    country = trust_list.territory[:2]
    _leaf(info, "TSLVersionIdentifier", str(_VERSION))
    _leaf(info, "TSLSequenceNumber", str(trust_list.sequence_number))
    _leaf(info, "TSLType", f"{_TRUSTED_LIST}/TSLType/{country}list")
    _names(info, "SchemeOperatorName", (("en", trust_list.scheme_operator),))
    _address(info, "SchemeOperatorAddress", publisher)
    titles = (("en", trust_list.title_en), ("zh", trust_list.title_zh))
    _names(info, "SchemeName", tuple((lang, f"{trust_list.territory}:{title}") for lang, title in titles))
    _uri(info, "SchemeInformationURI", publisher.information_uri)
    _leaf(info, "StatusDeterminationApproach", f"{_TRUSTED_LIST}/StatusDetn/{country}determination")
    _uri(info, "SchemeTypeCommunityRules", f"{_TRUSTED_LIST}/schemerules/{country}")
    _leaf(info, "SchemeTerritory", trust_list.territory)
    notice = etree.SubElement(info, tsl("PolicyOrLegalNotice"))
    for lang, text in (("en", publisher.legal_notice_en), ("zh", publisher.legal_notice_zh)):
        _leaf(notice, "TSLLegalNotice", text, lang)
    _leaf(info, "HistoricalInformationPeriod", str(_WHOLE_HISTORY))
    _leaf(info, "ListIssueDateTime", time_text(trust_list.issued))
    update = etree.SubElement(info, tsl("NextUpdate"))
    if trust_list.next_update is not None:
        _leaf(update, "dateTime", time_text(trust_list.next_update))
    extension = _leaf(etree.SubElement(info, tsl("SchemeExtensions")), "Extension")
    extension.set("Critical", "false")
    etree.SubElement(extension, LIST).text = trust_list.identifier


def _provider(providers: etree._Element, authority: str, publisher: SchemePublisher) -> etree._Element:
    """A provider with its information; its services' element."""
    provider = etree.SubElement(providers, tsl("TrustServiceProvider"))
    info = etree.SubElement(provider, tsl("TSPInformation"))
    _names(info, "TSPName", (("en", authority),))
    _address(info, "TSPAddress", publisher)
    _uri(info, "TSPInformationURI", publisher.information_uri)
    return etree.SubElement(provider, tsl("TSPServices"))


def _service(
    services: etree._Element, entry: TrustListEntry, issued: datetime, certificate_of: CertificateOf
) -> None:
    service = etree.SubElement(services, tsl("TSPService"))
    info = etree.SubElement(service, tsl("ServiceInformation"))
    listed = service_of(entry, issued)
    _period(info, listed.current, certificate_of)
    extension = _leaf(etree.SubElement(info, tsl("ServiceInformationExtensions")), "Extension")
    extension.set("Critical", "true")
    write_conditions(extension, entry_data(entry))
    if listed.history:
        history = etree.SubElement(service, tsl("ServiceHistory"))
        for period in listed.history:
            _period(etree.SubElement(history, tsl("ServiceHistoryInstance")), period, certificate_of)


def _period(parent: etree._Element, period: ServicePeriod, certificate_of: CertificateOf) -> None:
    _leaf(parent, "ServiceTypeIdentifier", period.service_type)
    _names(parent, "ServiceName", period.names)
    identity = etree.SubElement(parent, tsl("ServiceDigitalIdentity"))
    for sha256 in sorted(period.certificates):
        digital_id = etree.SubElement(identity, tsl("DigitalId"))
        der = certificate_of(sha256)
        if der is not None:
            _leaf(digital_id, "X509Certificate", b64encode(der).decode("ascii"))
        else:
            # A pin whose certificate is not at hand is still an identity, and no key identifier is.
            etree.SubElement(_leaf(digital_id, "Other"), PIN, sha256=sha256)
    _leaf(parent, "ServiceStatus", period.status)
    _leaf(parent, "StatusStartingTime", time_text(period.since))


def _leaf(parent: etree._Element, name: str, text: str | None = None, lang: str = "") -> etree._Element:
    leaf = etree.SubElement(parent, tsl(name))
    leaf.text = text
    if lang:
        leaf.set(XML_LANG, lang)
    return leaf


def _names(parent: etree._Element, name: str, texts: MultilingualText) -> None:
    names = etree.SubElement(parent, tsl(name))
    for lang, text in texts:
        _leaf(names, "Name", text, lang)


def _uri(parent: etree._Element, name: str, uri: str) -> None:
    _leaf(etree.SubElement(parent, tsl(name)), "URI", uri, "en")


def _address(parent: etree._Element, name: str, publisher: SchemePublisher) -> None:
    address = etree.SubElement(parent, tsl(name))
    postal = _leaf(etree.SubElement(address, tsl("PostalAddresses")), "PostalAddress", None, "en")
    _leaf(postal, "StreetAddress", publisher.street)
    _leaf(postal, "Locality", publisher.locality)
    _leaf(postal, "CountryName", publisher.country)
    _uri(address, "ElectronicAddress", publisher.electronic_address)
