"""What a cross-certificate says, field by field, from the agreement; and what it is bounded by."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from cryptography import x509 as cx509

from ca_bridge.core.recognition.agreement import AgreementKind, Conditions, CrossCertificateTerms
from ca_bridge.core.recognition.domain import Licence
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import PolicyConstraints, PolicyMapping
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.requests import asked_identifier, request
from tests.pki_writers import Ca, Ecdsa, EdDsa, Rsa, Sm2, der, keys, x509
from tests.pki_writers import extensions as ext
from tests.recognition.scheme import authority, mapping

SECOND = timedelta(seconds=1)


def issued(
    opened: OpenHouse, agreement: str = "bridge-gd", material: bytes = h.GD_ROOT, **fields: Any
) -> Certificate:
    certificate = opened(**fields).issue(agreement, material).certificate
    assert certificate is not None
    return h.parse_certificate(certificate)


def with_agreement(**fields: Any) -> Any:
    return replace(h.POLICY, agreements=(replace(h.TO_GD, **fields), h.TO_HK))


def pinning_gd(**fields: Any) -> Any:
    """The member's own certificate is pinned, so its name counts whatever names were agreed on."""
    bridge, gd, hk = h.DOMAINS
    pinned = replace(gd.authorities[0], certificates=(h.parse_certificate(h.GD_ROOT).fingerprint,))
    return replace(with_agreement(**fields), domains=(bridge, replace(gd, authorities=(pinned,)), hk))


def test_every_field(open_house: OpenHouse) -> None:
    cross = issued(open_house, "bridge-hk", h.HK_ROOT)
    own, member, said = h.issuer().parsed, h.parse_certificate(h.HK_ROOT), cross.extensions
    assert cross.notes == ()
    assert (cross.version, cross.issuer.der, cross.subject.der) == (3, own.subject.der, member.subject.der)
    assert cross.spki.der == member.spki.der
    assert (cross.not_before, cross.not_after) == (h.NOW, h.NOW + timedelta(days=365) - SECOND)
    assert cross.serial_number.bit_length() == 159
    assert cross.signed.algorithm.oid == "1.2.156.10197.1.501"
    assert cross.signed.algorithm.parameters == b"\x05\x00"
    assert (said.basic_constraints.ca, said.basic_constraints.path_length) == (True, 1)  # type: ignore[union-attr]
    assert said.key_usage == {KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN}
    assert said.subject_key_identifier == member.extensions.subject_key_identifier
    assert said.authority_key_identifier is not None
    assert said.authority_key_identifier.key_identifier == own.extensions.subject_key_identifier
    assert [p.policy for p in said.certificate_policies or ()] == [h.BRIDGE_MEDIUM, h.BRIDGE_HIGH]
    assert said.policy_mappings == (
        PolicyMapping(h.BRIDGE_MEDIUM, h.HK_MEDIUM),
        PolicyMapping(h.BRIDGE_HIGH, h.HK_HIGH),
    )
    assert said.policy_constraints == PolicyConstraints(0, 0)
    assert said.inhibit_any_policy == 0
    assert said.name_constraints is not None
    assert [n.name for n in said.name_constraints.permitted] == [h.directory("C=HK").name]
    assert said.name_constraints.excluded == ()
    assert [p.full_name[0].text for p in said.crl_distribution_points] == [f"{h.BASE_URL}/bridge-sm2.crl"]
    assert [p.full_name[0].text for p in said.freshest_crl] == [f"{h.BASE_URL}/bridge-sm2-delta.crl"]
    accesses = (*said.authority_info_access, *said.subject_info_access)
    assert [(a.method, a.location.text) for a in accesses] == [
        ("1.3.6.1.5.5.7.48.2", f"{h.BASE_URL}/bridge-sm2-issued-to.p7c"),
        ("1.3.6.1.5.5.7.48.5", "http://hk.example/by-hk.p7c"),
    ]
    assert said.critical == {"2.5.29.19", "2.5.29.15", "2.5.29.33", "2.5.29.36", "2.5.29.54", "2.5.29.30"}


