"""Recognition through the gateway as it is served: policies as files, questions as batch lines."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ca_bridge import wiring
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.batch import LineJudge
from ca_bridge.services.gateway import Gateway
from ca_bridge.settings import Settings, SettingsError
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, key_of, pki
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    gateway,
    list_document,
    write_folder,
)

NOW = "2026-01-15T08:00:00Z"
PERSON = LEAVES["hk-person-sign"]


def ask(made: Gateway, target: bytes, chain: tuple[bytes, ...] = (), **fields: Any) -> dict[str, Any]:
    line = {
        "id": 1,
        "certificate": b64encode(target).decode(),
        "intermediates": [b64encode(der).decode() for der in chain],
        "validation_time": NOW,
        "revocation": "none",
        "domain": "gd",
        **fields,
    }
    return LineJudge(made.validate).judge_line(json.dumps(line).encode())


def codes(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return gateway(tmp_path_factory.mktemp("scheme"))


class TestContractSigningBetweenGuangdongAndHongKong:
    def test_is_accepted(self, scheme: Gateway) -> None:
        """The issuing CA is known from the entry: the site sends nothing but the certificate."""
        answer = ask(scheme, PERSON, purpose="contract_signing", assurance_level="medium")
        assert answer["indication"] == "TOTAL_PASSED"
        assert answer["user_constrained_policy_set"] == [pki.HK_MUTUAL_RECOGNITION]
        recognition = answer["recognition"]
        assert recognition["carried_by"] == "trust_list"
        assert (recognition["level"], recognition["scale"]) == ("medium", "gba")
        assert recognition["references"] == ["hong-kong/e-cert-personal"]
        assert recognition["purposes"] == ["digital_signature", "contract_signing"]
        assert recognition["disagree"] is False
        assert [m["model"] for m in recognition["models"]] == ["cross_certification", "trust_list"]

    REFUSALS: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {
        "before": ({"recognised_from": "2026-01-15T08:00:01Z"}, "TRUST_LIST_NOT_YET_RECOGNISED"),
        "after": ({"recognised_until": NOW}, "TRUST_LIST_NO_LONGER_RECOGNISED"),
        "root": ({"roots": [{"sha256": fingerprint(C["mo-root"]), "name": "x"}]}, "TRUST_LIST_ROOT_OTHER"),
        "issuer": (
            {"issuers": [{"sha256": fingerprint(C["mo-ca"]), "name": "x"}]},
            "TRUST_LIST_ISSUER_OTHER",
        ),
        "type": ({"type_name": "Test HK Post e-Cert (Organisational)"}, "TRUST_LIST_TYPE_OTHER"),
        "arc": ({"policy_arcs": ["2.16.344.8.2.2008.810.20"]}, "TRUST_LIST_POLICY_OTHER"),
        "purpose": ({"conditions": {"purposes": ["server_auth"]}}, "RECOGNITION_PURPOSE_NOT_COVERED"),
    }

    @pytest.mark.parametrize("case", REFUSALS)
    def test_is_refused_for_the_one_condition_that_fails(self, case: str, tmp_path: Path) -> None:
        change, code = self.REFUSALS[case]
        anchors = [fingerprint(C[label]) for label in ("national-root", "gd-a-rsa-root", "hk-root")]
        docs = documents(
            trust_lists__hong_kong=list_document(entry_document(**change)),
            domains__gd=domain_document(
                "gd",
                trust_lists=["hong-kong"],
                anchors=[{"sha256": pin, "name": "x"} for pin in anchors],
            ),
            agreements__gd_hk=None,
        )
        answer = ask(gateway(tmp_path, docs), PERSON, (C["hk-ca"],), purpose="contract_signing")
        listed = next(m for m in answer["recognition"]["models"] if m["model"] == "trust_list")
        assert listed["reasons"] == [code]
        assert answer["indication"] == "INDETERMINATE"
        assert answer["recognition"]["carried_by"] is None

    def test_a_question_with_own_anchors_is_of_no_release(self, scheme: Gateway) -> None:
        answer = ask(scheme, PERSON, (C["hk-ca"],), trust_anchors=[b64encode(C["hk-root"]).decode()])
        assert answer["indication"] == "TOTAL_PASSED"
        assert answer["release"] is None
        assert answer["recognition"] is None

    def test_every_answer_names_its_release(self, scheme: Gateway) -> None:
        number, _, digest = ask(scheme, PERSON)["release"].partition(":")
        assert number == "0"
        assert len(digest) == 64


class TestAcrossTheBridge:
    def test_high_in_guangdong_reaches_high_in_hong_kong(self, scheme: Gateway) -> None:
        answer = ask(scheme, LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A, domain="hk", assurance_level="high")
        assert answer["indication"] == "TOTAL_PASSED"
        assert answer["user_constrained_policy_set"] == [pki.HK_HIGH]
        assert answer["recognition"]["carried_by"] == "cross_certification"
        assert answer["recognition"]["references"] == ["hk-bridge", "bridge-gd"]
        assert len(answer["recognition"]["models"]) == 1

    def test_not_without_the_mapping(self, tmp_path: Path) -> None:
        pairs = agreement_document("hk-bridge")["mappings"]
        docs = documents(agreements__hk_bridge=agreement_document("hk-bridge", mappings=pairs[1:]))
        made = gateway(tmp_path, docs)
        answer = ask(made, LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A, domain="hk")
        assert codes(answer) == ["POLICY_MAPPING_NOT_AGREED"]
        answer = ask(made, LEAVES["gd-a-sm2-person-sign"], HK_TO_GD_A, domain="hk")
        assert answer["recognition"]["level"] == "medium"

    def test_not_with_a_blocked_key(self, tmp_path: Path) -> None:
        block = {
            "block": "b-1",
            "kind": "ca",
            "value": key_of(C["gd-a-sm2"]),
            "reason": {"zh": "测试", "en": "test"},
            "publication": "notice 1",
            "effective_from": "2026-01-01T00:00:00Z",
        }
        made = gateway(tmp_path, documents(blocklist={"blocks": [block]}))
        answer = ask(made, LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A, domain="hk")
        assert codes(answer) == ["CA_BLOCKED"]
        other = ask(
            made, LEAVES["gd-b-sm2-company-sign"], (*HK_TO_GD_A, C["bridge-sm2-to-gd-b-sm2"]), domain="hk"
        )
        assert other["indication"] == "TOTAL_PASSED"


def test_the_models_disagree_where_only_one_recognises(tmp_path: Path) -> None:
    """Guangdong pins the Hong Kong root as an anchor of its own, and the entry wants another type."""
    anchors = [{"sha256": fingerprint(C["hk-root"]), "name": "x"}]
    docs = documents(
        domains__gd=domain_document("gd", trust_lists=["hong-kong"], anchors=anchors),
        trust_lists__hong_kong=list_document(entry_document(type_name="Other")),
        agreements__gd_hk={
            **agreement_document("hk-bridge"),
            "agreement": "gd-hk",
            "issuer_domain": "gd",
            "subject_domain": "hk",
            "mappings": [
                {
                    "issuer_domain_policy": pki.GD_MEDIUM,
                    "subject_domain_policy": pki.HK_MUTUAL_RECOGNITION,
                    "level": "medium",
                }
            ],
        },
    )
    answer = ask(gateway(tmp_path, docs), PERSON, (C["hk-ca"],))
    assert answer["indication"] == "TOTAL_PASSED"
    assert answer["recognition"]["carried_by"] == "cross_certification"
    assert answer["recognition"]["disagree"] is True
    assert answer["user_constrained_policy_set"] == [pki.GD_MEDIUM]


def test_a_domain_may_rely_on_trust_lists_alone(tmp_path: Path) -> None:
    docs = documents(domains__gd=domain_document("gd", trust_lists=["hong-kong"], cross_certification=False))
    made = gateway(tmp_path, docs)
    assert ask(made, PERSON, purpose="contract_signing")["indication"] == "TOTAL_PASSED"
    answer = ask(made, LEAVES["gd-a-sm2-company-sign"], (C["gd-a-sm2"],))
    assert [m["model"] for m in answer["recognition"]["models"]] == ["trust_list"]
    assert answer["indication"] == "INDETERMINATE"


def test_a_pinned_certificate_that_cannot_be_read_pins_nothing(tmp_path: Path) -> None:
    settings = write_folder(tmp_path, documents())
    (settings.anchors / "broken.der").write_bytes(bytes.fromhex("300930003005060300ff00"[:18]))
    # Not a certificate at all: told, since an anchor folder holds certificates only.
    with pytest.raises(Exception, match="broken"):
        wiring.gateway(settings)


def test_a_holder_is_blocked_by_its_identity_key(tmp_path: Path) -> None:
    code = pki.identity.COMPANY_1[8:17]
    block = {
        "block": "b-2",
        "kind": "subject",
        "value": f"org:{code}",
        "reason": {"zh": "测试", "en": "test"},
        "publication": "notice 2",
        "effective_from": "2026-01-01T00:00:00Z",
    }
    made = gateway(tmp_path, documents(blocklist={"blocks": [block]}))
    for label, chain in (("gd-a-sm2-company-sign", "gd-a-sm2"), ("gd-a-rsa-company-sign", "gd-a-rsa")):
        assert codes(ask(made, LEAVES[label], (C[chain],))) == ["SUBJECT_BLOCKED"]
    assert ask(made, LEAVES["gd-b-sm2-company-sign"], (C["gd-b-sm2"],))["indication"] == "TOTAL_PASSED"


def test_a_person_is_blocked_where_the_digest_key_is_set(tmp_path: Path) -> None:
    from dataclasses import replace

    from ca_bridge.core.x509.identity_key import PersonalDigest

    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    digest = PersonalDigest(b"k" * 32)(f"person:{pki.identity.PERSON_A}")
    block = {
        "block": "b-3",
        "kind": "subject",
        "value": f"person:{digest}",
        "reason": {"zh": "测试", "en": "test"},
        "publication": "notice 3",
        "effective_from": "2026-01-01T00:00:00Z",
    }
    settings = write_folder(tmp_path / "p", documents(blocklist={"blocks": [block]}))
    target, chain = LEAVES["gd-a-sm2-person-sign"], (C["gd-a-sm2"],)
    with_key = wiring.gateway(replace(settings, identity_key_file=key))
    assert codes(ask(with_key, target, chain)) == ["SUBJECT_BLOCKED"]
    with pytest.raises(PolicyFileError, match="CA_BRIDGE_IDENTITY_KEY_FILE"):
        ask(wiring.gateway(settings), target, chain)


@pytest.mark.parametrize("content", [None, b"short"])
def test_a_digest_key_that_cannot_be_used_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    key = tmp_path / "key"
    if content is not None:
        key.write_bytes(content)
    settings = write_folder(tmp_path / "p", documents())
    environment = {
        "CA_BRIDGE_POLICIES": str(settings.policies),
        "CA_BRIDGE_IDENTITY_KEY_FILE": str(key),
    }
    with pytest.raises(SettingsError, match="CA_BRIDGE_IDENTITY_KEY_FILE"):
        wiring.gateway(Settings.from_environment(environment))


def test_a_level_must_look_like_one(scheme: Gateway) -> None:
    assert codes(ask(scheme, PERSON, assurance_level="not a level")) == ["FIELD_VALUE_UNUSABLE"]


def test_a_wrong_document_stops_the_start(tmp_path: Path) -> None:
    docs = documents(agreements__hk_bridge=agreement_document("hk-bridge", surprise=1))
    with pytest.raises(Exception, match=r"agreements/hk-bridge\.yaml"):
        gateway(tmp_path, docs)
