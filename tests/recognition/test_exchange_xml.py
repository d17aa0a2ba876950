"""TS 119 612: our lists there and back; what is tampered with, wrapped or hostile is refused by name."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from lxml import etree

from ca_bridge.adapters import trust_list_xml_parse
from ca_bridge.adapters.trust_list_xml import read_xml
from ca_bridge.adapters.trust_list_xml_tags import DS, OURS, SIGNATURE, TSL, tsl
from ca_bridge.adapters.trust_list_xml_write import list_tree
from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.listed_service import ServiceStanding
from tests.recognition.exchange import (
    ISSUED,
    NOW,
    PUBLISHER,
    SINCE,
    certificate_of,
    entry,
    published,
    read,
    signed,
    signer,
    trust_list,
)

_SIGNED = published(trust_list())


def refused(raw: bytes, code: ExchangeCode, **kwargs) -> TrustListRefused:
    with pytest.raises(TrustListRefused) as caught:
        read(raw, **kwargs)
    assert caught.value.code is code, caught.value
    return caught.value


def tree():
    return list_tree(trust_list(), PUBLISHER, certificate_of)


@pytest.mark.parametrize("kind", ["ec", "p384", "rsa"])
def test_round_trip(kind: str) -> None:
    by = signer(kind)
    value = trust_list()
    assert read(published(value, by), by).trust_list == value


@pytest.mark.parametrize("status", RecognitionStatus)
def test_round_trip_of_each_status(status: RecognitionStatus) -> None:
    value = trust_list(
        entries=(entry(status=status), entry(identifier="b", authority="GDCA")), next_update=None
    )
    back = read(published(value))
    assert back.trust_list == value
    expected = ServiceStanding.RECOGNISED if status == "active" else ServiceStanding.NOT_RECOGNISED
    assert back.services[0].status_at(NOW) is expected


def test_empty_list_round_trip() -> None:
    value = trust_list(entries=())
    assert read(published(value)).trust_list == value


def test_history_is_in_the_standard_elements() -> None:
    service = read(_SIGNED).services[0]
    assert service.status_at(datetime(2015, 7, 10, tzinfo=UTC)) is ServiceStanding.NOT_LISTED
    former, current = service.period_at(SINCE), service.period_at(NOW)
    assert former is not None
    assert former.certificates == {entry().history[0].issuers[0].sha256}
    assert current is not None
    assert current.certificates == {one.sha256 for one in entry().issuers}
    assert current.since == datetime(2018, 1, 1, tzinfo=UTC)


def test_every_text_is_signed() -> None:
    count = 0
    size = len(list(etree.fromstring(_SIGNED).iter()))
    for index in range(size):
        root = etree.fromstring(_SIGNED)
        element = list(root.iter())[index]
        if not (element.text or "").strip():
            continue
        element.text = ("A" if element.text[0] != "A" else "B") + element.text[1:]
        with pytest.raises(TrustListRefused) as caught:
            read(etree.tostring(root))
        signature_value = element.tag == f"{{{DS}}}X509Certificate"
        expected = ExchangeCode.SIGNER_NOT_PINNED if signature_value else ExchangeCode.SIGNATURE_INVALID
        assert caught.value.code is expected, element.tag
        count += 1
    assert count > 80


def test_every_attribute_of_the_list_is_signed() -> None:
    size = len(list(etree.fromstring(_SIGNED).iter()))
    for index in range(size):
        for name in list(etree.fromstring(_SIGNED).iter())[index].attrib:
            root = etree.fromstring(_SIGNED)
            list(root.iter())[index].set(name, "changed")
            refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)


def test_signature_removed() -> None:
    root = etree.fromstring(_SIGNED)
    root.remove(root.find(SIGNATURE))
    refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)


def test_two_signatures() -> None:
    root = etree.fromstring(_SIGNED)
    root.append(etree.fromstring(etree.tostring(root.find(SIGNATURE))))
    refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)


def test_wrong_signer() -> None:
    other = signer("ec", "Somebody else")
    refused(published(trust_list(), other), ExchangeCode.SIGNER_NOT_PINNED)


def test_pinned_certificate_put_beside_the_wrong_signer() -> None:
    root = etree.fromstring(published(trust_list(), signer("ec", "Somebody else")))
    certificate = root.find(f".//{{{DS}}}X509Certificate")
    pinned = etree.fromstring(_SIGNED).find(f".//{{{DS}}}X509Certificate")
    certificate.addprevious(pinned)
    refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)


def test_signer_certificate_expired() -> None:
    by = signer("ec", "Short-lived", datetime(2026, 2, 20, tzinfo=UTC))
    with pytest.raises(TrustListRefused) as caught:
        read(published(trust_list(), by), by)
    assert caught.value.code is ExchangeCode.SIGNATURE_INVALID
    assert read(published(trust_list(), by), by, now=ISSUED).trust_list == trust_list()


def test_wrapped_in_a_forged_list() -> None:
    """The signed list moves below a forged one: the signature is no child of the root any more."""
    forged = list_tree(trust_list(sequence_number=99), PUBLISHER, certificate_of)
    etree.SubElement(forged, "Wrapper").append(etree.fromstring(_SIGNED))
    refused(etree.tostring(forged), ExchangeCode.SIGNATURE_INVALID)


def test_signature_moved_to_a_forged_list_with_the_signed_one_beside() -> None:
    forged = list_tree(trust_list(sequence_number=99), PUBLISHER, certificate_of)
    original = etree.fromstring(_SIGNED)
    signature = original.find(SIGNATURE)
    original.remove(signature)
    original.set("Id", "signed")
    etree.SubElement(forged, "Wrapper").append(original)
    reference = signature.find(f".//{{{DS}}}Reference")
    forged.append(signature)
    refused(etree.tostring(forged), ExchangeCode.SIGNATURE_INVALID)
    reference.set("URI", "#signed")
    refused(etree.tostring(forged), ExchangeCode.SIGNATURE_INVALID)


@pytest.mark.parametrize("uri", ["http://example.test/x", "file:///etc/passwd", "#xpointer(/)", "other"])
def test_external_reference(uri: str) -> None:
    root = etree.fromstring(_SIGNED)
    references = root.findall(f".//{{{DS}}}Reference")
    references[-1].set("URI", uri)
    assert "outside" in refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID).message_en


@pytest.mark.parametrize(
    "algorithm",
    ["http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/TR/1999/REC-xpath-19991116", "x"],
)
def test_other_transform(algorithm: str) -> None:
    root = etree.fromstring(_SIGNED)
    transforms = root.find(f".//{{{DS}}}Transforms")
    etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=algorithm)
    assert "transform" in refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID).message_en


@pytest.mark.parametrize(
    ("element", "algorithm"),
    [
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("SignatureMethod", "nothing"),
        ("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
    ],
)
def test_weak_algorithms(element: str, algorithm: str) -> None:
    root = etree.fromstring(_SIGNED)
    root.find(f".//{{{DS}}}{element}").set("Algorithm", algorithm)
    refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)


def test_references_missing_or_too_many() -> None:
    root = etree.fromstring(_SIGNED)
    info = root.find(f".//{{{DS}}}SignedInfo")
    references = info.findall(f"{{{DS}}}Reference")
    for _ in range(8):
        info.append(etree.fromstring(etree.tostring(references[1])))
    refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID)
    root = etree.fromstring(_SIGNED)
    info = root.find(f".//{{{DS}}}SignedInfo")
    info.remove(info.findall(f"{{{DS}}}Reference")[1])
    assert "properties" in refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID).message_en
    root = etree.fromstring(_SIGNED)
    transforms = root.find(f".//{{{DS}}}Transforms")
    transforms.remove(transforms[0])
    assert "enveloped" in refused(etree.tostring(root), ExchangeCode.SIGNATURE_INVALID).message_en


def test_key_info_without_usable_certificates() -> None:
    root = etree.fromstring(_SIGNED)
    root.find(f".//{{{DS}}}X509Certificate").text = "%%%"
    refused(etree.tostring(root), ExchangeCode.SIGNER_NOT_PINNED)


def test_pinned_certificate_that_is_none() -> None:
    root = etree.fromstring(_SIGNED)
    root.find(f".//{{{DS}}}X509Certificate").text = b64encode(b"none").decode()
    with pytest.raises(TrustListRefused) as caught:
        read_xml(etree.tostring(root), {sha256(b"none").hexdigest()}, NOW)
    assert caught.value.code is ExchangeCode.SIGNATURE_INVALID


_BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#">&b;</TrustServiceStatusList>"""