def test_the_register_and_the_log(open_house: OpenHouse) -> None:
    house = open_house()
    made = house.issue()
    held = made.reservation
    assert house.store.certificate("bridge-sm2", held.serial) == made
    assert house.store.certificate("bridge-sm2", "00" * 20) is None
    assert (held.agreement, held.subject_domain) == ("bridge-gd", "gd")
    assert (held.release_number, held.release_sha256) == (7, "ab" * 32)
    assert held.tbs == h.parse_certificate(made.certificate or b"").signed.tbs
    assert [(kind, row["status"]) for kind, row in house.log.rows] == [
        ("administration", "intended"),
        ("key_use", "intended"),
        ("key_use", "done"),
        ("administration", "done"),
    ]
    _, signed = house.log.rows[1]
    assert signed["key_id"] == h.LocalKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3").key_id
    assert (signed["algorithm"], signed["custody"]) == ("sm2-sm3", "process")
    assert house.log.rows[3][1]["serial_number"] == held.serial


@pytest.mark.parametrize(
    ("status", "signs", "kept"), [(0, False, 0), (1, False, 1), (2, True, 1), (3, True, 1)]
)
def test_a_log_that_fails(open_house: OpenHouse, status: int, *, signs: bool, kept: int) -> None:
    """Nothing is signed that is not in the log before; what is signed stays in the register."""
    house = open_house()
    seen: list[Any] = []
    house.log.fails = lambda fields: seen.append(fields) or len(seen) == status + 1
    with pytest.raises(h.SignerUnavailable):
        house.issue()
    rows = house.store.certificates("bridge-sm2")
    assert len(rows) == kept
    assert [row.certificate is not None for row in rows] == [status == 3] * kept
    assert any(row[1]["status"] == "done" for row in house.log.rows) == (signs and status == 3)


