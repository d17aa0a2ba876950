"""Supplied trust, descriptions of parsed values, and the full report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ca_bridge import wiring
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.reasons.name_constraints import NAME_NOT_PERMITTED
from ca_bridge.core.request import Parameters, Purpose
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SubjectPublicKeyInfo
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.names import Attribute, GeneralName, GeneralNameType, Name
from ca_bridge.services import describe
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.inspect_material import inspect_material
from ca_bridge.services.messages import Language, message, parameters
from ca_bridge.services.ports import DomainSnapshot, DomainSource
from ca_bridge.services.report import report_fields
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import Question, ValidateCertificate
from tests.fakes.recognition import NO_RULES, RELEASE

ROOT = Path(__file__).resolve().parents[2] / "certs-test"
DEMO = ROOT / "demo"
AT = Parameters(validation_time=datetime(2026, 1, 15, tzinfo=UTC))


def ders(name: str) -> tuple[bytes, ...]:
    return tuple(item.der for item in decode_bundle((DEMO / name).read_bytes()))


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return wiring.gateway()


def question(target: str = "accepted.pem", **changes: object) -> Question:
    asked = Question(
        certificate=ders(target)[0],
        evidence=Evidence(certificates=ders("chain.pem"), crls=ders("crls.pem")),
        parameters=AT,
        trust_anchors=ders("anchor-hk-root.pem"),
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def test_supplied_trust_is_kept_and_bounded(gateway: Gateway) -> None:
    hk, national = ders("anchor-hk-root.pem"), ders("anchor-national-root.pem")
    trust = SuppliedTrust(gateway.engine, remembered=2)
    first = trust.snapshot(hk)
    assert trust.snapshot(hk) is first
    both = trust.snapshot(hk + national)
    assert trust.snapshot(national + hk).snapshot_id == both.snapshot_id != first.snapshot_id
    assert trust.snapshot(hk) is not first
    assert trust.snapshot(hk + hk).snapshot_id == first.snapshot_id
    assert len(trust.snapshot(hk + hk).anchors) == 1
    assert trust.snapshot(()).anchors == ()
    with pytest.raises(UnusableQuestion) as caught:
        trust.snapshot((*hk, b"\x30\x00"))
    assert dict(caught.value.finding.params)["index"] == "1"


def test_snapshot_names_the_algorithm_rules(gateway: Gateway) -> None:
    other = SuppliedTrust(replace(gateway.engine, rules_id="other"))
    hk = ders("anchor-hk-root.pem")
    assert other.snapshot(hk).snapshot_id != SuppliedTrust(gateway.engine).snapshot(hk).snapshot_id


class OneDomain(DomainSource):
    def __init__(self, snapshot: DomainSnapshot) -> None:
        self._snapshot = snapshot

    def current(self) -> DomainSource:
        return self

    def names(self) -> tuple[str, ...]:
        return (self._snapshot.name,)

    def snapshot(self, name: str) -> DomainSnapshot:
        assert name == self._snapshot.name
        return self._snapshot


def under_domain(gateway: Gateway, **changes: object) -> ValidateCertificate:
    trust = SuppliedTrust(gateway.engine)
    domain = DomainSnapshot(
        name="d",
        title_zh="域",
        title_en="d",
        trust=trust.snapshot(ders("anchor-hk-root.pem")),
        base=AT,
        release=RELEASE,
        rules=NO_RULES,
    )
    domain = replace(domain, **changes)  # type: ignore[arg-type]
    return ValidateCertificate(
        supplied_trust=trust, domains=OneDomain(domain), default_domain="d", clock=gateway.clock
    )


def test_a_domain_tightens_and_is_the_default(gateway: Gateway) -> None:
    asked = question(trust_anchors=None)
    assert under_domain(gateway).answer(asked).verdict.indication is Indication.TOTAL_PASSED
    strict = replace(AT, user_initial_policy_set=frozenset({"2.999.9"}), initial_explicit_policy=True)
    refused = under_domain(gateway, base=strict).answer(asked).verdict
    assert refused.findings[0].reason.sub_indication == "CHAIN_CONSTRAINTS_FAILURE"


def test_a_domain_vouches_only_for_its_purposes(gateway: Gateway) -> None:
    only = under_domain(gateway, purposes=frozenset({Purpose.CLIENT_AUTH}))
    asked = question(trust_anchors=None, parameters=replace(AT, purpose=Purpose.CODE_SIGNING))
    verdict = only.answer(asked).verdict
    assert verdict.findings[0].reason.code == "PURPOSE_NOT_IN_DOMAIN"
    assert verdict.indication is Indication.INDETERMINATE


def test_report_explains_acceptance(gateway: Gateway) -> None:
    asked = question()
    report = report_fields("q", asked, gateway.validate.answer(asked))
    assert report["indication"] == "TOTAL_PASSED"
    assert [c["fingerprint"] for c in report["certificates"]] == report["path"]
    assert report["trust_anchor_certificate"]["fingerprint"] == report["trust_anchor"]
    assert report["subject"] == report["certificates"][0]["subject"]
    assert report["identity"]["kind"] in {"org", "person", "unknown"}
    json.dumps(report)


def test_report_of_what_cannot_be_read(gateway: Gateway) -> None:
    asked = question(certificate=b"\x30\x00")
    asked = replace(asked, evidence=Evidence(certificates=(b"\x30\x00", *ders("chain.pem"))))
    report = report_fields(None, asked, gateway.validate.answer(asked))
    assert report["sub_indication"] == "FORMAT_FAILURE"
    assert report["subject"] is None
    assert report["certificates"] == []
    assert report["reasons"][0]["message_zh"] != report["reasons"][0]["message"]


def name(*rdns: tuple[tuple[str, str], ...]) -> Name:
    attributes = tuple(tuple(Attribute(oid, 12, text, b"") for oid, text in rdn) for rdn in rdns)
    return Name(b"", attributes, ())


def test_names_in_words() -> None:
    assert describe.name_text(name()) == "(empty)"
    two = name((("2.5.4.6", "CN"),), (("2.5.4.3", "张"), ("1.2.3", "x")))
    assert describe.name_text(two) == "CN=张+1.2.3=x, C=CN"


def test_personal_numbers_in_names_are_masked() -> None:
    resident = "11010519491231002X"
    shown = describe.name_text(name((("2.5.4.3", f"051@张三@0{resident}@1"),), (("2.5.4.5", resident),)))
    assert resident not in shown
    assert "91440300708461136T" in describe.text_shown("91440300708461136T")
    finding = Finding(reason=NAME_NOT_PERMITTED, params=(("form", "x"), ("name", f"CN=张三 {resident}\x1b")))
    for told in (message(finding, Language.ZH), message(finding, Language.EN), parameters(finding)["name"]):
        assert resident not in told
        assert r"\u{1b}" in told


@pytest.mark.parametrize(
    ("general", "shown"),
    [
        (GeneralName(GeneralNameType.DNS_NAME, text="a.example"), "dns: a.example"),
        (GeneralName(GeneralNameType.IP_ADDRESS, octets=bytes([192, 0, 2, 1])), "ip_address: 192.0.2.1"),
        (
            GeneralName(GeneralNameType.IP_ADDRESS, octets=bytes([10, 0, 0, 0, 255, 0, 0, 0])),
            "ip_address: 10.0.0.0/255.0.0.0",
        ),
        (
            GeneralName(GeneralNameType.IP_ADDRESS, octets=b"\x20\x01" + bytes(14)),
            "ip_address: 2001:0:0:0:0:0:0:0",
        ),
        (GeneralName(GeneralNameType.OTHER_NAME, octets=b"\x01\x02", type_id="1.2.3"), "other 1.2.3: 0102"),
        (GeneralName(GeneralNameType.DIRECTORY_NAME, name=name((("2.5.4.6", "MO"),))), "directory: C=MO"),
        (
            GeneralName(GeneralNameType.X400_ADDRESS, octets=bytes(50)),
            f"x400_address: {'00' * 40}… (50 bytes)",
        ),
    ],
)
def test_general_names_in_words(general: GeneralName, shown: str) -> None:
    assert describe.general_name_text(general) == shown


def test_unknown_algorithms_by_oid() -> None:
    unknown = AlgorithmIdentifier("1.2.3.4", None)
    assert describe.algorithm_text(unknown) == "1.2.3.4"
    assert describe.key_text(SubjectPublicKeyInfo(b"", unknown, b"")).startswith("1.2.3.4 (KEY_")


def test_inspect_everything_of_the_test_pki(gateway: Gateway) -> None:
    """Every certificate, CRL and OCSP response anyone made here is shown, hostile ones included."""
    for path in sorted((ROOT / "cases").glob("*.json")):
        for case in json.loads(path.read_text("utf-8")):
            for field in ("certificate", "intermediates", "crls", "ocsp_responses"):
                values = case["line"].get(field, [])
                for text in [values] if isinstance(values, str) else values:
                    _inspect(text, gateway)


def _inspect(text: str, gateway: Gateway) -> None:
    try:
        items = inspect_material(text.encode(), gateway.engine.pool)
    except Malformed:
        return
    for item in items:
        assert item["kind"] in {"certificate", "crl", "ocsp"}
        assert json.dumps(item).isascii()
        if "unreadable" in item:
            assert item["unreadable"]["message_zh"]
