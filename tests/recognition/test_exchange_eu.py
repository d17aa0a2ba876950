"""A list as EU schemes publish it, from the schema's elements: several providers, statuses, history."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from lxml import etree

from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.listed_service import ServiceStanding
from tests.recognition.exchange import ca_der, read, signed

STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
OLD_STATUS = "http://uri.etsi.org/TrstSvc/eSigDir-1999-93-EC-TrustedList/Svcstatus/"
QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
FOR_SIGNATURES = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"
QUALIFIER = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/QCWithQSCD"


def names(tag: str, **texts: str) -> str:
    inner = "".join(f'<Name xml:lang="{lang}">{text}</Name>' for lang, text in texts.items())
    return f"<{tag}>{inner}</{tag}>"


def uris(tag: str) -> str:
    return f'<{tag}><URI xml:lang="en">https://example.test/{tag}</URI></{tag}>'


def address(tag: str) -> str:
    return (
        f'<{tag}><PostalAddresses><PostalAddress xml:lang="en"><StreetAddress>1 Street</StreetAddress>'
        "<Locality>Town</Locality><PostalCode>1000</PostalCode><CountryName>XA</CountryName></PostalAddress>"
        f"</PostalAddresses>{uris('ElectronicAddress')}</{tag}>"
    )


def identity(*cas: str) -> str:
    ids = "".join(
        f"<DigitalId><X509Certificate>{b64encode(ca_der(ca)).decode()}</X509Certificate></DigitalId>"
        f"<DigitalId><X509SubjectName>CN={ca}</X509SubjectName></DigitalId>"
        "<DigitalId><X509SKI>AQIDBA==</X509SKI></DigitalId>"
        for ca in cas
    )
    return f"<ServiceDigitalIdentity>{ids}</ServiceDigitalIdentity>"


def period(status: str, since: str, ca: str) -> str:
    return (
        f"<ServiceTypeIdentifier>{QC}</ServiceTypeIdentifier>"
        f"{names('ServiceName', en=f'Issuing of certificates by {ca}', fr=f'Émission par {ca}')}"
        f"{identity(ca)}<ServiceStatus>{status}</ServiceStatus>"
        f"<StatusStartingTime>{since}</StatusStartingTime>"
    )


def extension(content: str, critical: str = "false") -> str:
    return f'<Extension Critical="{critical}">{content}</Extension>'


QUALIFICATIONS = extension(
    '<sie:Qualifications xmlns:sie="http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#">'
    f'<sie:QualificationElement><sie:Qualifiers><sie:Qualifier uri="{QUALIFIER}"/></sie:Qualifiers>'
    '<sie:CriteriaList assert="all"><sie:KeyUsage><sie:KeyUsageBit name="nonRepudiation">true'
    "</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList></sie:QualificationElement></sie:Qualifications>",
    "true",
)
ADDITIONAL = extension(
    f'<AdditionalServiceInformation><URI xml:lang="en">{FOR_SIGNATURES}</URI></AdditionalServiceInformation>',
    "true",
)
TAKEN_OVER = extension('<x:TakenOverBy xmlns:x="http://uri.etsi.org/02231/v2/additionaltypes#"/>')


def service(current: str, extensions: str = "", *history: str) -> str:
    inner = f"<ServiceInformationExtensions>{extensions}</ServiceInformationExtensions>" if extensions else ""
    instances = "".join(f"<ServiceHistoryInstance>{one}</ServiceHistoryInstance>" for one in history)
    past = f"<ServiceHistory>{instances}</ServiceHistory>" if history else ""
    return f"<TSPService><ServiceInformation>{current}{inner}</ServiceInformation>{past}</TSPService>"


def provider(name: str, *services: str) -> str:
    return (
        f"<TrustServiceProvider><TSPInformation>{names('TSPName', en=name, de=f'{name} GmbH')}"
        f"{names('TSPTradeName', en='VATXA-1')}{address('TSPAddress')}{uris('TSPInformationURI')}"
        f"</TSPInformation><TSPServices>{''.join(services)}</TSPServices></TrustServiceProvider>"
    )


RENEWED = service(
    period(f"{STATUS}granted", "2021-05-01T00:00:00Z", "QC CA 2"),
    ADDITIONAL + QUALIFICATIONS + TAKEN_OVER,
    period(f"{STATUS}withdrawn", "2020-01-01T00:00:00Z", "QC CA 1"),
    period(f"{STATUS}granted", "2016-06-30T22:00:00Z", "QC CA 1"),
    period(f"{OLD_STATUS}accredited", "2012-03-01T00:00:00Z", "QC CA 1"),
    period(f"{OLD_STATUS}supervisionrevoked", "2011-01-01T00:00:00Z", "QC CA 0"),
)
WITHDRAWN = service(period(f"{STATUS}withdrawn", "2019-01-01T00:00:00Z", "Old CA"))
NATIONAL = service(period(f"{STATUS}recognisedatnationallevel", "2017-01-01T00:00:00Z", "National CA"))
NEW_STATUS = service(period(f"{STATUS}somethingnew", "2017-01-01T00:00:00Z", "New CA"))
CRITICAL = service(
    period(f"{STATUS}granted", "2017-01-01T00:00:00Z", "Odd CA"),
    extension('<o:Rule xmlns:o="urn:other"/>', "true"),
)


def eu_list(*providers: str, version: str = "5") -> bytes:
    pointer = (
        f"<OtherTSLPointer><ServiceDigitalIdentities>{identity('Other operator')}</ServiceDigitalIdentities>"
        "<TSLLocation>https://example.test/lotl.xml</TSLLocation></OtherTSLPointer>"
    )
    text = (
        '<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list-1" '
        'TSLTag="http://uri.etsi.org/19612/TSLTag"><SchemeInformation>'
        f"<TSLVersionIdentifier>{version}</TSLVersionIdentifier><TSLSequenceNumber>131</TSLSequenceNumber>"
        "<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>"
        f"{names('SchemeOperatorName', en='Supervisory body', fr='Organe de contrôle')}"
        f"{address('SchemeOperatorAddress')}{names('SchemeName', en='XA:Trusted list', fr='XA:Liste')}"
        f"{uris('SchemeInformationURI')}"
        "<StatusDeterminationApproach>http://uri.etsi.org/TrstSvc/TrustedList/StatusDetn/EUappropriate"
        f"</StatusDeterminationApproach>{uris('SchemeTypeCommunityRules')}"
        "<SchemeTerritory>XA</SchemeTerritory><PolicyOrLegalNotice><TSLLegalNotice xml:lang='en'>Notice"
        "</TSLLegalNotice></PolicyOrLegalNotice><HistoricalInformationPeriod>65535"
        f"</HistoricalInformationPeriod><PointersToOtherTSL>{pointer}</PointersToOtherTSL>"
        "<ListIssueDateTime>2026-02-10T08:00:00Z</ListIssueDateTime><NextUpdate><dateTime>"
        "2026-08-01T00:00:00Z</dateTime></NextUpdate></SchemeInformation><TrustServiceProviderList>"
        f"{''.join(providers)}</TrustServiceProviderList></TrustServiceStatusList>"
    )
    return signed(etree.fromstring(text))


LIST = eu_list(provider("First", RENEWED, WITHDRAWN), provider("Second", NATIONAL, NEW_STATUS, CRITICAL))


def at(year: int, month: int = 6, day: int = 15) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize("version", ["5", "6"])
def test_scheme(version: str) -> None:
    found = read(eu_list(version=version))
    assert found.scheme_operator == (("en", "Supervisory body"), ("fr", "Organe de contrôle"))
    assert (found.territory, found.sequence_number) == ("XA", 131)
    assert found.issued == datetime(2026, 2, 10, 8, tzinfo=UTC)
    assert found.next_update == datetime(2026, 8, 1, tzinfo=UTC)
    assert found.pointers == ("https://example.test/lotl.xml",)


def test_services_and_their_names() -> None:
    services = read(LIST).services
    assert [s.provider[1] for s in services] == [("de", "First GmbH")] * 2 + [("de", "Second GmbH")] * 3
    assert services[0].current.names[1] == ("fr", "Émission par QC CA 2")
    assert services[0].current.certificates == {sha256(ca_der("QC CA 2")).hexdigest()}
    assert services[0].qualifiers == (FOR_SIGNATURES, QUALIFIER)
    assert [len(s.history) for s in services] == [4, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("instant", "standing", "authority"),
    [
        (at(2010), ServiceStanding.NOT_LISTED, None),
        (at(2011), ServiceStanding.NOT_RECOGNISED, "QC CA 0"),
        (at(2012, 2, 29), ServiceStanding.NOT_RECOGNISED, "QC CA 0"),
        (at(2012, 3, 1), ServiceStanding.RECOGNISED, "QC CA 1"),
        (at(2018), ServiceStanding.RECOGNISED, "QC CA 1"),
        (at(2020, 1, 1), ServiceStanding.NOT_RECOGNISED, "QC CA 1"),
        (at(2021, 4, 30), ServiceStanding.NOT_RECOGNISED, "QC CA 1"),
        (at(2021, 5, 1), ServiceStanding.RECOGNISED, "QC CA 2"),
        (at(2026), ServiceStanding.RECOGNISED, "QC CA 2"),
    ],
)
def test_history(instant: datetime, standing: ServiceStanding, authority: str | None) -> None:
    renewed = read(LIST).services[0]
    assert renewed.status_at(instant) is standing
    period_then = renewed.period_at(instant)
    expected = None if authority is None else frozenset({sha256(ca_der(authority)).hexdigest()})
    assert (None if period_then is None else period_then.certificates) == expected


def test_other_statuses() -> None:
    _, withdrawn, national, new, critical = read(LIST).services
    assert withdrawn.status_at(at(2026)) is ServiceStanding.NOT_RECOGNISED
    assert national.status_at(at(2026)) is ServiceStanding.RECOGNISED
    assert new.status_at(at(2026)) is ServiceStanding.NOT_RECOGNISED
    assert critical.unknown_critical == ("Rule",)
    assert critical.status_at(at(2026)) is ServiceStanding.NOT_RECOGNISED


def test_it_has_no_recognition_conditions() -> None:
    with pytest.raises(TrustListRefused) as caught:
        read(LIST).with_conditions()
    assert caught.value.code is ExchangeCode.NO_RECOGNITION_CONDITIONS
    assert caught.value.params == {"element": "SchemeExtensions/List"}


def test_one_service_without_conditions_among_ours() -> None:
    from ca_bridge.adapters.trust_list_xml_tags import RECOGNITION
    from ca_bridge.adapters.trust_list_xml_write import list_tree
    from tests.recognition.exchange import PUBLISHER, certificate_of, trust_list

    root = list_tree(trust_list(), PUBLISHER, certificate_of)
    conditions = root.find(f".//{RECOGNITION}").getparent()
    conditions.getparent().remove(conditions)
    with pytest.raises(TrustListRefused) as caught:
        read(signed(root)).with_conditions()
    assert caught.value.params == {"element": "TSPService 1"}