def test_a_token_that_is_gone(open_house: OpenHouse) -> None:
    house = open_house(h.issuer(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3")))
    with pytest.raises(h.SignerUnavailable):
        house.issue()
    (row,) = house.store.certificates("bridge-sm2")
    assert row.certificate is None
    assert [fields.get("result") for _, fields in house.log.rows[2:]] == [
        "SIGNER_UNAVAILABLE",
        "SignerUnavailable",
    ]
    house.revoke(row.reservation.serial)  # perhaps the token had signed it after all
    assert open_house().crl()[0].upto == 1


ENDS = {
    "agreement": (h.NOW + timedelta(days=10), {"effective_until": h.NOW + timedelta(days=10) + SECOND}),
    "terms": (
        h.NOW + timedelta(days=20) - SECOND,
        {"cross_certificate": CrossCertificateTerms(validity=timedelta(days=20))},
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_the_agreement_ends_it(open_house: OpenHouse, what: str) -> None:
    end, fields = ENDS[what]
    assert issued(open_house, policy=with_agreement(**fields)).not_after == end


def test_licence_and_member_end_it(open_house: OpenHouse) -> None:
    bridge, gd, hk = h.DOMAINS
    end = h.NOW + timedelta(days=30)
    licence = Licence(number="L", not_before=h.NOW, not_after=end)
    ca = replace(gd.authorities[0], licence=licence)
    policy = replace(h.POLICY, domains=(bridge, replace(gd, authorities=(ca,)), hk))
    assert issued(open_house, policy=policy).not_after == end - SECOND
    open_ended = replace(ca, licence=replace(licence, not_after=None))
    policy = replace(h.POLICY, domains=(bridge, replace(gd, authorities=(open_ended,)), hk))
    assert issued(open_house, policy=policy).not_after == h.NOW + timedelta(days=1095) - SECOND
    short = h.GD.root(period=(h.NOW, h.NOW + timedelta(days=3)))
    assert issued(open_house, material=short).not_after == h.NOW + timedelta(days=3)


def test_the_issuer_ends_it(open_house: OpenHouse) -> None:
    end = h.NOW + timedelta(days=2)
    short = h.BRIDGES["sm2"].root(period=(h.NOW, end))
    house = open_house(h.issuer(certificate=short))
    assert h.parse_certificate(house.issue().certificate or b"").not_after == end
    capped = open_house(h.issuer(max_validity=timedelta(hours=1)))
    assert (
        h.parse_certificate(capped.issue().certificate or b"").not_after
        == h.NOW + timedelta(hours=1) - SECOND
    )


def test_what_the_agreement_loosens(open_house: OpenHouse) -> None:
    terms = CrossCertificateTerms(max_path_length=3, inhibit_policy_mapping=2, inhibit_any_policy=1)
    said = issued(open_house, policy=with_agreement(cross_certificate=terms)).extensions
    assert said.policy_constraints == PolicyConstraints(0, 2)
    assert said.inhibit_any_policy == 1
    assert said.basic_constraints is not None
    assert said.basic_constraints.path_length == 3


def test_the_members_own_certificate_narrows(open_house: OpenHouse) -> None:
    terms = CrossCertificateTerms(max_path_length=3)
    own = h.GD.certify(h.GD, ext.extension("1.3.6.1.5.5.7.1.11", repositories()), path_length=1)
    said = issued(open_house, material=own, policy=with_agreement(cross_certificate=terms)).extensions
    assert said.basic_constraints is not None
    assert said.basic_constraints.path_length == 1
    assert [a.location.text for a in said.subject_info_access] == ["http://gd.example/by-gd.p7c"]


def repositories() -> bytes:
    rows = (("5", "ldap://gd.example/"), ("3", "http://gd.example/tsa"), ("5", "http://gd.example/by-gd.p7c"))
    return der.seq(
        *(der.seq(der.oid(f"1.3.6.1.5.5.7.48.{arc}"), der.implicit(6, uri.encode())) for arc, uri in rows)
    )


def test_policies_that_both_sides_share(open_house: OpenHouse) -> None:
    """A policy of both needs no mapping, unless it is mapped to another too: then it must be said."""
    mappings = (
        mapping(h.BRIDGE_HIGH, h.BRIDGE_HIGH, "high"),
        mapping(h.BRIDGE_MEDIUM, h.BRIDGE_MEDIUM, "medium"),
        mapping(h.BRIDGE_MEDIUM, h.GD_MEDIUM, "medium"),
    )
    bridge, gd, hk = h.DOMAINS
    policy = replace(with_agreement(mappings=mappings), domains=(bridge, gd, hk))
    cross = issued(open_house, policy=policy)
    assert cross.extensions.policy_mappings == (
        PolicyMapping(h.BRIDGE_MEDIUM, h.BRIDGE_MEDIUM),
        PolicyMapping(h.BRIDGE_MEDIUM, h.GD_MEDIUM),
    )
    for policy_asked, subject_policy in ((h.BRIDGE_HIGH, h.BRIDGE_HIGH), (h.BRIDGE_MEDIUM, h.GD_MEDIUM)):
        verdict = h.ask(
            h.gd_subscriber(subject_policy),
            cross.der,
            root=h.ROOTS["sm2"],
            policy=policy,
            user_initial_policy_set=frozenset({policy_asked}),
        )
        assert h.codes(verdict) == []
    same = mappings[:1]
    assert issued(open_house, policy=with_agreement(mappings=same)).extensions.policy_mappings is None


def test_names_of_every_kind(open_house: OpenHouse) -> None:
    kinds = GeneralNameType
    permitted = (
        GeneralName(kinds.DNS_NAME, text="gd.example"),
        GeneralName(kinds.RFC822_NAME, text="gd.example"),
        GeneralName(kinds.URI, text=".gd.example"),
    )
    excluded = (
        h.directory("C=HK"),
        GeneralName(kinds.IP_ADDRESS, octets=bytes((192, 0, 2, 0, 255, 255, 255, 0))),
    )
    conditions = Conditions(permitted_names=permitted, excluded_names=excluded)
    cross = issued(open_house, policy=pinning_gd(conditions=conditions))
    said = cross.extensions.name_constraints
    assert said is not None
    assert [(n.kind, n.text) for n in said.permitted] == [(n.kind, n.text) for n in permitted]
    assert [(n.kind, n.octets, n.name) for n in said.excluded] == [
        (n.kind, n.octets, n.name) for n in excluded
    ]
    read = cx509.load_der_x509_certificate(cross.der).extensions.get_extension_for_class(
        cx509.NameConstraints
    )
    assert len(read.value.permitted_subtrees or ()) == 3
    free = issued(open_house, policy=pinning_gd(conditions=Conditions()))
    assert free.extensions.name_constraints is None


def test_a_mutual_agreement_read_from_the_other_side(open_house: OpenHouse) -> None:
    mutual = replace(
        h.TO_GD,
        kind=AgreementKind.MUTUAL,
        issuer_domain="gd",
        subject_domain="bridge",
        mappings=(mapping(h.GD_HIGH, h.BRIDGE_HIGH, "high"),),
        reverse_mappings=(mapping(h.BRIDGE_MEDIUM, h.GD_MEDIUM, "medium"),),
    )
    cross = issued(open_house, policy=replace(h.POLICY, agreements=(mutual,)))
    assert cross.extensions.policy_mappings == (PolicyMapping(h.BRIDGE_MEDIUM, h.GD_MEDIUM),)


def test_a_second_agreement_between_the_two(open_house: OpenHouse) -> None:
    """Each has its own certificate, and neither keeps the other from being issued."""
    second = replace(
        h.TO_GD, identifier="bridge-gd-2", mappings=(mapping(h.BRIDGE_HIGH, h.GD_MEDIUM, "medium"),)
    )
    house = open_house(policy=replace(h.POLICY, agreements=(*h.POLICY.agreements, second)))
    for name in ("bridge-gd", "bridge-gd-2"):
        assert house.issue(name).certificate is not None


@pytest.mark.parametrize("label", [b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST", b""])
def test_a_request(open_house: OpenHouse, label: bytes) -> None:
    der_form = request(h.GD.name, h.GD.key, asked_identifier(b"our own identifier"))
    text = base64.b64encode(der_form)
    material = b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, text, label) if label else text
    cross = issued(open_house, material=material)
    assert cross.subject.der == h.GD.name
    assert cross.extensions.subject_key_identifier == b"our own identifier"
    assert cross.extensions.subject_info_access == ()


@pytest.mark.parametrize(
    "asked", [(), (asked_identifier(b""),), (asked_identifier(bytes(65)),), (ext.ocsp_nocheck(),)]
)
def test_a_request_without_a_usable_identifier(open_house: OpenHouse, asked: tuple[bytes, ...]) -> None:
    cross = issued(open_house, material=request(h.GD.name, h.GD.key, *asked))
    assert cross.extensions.subject_key_identifier == keys.key_identifier(h.GD.key.spki)


def test_a_certificate_that_is_not_self_signed(open_house: OpenHouse) -> None:
    """A CA pinned by its certificate, which its own root issued."""
    operating = h.HK_CA
    bridge, gd, hk = h.DOMAINS
    pinned = replace(authority("hk-post"), certificates=(h.parse_certificate(operating).fingerprint,))
    policy = replace(h.POLICY, domains=(bridge, gd, replace(hk, authorities=(pinned,))))
    house = open_house(policy=policy)
    key = h.key_hash_of(operating)
    house.known = replace(house.known, known_keys={h.parse_certificate(operating).fingerprint: key})
    cross = h.parse_certificate(house.issue("bridge-hk", operating).certificate or b"")
    assert cross.extensions.basic_constraints is not None
    assert cross.extensions.basic_constraints.path_length == 0
    assert house.issue("bridge-hk", request(h.HK_OPERATING.name, h.HK_OPERATING.key)).certificate is not None


MEMBERS = {
    "rsa": Rsa("rsa-mo-root"),
    "p-256": Ecdsa("member"),
    "p-384": Ecdsa("member", "p384", "sha384"),
    "ed25519": EdDsa("member"),
    "sm2": Sm2("member"),
}


@pytest.mark.parametrize("key", MEMBERS)
def test_member_keys_of_every_kind(open_house: OpenHouse, key: str) -> None:
    ca = Ca(f"member {key}", x509.name("C=CN, CN=Member"), MEMBERS[key])
    bridge, _, hk = h.DOMAINS
    gd = replace(h.DOMAINS[1], authorities=(authority("gd-ca", ca.root()),))
    cross = issued(open_house, material=ca.root(), policy=replace(h.POLICY, domains=(bridge, gd, hk)))
    assert cross.spki.der == ca.key.spki


ISSUERS = {
    "rsa": (Rsa("rsa-bridge"), "rsa-pkcs1-sha256", "1.2.840.113549.1.1.11", b"\x05\x00"),
    "rsa-sha384": (Rsa("rsa-bridge", "sha384"), "rsa-pkcs1-sha384", "1.2.840.113549.1.1.12", b"\x05\x00"),
    "p-256": (Ecdsa("issuer"), "ecdsa-sha256", "1.2.840.10045.4.3.2", None),
    "p-384": (Ecdsa("issuer", "p384", "sha384"), "ecdsa-sha384", "1.2.840.10045.4.3.3", None),
    "ed25519": (EdDsa("issuer"), "ed25519", "1.3.101.112", None),
    "sm2": (Sm2("issuer"), "sm2-sm3", "1.2.156.10197.1.501", None),
}


@pytest.mark.parametrize("kind", ISSUERS)
def test_issuer_keys_of_every_kind(open_house: OpenHouse, kind: str) -> None:
    """SM2 here without parameters, as some tools write it; the other way is the default."""
    key, algorithm, oid, parameters = ISSUERS[kind]
    root = Ca("any", x509.name("C=CN, CN=Any Bridge"), key).root()
    bridge, gd, hk = h.DOMAINS
    bridge = replace(bridge, authorities=(authority("any", root),))
    policy = replace(h.POLICY, domains=(bridge, gd, hk))
    local = h.LocalKey(key, algorithm)
    chosen = h.issuer("sm2", key=local, certificate=root, null_parameters=False)
    house = open_house(chosen, policy=policy)
    cross = h.parse_certificate(house.issue().certificate or b"")
    assert (cross.signed.algorithm.oid, cross.signed.algorithm.parameters) == (oid, parameters)
    assert h.codes(h.ask(h.gd_subscriber(), cross.der, root=root, policy=policy)) == []
    complete, delta = house.crl()
    crls = (complete.der, delta.der)
    assert h.codes(h.ask(h.gd_subscriber(), cross.der, root=root, policy=policy, crls=crls)) == []


def test_serial_numbers_are_tried_anew(open_house: OpenHouse) -> None:
    given = iter([bytes(20), bytes(20), b"\xff" * 20])
    house = open_house(octets=lambda _: next(given))
    serials = [house.issue().reservation.serial for _ in range(2)]
    assert serials == ["40" + "00" * 19, "7f" + "ff" * 19]


def test_time_of_another_zone_and_parts_of_seconds(open_house: OpenHouse) -> None:
    house = open_house()
    zone = timezone(timedelta(hours=8))
    house.time = (h.NOW + timedelta(microseconds=5)).astimezone(zone)
    assert h.parse_certificate(house.issue().certificate or b"").not_before == h.NOW
