"""Policy documents as values of recognition, and anything the schemas let through read or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.core.recognition.agreement import ANYTHING, KeyAlgorithm, RecognitionStatus
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import Licence
from ca_bridge.core.recognition.trust_list import AuthorityPin, FormerAuthorities, UndatedHistory
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralNameType
from ca_bridge.services.recognition_reading import UnreadableDocument, read_policy
from tests.recognition.big_release import big_documents, fingerprint

SCHEMAS = Path(__file__).resolve().parents[2] / "policies" / "schema"
T0 = datetime(2024, 1, 1, tzinfo=UTC)


def agreement(**more: Any) -> dict[str, Any]:
    return {
        "agreement": "ab",
        "title": {"zh": "甲乙", "en": "A and B"},
        "kind": "unilateral",
        "issuer_domain": "a",
        "subject_domain": "b",
        "status": "active",
        "effective_from": "2024-01-01T08:00:00+08:00",
    } | more


def test_an_agreement_with_every_condition() -> None:
    conditions = {
        "purposes": ["contract_signing"],
        "subject_kinds": ["org"],
        "key_algorithms": ["sm2"],
        "permitted_names": [
            {"type": "directory_name", "value": "O=Example,C=HK"},
            {"type": "ip_address", "value": "192.0.2.0/24"},
        ],
        "excluded_names": [
            {"type": "dns_name", "value": "example.hk"},
            {"type": "rfc822_name", "value": "example.hk"},
            {"type": "uri", "value": ".example.hk"},
        ],
        "revocation": "require_all",
        "max_status_age_s": 3600.0,
    }
    (read,) = read_policy({"agreements/ab.yaml": agreement(conditions=conditions)}).agreements
    assert (read.effective_from, read.effective_until, read.title_zh) == (T0, None, "甲乙")
    limits = read.conditions
    assert limits.purposes == {Purpose.CONTRACT_SIGNING}
    assert limits.subject_kinds == {HolderKind.ORG}
    assert limits.key_algorithms == {KeyAlgorithm.SM2}
    assert (limits.revocation, limits.max_status_age) == (RevocationRule.REQUIRE_ALL, timedelta(hours=1))
    directory, network = limits.permitted_names
    assert directory.name is not None
    assert [rdn[0].text for rdn in directory.name.rdns] == ["HK", "Example"]
    assert network.octets == bytes((192, 0, 2, 0, 255, 255, 255, 0))
    assert [n.kind for n in limits.excluded_names] == [
        GeneralNameType.DNS_NAME,
        GeneralNameType.RFC822_NAME,
        GeneralNameType.URI,
    ]


def test_absent_keys_are_the_defaults() -> None:
    (read,) = read_policy({"agreements/ab.yaml": agreement()}).agreements
    assert read.conditions is ANYTHING
    assert (read.mappings, read.reverse_mappings) == ((), ())


def test_a_large_release_is_read_whole() -> None:
    policy = read_policy(big_documents(cas=60, agreements=70, mappings=150))
    assert len(policy.domains) == 50
    assert sum(len(a.mappings) for a in policy.agreements) == 150
    (domain,) = (d for d in policy.domains if d.name == "domain-003")
    assert (domain.jurisdiction, domain.scale.rank("high")) == ("X-3", 2)
    assert domain.authorities[1].keys == (fingerprint("key", 53),)
    assert domain.authorities[1].licence == Licence(number="L53", not_before=datetime(2020, 1, 1, tzinfo=UTC))


def test_a_trust_list_and_a_blocklist() -> None:
    pin = {"sha256": "1" * 64, "name": "CN=Root"}
    entry = {
        "entry": "e",
        "title": {"zh": "条目", "en": "Entry"},
        "regulator": "Office",
        "authority": "CA",
        "status": "suspended",
        "recognised_from": "2024-01-01T00:00:00Z",
        "roots": [pin],
        "issuers": [],
        "type_name": "Personal",
        "policy_arcs": ["2.999.1"],
        "history": [{"roots": [pin], "issuers": [], "since": "2024-01-01T00:00:00Z", "undated": "accept"}],
    }
    listed = {
        "trust_list": "list",
        "title": {"zh": "列表", "en": "List"},
        "territory": "HK",
        "scheme_operator": "Office",
        "sequence_number": 2.0,
        "issued": "2024-01-01T00:00:00Z",
        "entries": [entry],
    }
    block = {
        "block": "one",
        "kind": "ca",
        "value": "2" * 64,
        "reason": {"zh": "停业", "en": "closed"},
        "publication": "Notice 1",
        "effective_from": "2024-01-01T00:00:00Z",
    }
    policy = read_policy({"trust-lists/list.yaml": listed, "blocklist.yaml": {"blocks": [block]}})
    (trust_list,) = policy.trust_lists
    assert repr(trust_list.sequence_number) == "2"
    (read,) = trust_list.entries
    root = AuthorityPin(sha256="1" * 64, name="CN=Root")
    assert (read.status, read.roots, read.level) == (RecognitionStatus.SUSPENDED, (root,), "")
    assert read.history == (
        FormerAuthorities(roots=(root,), issuers=(), since=T0, undated=UndatedHistory.ACCEPT),
    )
    assert policy.blocks == (
        Block(
            identifier="one",
            kind=BlockKind.CA,
            value="2" * 64,
            reason_zh="停业",
            reason_en="closed",
            publication="Notice 1",
            effective_from=T0,
        ),
    )


def test_a_domain_that_grades_nothing_is_left_out() -> None:
    assert read_policy({"domains/a.yaml": {"domain": "a"}, "algorithms.yaml": {}}).domains == ()


def test_a_time_that_means_nothing() -> None:
    with pytest.raises(UnreadableDocument, match=r"agreements/ab\.yaml: '2024' is not an RFC 3339 time"):
        read_policy({"agreements/ab.yaml": agreement(effective_from="2024")})


VALUE = st.text(min_size=1, max_size=40) | st.sampled_from(
    ["O=A,C=HK", "CN=\\00", "CN=#0c0161", "::/0", "1.2.3.4/33", "fe80::%1/64", "@", "2024-01-01T00:00:00Z"]
)
NAMES = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["directory_name", "dns_name", "rfc822_name", "uri", "ip_address"]),
            "value": VALUE,
        }
    ),
    min_size=1,
    max_size=3,
)
DOCUMENT = st.builds(
    lambda start, end, names: agreement(
        effective_from=start, effective_until=end, conditions={"permitted_names": names}
    ),
    VALUE,
    VALUE,
    NAMES,
)
SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "agreement.schema.json").read_text("utf-8")))


@settings(max_examples=200, deadline=None)
@given(DOCUMENT)
def test_whatever_the_schema_lets_through_is_read_or_told_of(document: dict[str, Any]) -> None:
    documents = {"agreements/ab.yaml": document}
    problems = check_documents(documents, SCHEMAS)
    about_values = [p for p in problems if p.path[0] in {"effective_from", "effective_until", "conditions"}]
    try:
        read_policy(documents)
    except UnreadableDocument:
        assert about_values
    assert SCHEMA.is_valid(document) or problems


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
NAME = st.sampled_from(
    ["domains/a.yaml", "agreements/a.yaml", "trust-lists/a.yaml", "blocklist.yaml", "algorithms.yaml"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAME | st.text(), JSON, min_size=1, max_size=3))
def test_any_json_is_told_of(documents: dict[str, Any]) -> None:
    empty = {"blocks": []}
    assert check_documents(documents, SCHEMAS) or all(data == empty for data in documents.values())


def test_shipped_fingerprints_are_those_of_the_domains() -> None:
    policies = SCHEMAS.parent
    domain = yaml.safe_load((policies / "domains" / "hong-kong.yaml").read_text("utf-8"))
    listed = yaml.safe_load((policies / "trust-lists" / "hong-kong.yaml").read_text("utf-8"))
    pinned = {anchor["sha256"] for anchor in domain["anchors"]}
    assert {root["sha256"] for root in listed["entries"][0]["roots"]} <= pinned


@pytest.mark.parametrize("name", ["agreement", "trust-list"])
def test_schemas_know_every_value_that_the_core_does(name: str) -> None:
    """A kind that no document could name would be refused by every document that names the others."""
    text = (Path(__file__).resolve().parents[2] / f"policies/schema/{name}.schema.json").read_text("utf-8")
    found: dict[str, set[str]] = {}

    def visit(value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            if key in {"subject_kinds", "purposes"}:
                found[key] = set(inner["items"]["enum"])
            visit(inner)

    visit(json.loads(text))
    assert found == {"subject_kinds": set(HolderKind), "purposes": set(Purpose)}