@pytest.mark.parametrize(
    "raw",
    [
        _BOMB,
        _BOMB.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16"),
        _BOMB.decode().replace('version="1.0"', 'version="1.0" encoding="utf-32"').encode("utf-32"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_doctype(raw: bytes) -> None:
    with pytest.raises(TrustListRefused) as caught:
        read(raw)
    assert caught.value.code in (ExchangeCode.DOCTYPE, ExchangeCode.MALFORMED)


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    refused(b"<a>" * 65 + b"</a>" * 65, ExchangeCode.TOO_LARGE)
    monkeypatch.setattr(trust_list_xml_parse, "MAX_ELEMENTS", 10)
    refused(_SIGNED, ExchangeCode.TOO_LARGE)
    monkeypatch.setattr(trust_list_xml_parse, "MAX_BYTES", 100)
    refused(_SIGNED, ExchangeCode.TOO_LARGE)


@pytest.mark.parametrize(
    "raw", [b"", b"<a", b"<a/>", b"<a><?pi x?></a>", b"\xff\xfe\x00", "名".encode("gbk")]
)
def test_not_a_list(raw: bytes) -> None:
    refused(raw, ExchangeCode.MALFORMED)


@pytest.mark.parametrize(
    "path",
    [
        "SchemeInformation",
        "SchemeInformation/TSLVersionIdentifier",
        "SchemeInformation/TSLSequenceNumber",
        "SchemeInformation/TSLType",
        "SchemeInformation/SchemeOperatorName",
        "SchemeInformation/SchemeOperatorAddress",
        "SchemeInformation/SchemeOperatorAddress/PostalAddresses",
        "SchemeInformation/SchemeOperatorAddress/ElectronicAddress",
        "SchemeInformation/SchemeName",
        "SchemeInformation/SchemeInformationURI",
        "SchemeInformation/StatusDeterminationApproach",
        "SchemeInformation/HistoricalInformationPeriod",
        "SchemeInformation/ListIssueDateTime",
        "SchemeInformation/NextUpdate",
        "TrustServiceProviderList/TrustServiceProvider/TSPInformation",
        "TrustServiceProviderList/TrustServiceProvider/TSPInformation/TSPName",
        "TrustServiceProviderList/TrustServiceProvider/TSPInformation/TSPAddress",
        "TrustServiceProviderList/TrustServiceProvider/TSPInformation/TSPInformationURI",
        "TrustServiceProviderList/TrustServiceProvider/TSPServices",
        "TrustServiceProviderList/TrustServiceProvider/TSPServices/TSPService/ServiceInformation",
        *(
            f"TrustServiceProviderList/TrustServiceProvider/TSPServices/TSPService/{part}/{name}"
            for part in ("ServiceInformation", "ServiceHistory/ServiceHistoryInstance")
            for name in (
                "ServiceTypeIdentifier",
                "ServiceName",
                "ServiceDigitalIdentity",
                "ServiceStatus",
                "StatusStartingTime",
            )
        ),
    ],
)
def test_each_mandatory_element(path: str) -> None:
    root = tree()
    element = root.find("/".join(tsl(name) for name in path.split("/")))
    element.getparent().remove(element)
    fault = refused(signed(root), ExchangeCode.MALFORMED)
    assert fault.params == {"element": path.rpartition("/")[2], "why": "missing"}


@pytest.mark.parametrize(
    ("path", "text", "element"),
    [
        ("TSLVersionIdentifier", "4", "TSLVersionIdentifier"),
        ("TSLSequenceNumber", "-1", "TSLSequenceNumber"),
        ("TSLType", " ", "TSLType"),
        ("ListIssueDateTime", "yesterday", "ListIssueDateTime"),
        ("SchemeOperatorName/{t}Name", " ", "SchemeOperatorName"),
        ("SchemeExtensions/{t}Extension/{o}List", "../x", "trust_list.trust_list"),
    ],
)
def test_unreadable_scheme_elements(path: str, text: str, element: str) -> None:
    root = tree()
    where = path.replace("{t}", f"{{{TSL}}}").replace("{o}", f"{{{OURS}}}")
    root.find(f"{tsl('SchemeInformation')}/{tsl('')}{where}").text = text
    assert refused(signed(root), ExchangeCode.MALFORMED).params["element"] == element


def test_element_twice() -> None:
    root = tree()
    info = root.find(tsl("SchemeInformation"))
    info.append(etree.fromstring(etree.tostring(info.find(tsl("SchemeTerritory")))))
    fault = refused(signed(root), ExchangeCode.MALFORMED)
    assert fault.params == {"element": "SchemeTerritory", "why": "stands twice"}


def test_element_where_text_should_be() -> None:
    root = tree()
    etree.SubElement(root.find(f".//{tsl('TSLType')}"), "x")
    assert refused(signed(root), ExchangeCode.MALFORMED).params["element"] == "TSLType"


def recognition(root, path: str = ""):
    return root.find(f".//{{{OURS}}}Recognition" + "".join(f"/{{{OURS}}}{n}" for n in path.split("/") if n))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("status", "accepted"),
        ("status", "suspended"),
        ("recognised_from", "2015-07-10T16:00:01Z"),
        ("title/en", "Another"),
        ("authority", "Another"),
        ("issuers/item/sha256", "0" * 64),
        ("history/item/issuers/item/sha256", "0" * 64),
        ("policy_arcs/item", "2.999.x"),
        ("conditions/max_status_age_s", "1.5"),
        ("conditions/revocation", "some"),
        ("recognised_from", "yesterday"),
    ],
)
def test_conditions_that_disagree_or_cannot_be_read(path: str, text: str) -> None:
    root = tree()
    if path == "recognised_from":
        history = recognition(root, "history")
        history.getparent().remove(history)
    recognition(root, path).text = text
    refused(signed(root), ExchangeCode.MALFORMED)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: etree.SubElement(r, f"{{{OURS}}}surprise"),
        lambda r: etree.SubElement(r, f"{{{TSL}}}level"),
        lambda r: etree.SubElement(r, f"{{{OURS}}}level"),
        lambda r: etree.SubElement(r.find(f"{{{OURS}}}sources"), f"{{{OURS}}}other"),
        lambda r: etree.SubElement(r.find(f"{{{OURS}}}level"), f"{{{OURS}}}x"),
        lambda r: r.remove(r.find(f"{{{OURS}}}roots")),
        lambda r: r.addnext(etree.fromstring(etree.tostring(r))),
    ],
)
def test_conditions_of_another_form(change) -> None:
    root = tree()
    change(recognition(root))
    refused(signed(root), ExchangeCode.MALFORMED)


