"""Ways by which a yes could be got that should be a no."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509 as cx509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ca_bridge.core.recognition.agreement import Conditions, KeyAlgorithm
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import Licence
from ca_bridge.core.recognition.rules import compile_policy, rules_of
from ca_bridge.core.recognition.trust_list import AuthorityPin, FormerAuthorities
from ca_bridge.core.request import Purpose
from ca_bridge.core.verdict import TrustModel
from ca_bridge.core.x509.identity_key import derive_identity
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityKind, IdentityRule
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.recognition_reading import meaning_problems
from tests.recognition.scheme import (
    BRIDGE_TO_GD,
    DOMAINS,
    ENTRY,
    HK_TO_BRIDGE,
    LEAVES,
    NOW,
    POLICY,
    SINCE,
    C,
    agreement,
    ask,
    authority,
    codes,
    fingerprint,
    key_of,
    listed,
    mapping,
    parsed,
    pki,
    with_entry,
)
from tests.recognition.scheme_documents import documents, domain_document, gateway

import der  # isort: skip
import extensions as ext  # isort: skip
import keys  # isort: skip
from ca import Ca  # isort: skip
from x509 import name  # isort: skip

COMPANY = LEAVES["gd-a-sm2-company-sign"]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def blocks(kind: BlockKind, value: str):
    row = Block(
        identifier="b",
        kind=kind,
        value=value,
        reason_zh="x",
        reason_en="x",
        publication="p",
        effective_from=SINCE,
    )
    return replace(POLICY, blocks=(row,))


def with_other_s(certificate: bytes) -> bytes:
    """The same certificate with (r, n - s) for its ECDSA signature (r, s)."""
    read = cx509.load_der_x509_certificate(certificate)
    r, s = decode_dss_signature(read.signature)
    algorithm = der.seq(der.oid("1.2.840.10045.4.3.2"))
    return der.seq(read.tbs_certificate_bytes, algorithm, der.bits(encode_dss_signature(r, P256_ORDER - s)))


EC_ROOT = Ca("ec-root", name("C=HK, O=EC Root, CN=EC Root"), keys.Ecdsa("ec-root"))
EC_CA = Ca("ec-ca", name("C=HK, O=EC CA, CN=EC CA"), keys.Ecdsa("ec-ca"))
ROOT, CA = EC_ROOT.root(), EC_ROOT.certify(EC_CA, ext.certificate_policies(pki.HK_HIGH), path_length=0)
EC_LEAF = pki.leaf(EC_CA, "ec-leaf", "C=HK, O=X, CN=Y", keys.Ecdsa("ec-leaf"), pki.HK_HIGH).certificate


@pytest.mark.parametrize("blocked", [EC_LEAF, CA])
def test_another_form_of_an_ecdsa_signature_frees_no_blocked_certificate(blocked: bytes) -> None:
    policy = blocks(BlockKind.CERTIFICATE, fingerprint(blocked))
    leaf = with_other_s(EC_LEAF) if blocked == EC_LEAF else EC_LEAF
    chain = (with_other_s(CA),) if blocked == CA else (CA,)
    assert ask(leaf, anchors=(ROOT,), chain=chain).findings == ()
    assert codes(ask(leaf, policy, anchors=(ROOT,), chain=chain)) == ["CERTIFICATE_BLOCKED"]


def test_a_key_that_two_domains_claim_is_of_neither(tmp_path: Path) -> None:
    crosses = [
        C[c]
        for c in ("hk-root", "hk-root-to-bridge-rsa", "bridge-rsa-to-bridge-sm2", "bridge-sm2-to-gd-a-sm2")
    ]
    mine = authority("hk-post", C["hk-ca"], certificates=tuple(map(fingerprint, crosses)))
    hk = replace(DOMAINS[0], authorities=(mine,))
    policy = replace(POLICY, domains=(*DOMAINS[1:], hk), agreements=())
    known = {fingerprint(c): key_of(c) for c in crosses}
    assert set(codes(ask(COMPANY, policy, known_keys=known))) == {"AGREEMENT_MISSING"}


def test_each_licence_of_a_key_counts() -> None:
    run_out = Licence(number="1", not_before=SINCE, not_after=datetime(2025, 1, 1, tzinfo=UTC))
    licensed = authority("one", C["gd-a-sm2"], licence=run_out)
    beside = replace(
        licensed, identifier="two", keys=(), certificates=(fingerprint(C["gd-a-sm2"]),), licence=None
    )
    gd = replace(DOMAINS[1], authorities=(licensed, beside))
    policy = replace(POLICY, domains=(DOMAINS[0], gd, DOMAINS[2]))
    known = {fingerprint(C["gd-a-sm2"]): key_of(C["gd-a-sm2"])}
    assert codes(ask(COMPANY, policy, known_keys=known)) == ["LICENCE_EXPIRED"]


def test_an_ungraded_policy_in_between_lifts_no_level() -> None:
    domains = tuple(replace(d, policies=()) if d.name == "bridge" else d for d in DOMAINS)
    low = agreement("bridge-gd", "bridge", "gd", mapping(pki.BRIDGE_HIGH, pki.GD_HIGH, "basic"))
    high = replace(low, mappings=(mapping(pki.BRIDGE_HIGH, pki.GD_HIGH, "high"),))
    policy = replace(POLICY, domains=domains, agreements=(HK_TO_BRIDGE, low))
    assert codes(ask(COMPANY, policy)) == ["POLICY_MAPPING_NOT_AGREED"]
    passed = ask(COMPANY, replace(policy, agreements=(HK_TO_BRIDGE, high)))
    assert passed.basis is not None
    assert passed.basis.level == "high"


def test_purposes_are_those_that_the_level_holds_for() -> None:
    contracts = Conditions(purposes=frozenset({Purpose.CONTRACT_SIGNING}))
    one = replace(HK_TO_BRIDGE, identifier="a", mappings=HK_TO_BRIDGE.mappings[:1], conditions=contracts)
    two = replace(HK_TO_BRIDGE, identifier="b", mappings=HK_TO_BRIDGE.mappings[1:])
    policy = replace(POLICY, agreements=(one, two, BRIDGE_TO_GD))
    basis = ask(COMPANY, policy, purpose=Purpose.CONTRACT_SIGNING).basis
    assert basis is not None
    assert (basis.level, basis.purposes) == ("high", ("contract_signing",))
    assert codes(ask(COMPANY, policy, purpose=Purpose.DIGITAL_SIGNATURE)) == ["POLICY_MAPPING_NOT_AGREED"]


def test_the_key_of_the_recognised_ca_is_held_to_the_agreed_algorithms() -> None:
    only_sm2 = Conditions(key_algorithms=frozenset({KeyAlgorithm.SM2}))
    policy = replace(POLICY, agreements=(HK_TO_BRIDGE, replace(BRIDGE_TO_GD, conditions=only_sm2)))
    ca = pki.GD_RSA_ROOT["a"]
    leaf = pki.leaf(ca, "sm2-under-rsa", pki.company_subject("a"), keys.Sm2("sm2-under-rsa"), pki.GD_HIGH)
    chain = (C["hk-root-to-bridge-rsa"], C["bridge-rsa-to-gd-a-rsa-root"])
    assert codes(ask(leaf.certificate, policy, chain=chain)) == ["RECOGNITION_KEY_ALGORITHM"]
    assert ask(COMPANY, policy).findings == ()


def test_a_common_name_that_is_a_host_is_held_to_the_agreed_names() -> None:
    bank = GeneralName(GeneralNameType.DNS_NAME, text="bank.example")
    policy = replace(
        POLICY,
        agreements=(HK_TO_BRIDGE, replace(BRIDGE_TO_GD, conditions=Conditions(excluded_names=(bank,)))),
    )
    leaf = pki.leaf(
        pki.GD_SM2["a"],
        "host",
        "C=CN, CN=www.bank.example",
        keys.Sm2("host"),
        pki.GD_HIGH,
        ext.extended_key_usage(ext.SERVER_AUTH),
        usage=ext.key_usage("digital_signature"),
    )
    assert codes(ask(leaf.certificate, policy, purpose=Purpose.SERVER_AUTH)) == ["RECOGNITION_NAME"]


def test_present_authorities_stand_since_the_end_of_former_ones() -> None:
    change = NOW + timedelta(days=1)
    former = FormerAuthorities(
        roots=ENTRY.roots, issuers=(AuthorityPin(sha256="a" * 64),), since=ENTRY.recognised_from, until=change
    )
    policy = with_entry(replace(ENTRY, history=(former,)))
    assert codes(listed(LEAVES["hk-person-sign"], policy)) == ["TRUST_LIST_ISSUER_OTHER"]
    assert listed(LEAVES["hk-person-sign"], policy, validation_time=change).findings == ()


def test_an_inhibited_any_policy_lifts_no_level() -> None:
    down = pki.cross(
        pki.HK_ROOT, pki.BRIDGE_SM2, ((pki.HK_HIGH, pki.BRIDGE_HIGH), (pki.HK_HIGH, pki.BRIDGE_MEDIUM))
    )
    pairs = ((pki.BRIDGE_HIGH, pki.GD_HIGH), (pki.BRIDGE_MEDIUM, pki.GD_MEDIUM))
    open_cross = pki.BRIDGE_SM2.certify(
        pki.GD_SM2["a"],
        ext.certificate_policies(pki.BRIDGE_MEDIUM, ext.ANY_POLICY),
        ext.policy_mappings(*pairs),
        tag="open",
    )
    key = keys.Sm2("both")
    parts = (
        pki.SIGNING,
        ext.subject_key_identifier(key.spki),
        ext.certificate_policies(pki.GD_MEDIUM, pki.GD_HIGH),
    )
    leaf = pki.GD_SM2["a"].issue("both", name("C=CN, O=x, CN=x"), key, parts).certificate
    hk = agreement(
        "hk-bridge",
        "hk",
        "bridge",
        mapping(pki.HK_HIGH, pki.BRIDGE_HIGH, "high"),
        mapping(pki.HK_HIGH, pki.BRIDGE_MEDIUM, "medium"),
    )
    basis = ask(leaf, replace(POLICY, agreements=(hk, BRIDGE_TO_GD)), chain=(down, open_cross)).basis
    assert basis is not None
    assert basis.level == "medium"


def test_any_policy_has_no_level_whatever_is_asked() -> None:
    leaf = pki.leaf(pki.HK_ROOT, "any", "C=HK, CN=x", keys.Rsa("rsa-leaf-2"), ext.ANY_POLICY).certificate
    asked = {"user_initial_policy_set": frozenset({pki.HK_HIGH}), "assurance_level": "high"}
    assert codes(ask(leaf, chain=(), **asked)) == ["ASSURANCE_LEVEL_NOT_REACHED"]


def test_a_row_for_one_ca_key_counts_for_blocks() -> None:
    code = pki.identity.COMPANY_1
    row = IdentityRule(
        "1.2.3.4.5", IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, "x", "A", issuer_keys=(key_of(C["gd-a-sm2"]),)
    )
    leaf = company("own", ext.extension("1.2.3.4.5", der.printable(code)))
    from ca_bridge.core.recognition.blocked import target_blocks

    policy = blocks(BlockKind.SUBJECT, f"org:{code[8:17]}")
    rules = rules_of(compile_policy(policy, registry=(*REGISTRY, row)), "gd", TrustModel.CROSS_CERTIFICATION)
    assert [f.reason.code for f in target_blocks(parsed(leaf), rules, NOW)] == ["SUBJECT_BLOCKED"]


def company(label: str, *more: bytes, subject: str = "C=CN, O=x, CN=x") -> bytes:
    return pki.leaf(pki.GD_SM2["a"], label, subject, keys.Sm2(label), pki.GD_HIGH, *more).certificate


FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in pki.identity.COMPANY_1)
WRITTEN = [
    FULL_WIDTH,
    pki.identity.COMPANY_1 + "\u3000",
    pki.identity.COMPANY_1 + "\r\n",
    f"{pki.identity.COMPANY_1[:8]} {pki.identity.COMPANY_1[8:]}",
    f"{pki.identity.COMPANY_1[:8]}-{pki.identity.COMPANY_1[8:16]}-{pki.identity.COMPANY_1[16:]}",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_code_is_known_however_it_is_written(text: str) -> None:
    leaf = company("written", ext.extension("1.2.156.10260.4.1.4", der.utf8(text)))
    assert derive_identity(parsed(leaf), REGISTRY).claimed_keys == (f"org:{pki.identity.COMPANY_1[8:17]}",)


def test_a_full_width_code_in_the_subject_is_known() -> None:
    leaf = company("written", subject=f"C=CN, O=x, OU={FULL_WIDTH}, CN=x")
    assert derive_identity(parsed(leaf), REGISTRY).claimed_keys == (f"org:{pki.identity.COMPANY_1[8:17]}",)


def test_nine_digits_of_a_business_registration_are_no_organisation_code() -> None:
    leaf = company("abroad", ext.extension("1.2.156.10260.4.1.3", der.printable("100000008")))
    assert derive_identity(parsed(leaf), REGISTRY).claimed_keys == ()


@pytest.mark.parametrize(
    "value",
    [
        "91440000TE5T00016Q",
        "org:91440000TE5T00016Q",
        "ORG:TE5T00016",
        "org:te5t00016",
        "org:TE5T00017",
        "person:x",
    ],
)
def test_a_subject_that_no_certificate_could_name_is_told(value: str) -> None:
    row = {
        "block": "b",
        "kind": "subject",
        "value": value,
        "reason": {"zh": "x", "en": "x"},
        "publication": "p",
        "effective_from": "2020-01-01T00:00:00Z",
    }
    problems = list(meaning_problems({"blocklist.yaml": {"blocks": [row]}}))
    assert [p.path for p in problems] == [("blocks", 0, "value")]
    right = {**row, "value": "org:TE5T00016"}
    assert not list(meaning_problems({"blocklist.yaml": {"blocks": [right]}}))


def test_a_domain_that_relies_on_nothing_accepts_nothing(tmp_path: Path) -> None:
    from tests.recognition.test_gateway import ask as ask_gateway
    from tests.recognition.test_gateway import codes as told

    made = gateway(tmp_path, documents(domains__gd=domain_document("gd", cross_certification=False)))
    answer = ask_gateway(made, COMPANY, (C["gd-a-sm2"],))
    assert told(answer) == ["TRUST_LIST_WITHOUT_ENTRY"]


def test_no_purpose_is_named_that_the_domain_does_not_answer_for(tmp_path: Path) -> None:
    from tests.recognition.test_gateway import ask as ask_gateway

    made = gateway(tmp_path, documents(domains__gd=domain_document("gd", purposes=["contract_signing"])))
    answer = ask_gateway(made, COMPANY, (C["gd-a-sm2"],), purpose="contract_signing")
    assert answer["recognition"]["purposes"] == ["contract_signing"]