def _extension(parent, critical: str, tag: str | None) -> None:
    extension = etree.SubElement(parent, tsl("Extension"), Critical=critical)
    if tag:
        etree.SubElement(extension, tag).text = "x"


@pytest.mark.parametrize("tag", ["{urn:other}Rule", None])
@pytest.mark.parametrize(
    "place", ["ServiceInformationExtensions", "SchemeExtensions", "TSPInformationExtensions"]
)
@pytest.mark.parametrize("critical", ["true", "1", " true "])
def test_unknown_critical_extension(place: str, critical: str, tag: str | None) -> None:
    root = tree()
    parent = root.find(f".//{tsl(place)}")
    if parent is None:
        parent = etree.SubElement(root.find(f".//{tsl('TSPInformation')}"), tsl(place))
    _extension(parent, critical, tag)
    fault = refused(signed(root), ExchangeCode.CRITICAL_EXTENSION_UNKNOWN)
    assert ("Rule" if tag else "Extension") in fault.message_en


def test_unknown_extension_that_is_not_critical() -> None:
    root = tree()
    _extension(root.find(f".//{tsl('ServiceInformationExtensions')}"), "false", "{urn:other}Rule")
    _extension(root.find(f".//{tsl('SchemeExtensions')}"), "false", "{urn:other}Rule")
    assert read(signed(root)).trust_list == trust_list()


def test_comments_change_nothing() -> None:
    """What is read is what was canonicalized: a comment cannot cut a text in two (CVE-2017-11427)."""
    raw = _SIGNED.replace(b"Postmaster General", b"Postmaster<!-- x --> General")
    assert read(raw).trust_list == trust_list()


def test_bad_certificates_and_pins() -> None:
    root = tree()
    root.find(f".//{tsl('X509Certificate')}").text = "%"
    assert refused(signed(root), ExchangeCode.MALFORMED).params["element"] == "X509Certificate"
    root = tree()
    root.find(f".//{{{OURS}}}Pin").set("sha256", "beef")
    assert refused(signed(root), ExchangeCode.MALFORMED).params["element"] == "Pin"


def test_text_that_xml_cannot_hold() -> None:
    value = replace(trust_list(), title_en="bell \x07")
    with pytest.raises(TrustListRefused) as caught:
        published(value)
    assert caught.value.code is ExchangeCode.MALFORMED
