"""RFC 5280 §6.1 step by step, on paths of values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ca_bridge.core.path.candidate import ValidatedPath, WorkingKey
from ca_bridge.core.path.dsa import DSA
from ca_bridge.core.path.state import MAX_FINDINGS
from ca_bridge.core.path.validation import check_target, validate_path
from ca_bridge.core.reasons import validation as reasons
from ca_bridge.core.request import ANY_POLICY, KeyUsageBit, Parameters, Purpose
from ca_bridge.core.verdict import Finding, PolicyQualifier
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import (
    BasicConstraints,
    NameConstraints,
    PolicyConstraints,
    PolicyInformation,
    PolicyMapping,
)
from tests.fakes import certificates as make
from tests.fakes.certificates import FROM, NOT_CA, UNTIL, asked, ca, codes, leaf, root

SECOND = timedelta(seconds=1)
GOLD, SILVER = "1.2.3.1", "1.2.3.2"
NC, PC, IAP, SAN = "2.5.29.30", "2.5.29.36", "2.5.29.54", "2.5.29.17"
SERVER_AUTH, EMAIL, ANY_EKU = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"


def policies(*oids: str) -> tuple[PolicyInformation, ...]:
    return tuple(PolicyInformation(oid) for oid in oids)


def validated(
    *certificates: Certificate,
    parameters: Parameters | None = None,
    anchor: Certificate | None = None,
    **flags: bool,
) -> ValidatedPath:
    outcome = validate_path(make.path(*certificates, anchor=anchor, **flags), make.context(parameters))
    assert isinstance(outcome, ValidatedPath), codes(outcome)
    return outcome


def refused(
    *certificates: Certificate,
    parameters: Parameters | None = None,
    anchor: Certificate | None = None,
    **flags: bool,
) -> list[tuple[str, int | None]]:
    outcome = validate_path(make.path(*certificates, anchor=anchor, **flags), make.context(parameters))
    assert not isinstance(outcome, ValidatedPath)
    return codes(outcome)


def test_plain_path_gives_the_keys_that_signed() -> None:
    target, intermediate, anchor = leaf(), ca(), root()
    path = validated(target, intermediate, anchor=anchor)
    assert path.certificates == (target, intermediate)
    assert path.anchor.certificate == anchor
    assert path.issuer_keys == (WorkingKey(intermediate.spki), WorkingKey(anchor.spki))
    assert path.user_constrained_policy_set == frozenset()
    assert path.policy_qualifiers == ()


def test_check_target_is_offered_beside_validate_path() -> None:
    assert check_target(leaf(), asked()) == ()


# Validity, §6.1.3 (a)(2)


@pytest.mark.parametrize("time", [FROM, UNTIL, UNTIL + timedelta(milliseconds=5)])
def test_both_ends_of_the_period_belong_to_it(time: Any) -> None:
    validated(leaf(), ca(), parameters=asked(validation_time=time))


@pytest.mark.parametrize(
    ("position", "fields", "code"),
    [
        (0, {"not_after": make.NOW - SECOND}, "TARGET_EXPIRED"),
        (0, {"not_before": make.NOW + SECOND}, "TARGET_NOT_YET_VALID"),
        (1, {"not_after": make.NOW - SECOND}, "CA_EXPIRED"),
        (1, {"not_before": make.NOW + SECOND}, "CA_NOT_YET_VALID"),
        (2, {"not_after": make.NOW - SECOND}, "ANCHOR_EXPIRED"),
        (2, {"not_before": make.NOW + SECOND}, "ANCHOR_NOT_YET_VALID"),
    ],
)
def test_outside_the_period(position: int, fields: dict[str, Any], code: str) -> None:
    made = [leaf(), ca(), root()]
    made[position] = (leaf, ca, root)[position](**fields)
    assert refused(made[0], made[1], anchor=made[2]) == [(code, position)]


def test_finding_of_validity_says_the_times() -> None:
    outcome = validate_path(make.path(leaf(not_after=make.NOW - SECOND), ca()), make.context())
    assert not isinstance(outcome, ValidatedPath)
    assert outcome[0].params == (
        ("not_after", "2024-05-31T23:59:59Z"),
        ("validation_time", "2024-06-01T00:00:00Z"),
    )


def test_anchor_validity_and_constraints_only_where_enforced() -> None:
    anchor = make.certificate("CN=Root", "CN=Root", not_after=make.NOW - SECOND, basic_constraints=NOT_CA)
    validated(leaf(), ca(), anchor=anchor, enforce_validity=False, enforce_constraints=False)
    assert refused(leaf(), ca(), anchor=anchor, enforce_constraints=False) == [("ANCHOR_EXPIRED", 2)]
    assert refused(leaf(), ca(), anchor=anchor, enforce_validity=False) == [("ANCHOR_NOT_A_CA", 2)]


# Names, §6.1.3 (a)(4)


def test_names_chain() -> None:
    assert refused(leaf(issuer="CN=Other"), ca()) == [("ISSUER_NAME_MISMATCH", 0)]
    assert refused(leaf(), ca(issuer="CN=Other")) == [("ISSUER_NAME_MISMATCH", 1)]


# Keys


def test_every_key_is_judged_the_anchors_and_the_targets_too() -> None:
    target, intermediate, anchor = leaf(), ca(), root()
    weak = Finding(reason=reasons.CA_EXPIRED)
    signatures = make.FakeSignatures({c.spki.der: weak for c in (target, intermediate, anchor)})
    outcome = validate_path(
        make.path(target, intermediate, anchor=anchor), make.context(signatures=signatures)
    )
    assert not isinstance(outcome, ValidatedPath)
    assert [f.position for f in outcome] == [2, 1, 0]


def test_dsa_parameters_are_inherited_until_another_algorithm_comes() -> None:
    bare = {"oid": DSA, "parameters": b"\x05\x00"}
    anchor = root(spki=make.spki("a", DSA, b"pqg"))
    certificates = [
        leaf(issuer="CN=4", spki=make.spki("t", DSA)),
        ca("CN=4", "CN=3", spki=make.spki("d", DSA, b"own")),
        ca("CN=3", "CN=2", spki=make.spki("c", **bare)),
        ca("CN=2", "CN=1", spki=make.spki("rsa", "1.2.840.113549.1.1.1", b"\x05\x00")),
        ca("CN=1", "CN=Root", spki=make.spki("b", **bare)),
    ]
    signatures = make.FakeSignatures()
    outcome = validate_path(make.path(*certificates, anchor=anchor), make.context(signatures=signatures))
    assert isinstance(outcome, ValidatedPath)
    assert signatures.asked == [
        (b"a", b"pqg"),
        (b"b", b"pqg"),
        (b"rsa", None),
        (b"c", None),
        (b"d", b"own"),
        (b"t", b"own"),
    ]
    assert [key.dsa_parameters for key in outcome.issuer_keys] == [b"own", None, None, b"pqg", b"pqg"]


# §6.1.4 (k)-(o)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"basic_constraints": None}, "ISSUER_WITHOUT_BASIC_CONSTRAINTS"),
        ({"basic_constraints": None, "version": 1, "key_usage": None}, "CA_NOT_VERSION_3"),
        ({"basic_constraints": NOT_CA}, "ISSUER_NOT_A_CA"),
        ({"key_usage": frozenset({KeyUsageBit.CRL_SIGN})}, "CA_MAY_NOT_SIGN_CERTIFICATES"),
        ({"unknown_critical": ("1.2.9",)}, "CA_UNKNOWN_CRITICAL_EXTENSION"),
    ],
)
def test_an_issuer_that_may_not_issue(fields: dict[str, Any], code: str) -> None:
    assert refused(leaf(), ca(**fields)) == [(code, 1)]


def test_key_usage_may_be_absent() -> None:
    validated(leaf(key_usage=None), ca(key_usage=None), anchor=root(key_usage=None))


def test_unknown_critical_extensions_of_target_and_anchor() -> None:
    unknown = ("1.2.9", "1.2.8")
    assert refused(leaf(unknown_critical=unknown), ca()) == [("TARGET_UNKNOWN_CRITICAL_EXTENSION", 0)] * 2
    assert refused(leaf(), ca(), anchor=root(unknown_critical=unknown[:1])) == [
        ("ANCHOR_UNKNOWN_CRITICAL_EXTENSION", 2)
    ]


def limited(length: int) -> BasicConstraints:
    return BasicConstraints(ca=True, path_length=length)


def test_path_length_counts_what_is_not_self_issued() -> None:
    copy = ca("CN=CA", "CN=CA")
    validated(leaf(), copy, ca(basic_constraints=limited(0)))
    below = ca("CN=Sub", "CN=CA", basic_constraints=limited(5))
    assert refused(leaf(issuer="CN=Sub"), below, ca(basic_constraints=limited(0))) == [
        ("PATH_LENGTH_EXCEEDED", 1)
    ]
    validated(leaf(issuer="CN=Sub"), below, ca(basic_constraints=limited(1)))


def test_path_length_asked() -> None:
    assert refused(leaf(), ca(), parameters=asked(max_path_length=0)) == [
        ("REQUESTED_PATH_LENGTH_EXCEEDED", 1)
    ]
    validated(leaf(), ca(), parameters=asked(max_path_length=1))
    below = ca("CN=Sub", "CN=CA")
    tighter = ca(basic_constraints=limited(0))
    assert refused(leaf(issuer="CN=Sub"), below, tighter, parameters=asked(max_path_length=9)) == [
        ("PATH_LENGTH_EXCEEDED", 1)
    ]


def test_path_length_of_the_anchor() -> None:
    anchor = root(basic_constraints=limited(0))
    assert refused(leaf(), ca(), anchor=anchor) == [("PATH_LENGTH_EXCEEDED", 1)]
    validated(leaf(issuer="CN=Root"), anchor=anchor)


# Purposes along the path


@pytest.mark.parametrize(
    ("usages", "purpose", "allowed"),
    [
        ({SERVER_AUTH}, Purpose.SERVER_AUTH, True),
        ({ANY_EKU}, Purpose.SERVER_AUTH, True),
        ({EMAIL}, Purpose.SERVER_AUTH, False),
        (set(), Purpose.SERVER_AUTH, False),
        ({EMAIL}, Purpose.ANY, True),
        ({EMAIL}, Purpose.DIGITAL_SIGNATURE, True),
        ({SERVER_AUTH}, Purpose.OCSP_SIGNING, True),
        ({SERVER_AUTH}, Purpose.TIME_STAMPING, False),
    ],
)
def test_extended_key_usage_of_issuers(usages: set[str], purpose: Purpose, *, allowed: bool) -> None:
    limits = {"extended_key_usage": frozenset(usages)}
    parameters = asked(purpose=purpose)
    if allowed:
        validated(leaf(), ca(**limits), anchor=root(**limits), parameters=parameters)
    else:
        assert refused(leaf(), ca(**limits), anchor=root(**limits), parameters=parameters) == [
            ("ANCHOR_PURPOSE_FORBIDDEN", 2),
            ("CA_PURPOSE_FORBIDDEN", 1),
        ]


# The anchor's own certificate


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"basic_constraints": None}, "ANCHOR_NOT_A_CA"),
        ({"basic_constraints": NOT_CA}, "ANCHOR_NOT_A_CA"),
        ({"key_usage": frozenset({KeyUsageBit.CRL_SIGN})}, "ANCHOR_MAY_NOT_SIGN_CERTIFICATES"),
    ],
)
def test_an_anchor_that_may_not_issue(fields: dict[str, Any], code: str) -> None:
    assert refused(leaf(), ca(), anchor=root(**fields)) == [(code, 2)]


def test_an_anchor_of_version_1_cannot_say_what_it_is() -> None:
    validated(leaf(), ca(), anchor=root(version=1, basic_constraints=None, key_usage=None))


def test_name_constraints_of_the_anchor() -> None:
    constraints = NameConstraints(permitted=(make.dns("example.com"),), excluded=())
    anchor = root(name_constraints=constraints, critical=frozenset({NC}))
    outside = leaf(subject_alt_name=(make.dns("example.org"),))
    assert refused(outside, ca(), anchor=anchor) == [("NAME_NOT_PERMITTED", 0)]
    validated(outside, ca(), anchor=anchor, enforce_constraints=False)


# Policies


def test_policy_sets_and_qualifiers_come_out() -> None:
    told = (PolicyInformation(GOLD, (("1.3.6.1.5.5.7.2.1", b"cps"),)), PolicyInformation(SILVER))
    path = validated(leaf(certificate_policies=told), ca(certificate_policies=policies(ANY_POLICY)))
    assert path.user_constrained_policy_set == frozenset({GOLD, SILVER})
    assert path.policy_qualifiers == (
        PolicyQualifier(policy=GOLD, qualifier_id="1.3.6.1.5.5.7.2.1", qualifier_der=b"cps"),
    )


def test_explicit_policy_asked_is_said_once() -> None:
    parameters = asked(initial_explicit_policy=True)
    assert refused(leaf(), ca(), parameters=parameters) == [("EXPLICIT_POLICY_LOST", 1)]
    gold = {"certificate_policies": policies(GOLD)}
    assert refused(leaf(), ca(**gold), parameters=parameters) == [("EXPLICIT_POLICY_LOST", 0)]
    validated(leaf(**gold), ca(**gold), parameters=parameters)


def test_policies_of_the_user() -> None:
    gold = {"certificate_policies": policies(GOLD)}
    silver = asked(user_initial_policy_set=frozenset({SILVER}))
    assert validated(leaf(**gold), ca(**gold), parameters=silver).user_constrained_policy_set == frozenset()
    silver = replace(silver, initial_explicit_policy=True)
    outcome = validate_path(make.path(leaf(**gold), ca(**gold)), make.context(silver))
    assert not isinstance(outcome, ValidatedPath)
    assert codes(outcome) == [("POLICY_NOT_ACCEPTED", 0)]
    assert outcome[0].params == (("policies", GOLD),)


def critical_policies(**fields: Any) -> dict[str, Any]:
    return fields | {"critical": frozenset({PC, IAP})}


@pytest.mark.parametrize(
    ("skip", "codes_found"), [(0, [("EXPLICIT_POLICY_LOST", 0)]), (1, [("EXPLICIT_POLICY_LOST", 0)]), (2, [])]
)
def test_require_explicit_policy_of_a_ca(skip: int, codes_found: list[Any]) -> None:
    issuer = ca(**critical_policies(policy_constraints=PolicyConstraints(skip, None)))
    if codes_found:
        assert refused(leaf(), issuer) == codes_found
    else:
        validated(leaf(), issuer)


def test_require_explicit_policy_of_the_target_counts_at_zero_only() -> None:
    zero = leaf(**critical_policies(policy_constraints=PolicyConstraints(0, None)))
    assert refused(zero, ca()) == [("EXPLICIT_POLICY_LOST", 0)]
    validated(leaf(**critical_policies(policy_constraints=PolicyConstraints(1, 0))), ca())


def test_policy_counters_of_the_anchor_count_like_a_certificates() -> None:
    later = root(**critical_policies(policy_constraints=PolicyConstraints(3, None)))
    validated(leaf(), ca(), anchor=later)
    sooner = root(**critical_policies(policy_constraints=PolicyConstraints(1, None)))
    assert refused(leaf(), ca(), anchor=sooner) == [("EXPLICIT_POLICY_LOST", 0)]


def test_policies_of_the_anchor_limit_the_user() -> None:
    gold = {"certificate_policies": policies(GOLD)}
    anchor = root(certificate_policies=policies(SILVER))
    parameters = asked(initial_explicit_policy=True)
    assert refused(leaf(**gold), ca(**gold), anchor=anchor, parameters=parameters) == [
        ("POLICY_NOT_ACCEPTED", 0)
    ]
    validated(leaf(**gold), ca(**gold), anchor=anchor, parameters=parameters, enforce_constraints=False)


def mapped(**fields: Any) -> Certificate:
    both = {"certificate_policies": policies(GOLD), "policy_mappings": (PolicyMapping(GOLD, SILVER),)}
    return ca(**(both | fields))


def test_mapping_speaks_of_the_anchors_domain() -> None:
    path = validated(
        leaf(certificate_policies=policies(SILVER)),
        mapped(),
        parameters=asked(user_initial_policy_set=frozenset({GOLD}), initial_explicit_policy=True),
    )
    assert path.user_constrained_policy_set == frozenset({GOLD})


def test_mapping_inhibited_by_the_caller_and_from_above() -> None:
    target = leaf(certificate_policies=policies(SILVER))
    parameters = asked(initial_explicit_policy=True, initial_policy_mapping_inhibit=True)
    assert refused(target, mapped(), parameters=parameters) == [("EXPLICIT_POLICY_LOST", 0)]
    above = ca(
        "CN=Top",
        **critical_policies(
            policy_constraints=PolicyConstraints(0, 0), certificate_policies=policies(ANY_POLICY)
        ),
    )
    assert refused(target, mapped(issuer="CN=Top"), above) == [("EXPLICIT_POLICY_LOST", 0)]


@pytest.mark.parametrize("pair", [(ANY_POLICY, GOLD), (GOLD, ANY_POLICY)])
def test_any_policy_is_not_mapped(pair: tuple[str, str]) -> None:
    assert refused(leaf(), mapped(policy_mappings=(PolicyMapping(*pair),))) == [
        ("POLICY_MAPPING_OF_ANY_POLICY", 1)
    ]


def test_mapping_without_policies_changes_nothing() -> None:
    validated(leaf(), mapped(certificate_policies=None))


def test_inhibit_any_policy() -> None:
    any_policy = {"certificate_policies": policies(ANY_POLICY)}
    asked_none = asked(initial_explicit_policy=True, initial_any_policy_inhibit=True)
    assert refused(leaf(**any_policy), ca(**any_policy), parameters=asked_none) == [
        ("EXPLICIT_POLICY_LOST", 1)
    ]
    inhibiting = ca(**critical_policies(inhibit_any_policy=0, **any_policy))
    assert refused(leaf(**any_policy), inhibiting, parameters=asked(initial_explicit_policy=True)) == [
        ("EXPLICIT_POLICY_LOST", 0)
    ]
    copy = ca("CN=CA", "CN=CA", **any_policy)
    gold = leaf(certificate_policies=policies(GOLD))
    validated(gold, copy, inhibiting, parameters=asked(initial_explicit_policy=True))


# Name constraints


def constraining(*, permitted: tuple[Any, ...] = (), excluded: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"name_constraints": NameConstraints(permitted, excluded), "critical": frozenset({NC})}


def test_self_issued_intermediates_are_exempt_and_targets_are_not() -> None:
    constraints = constraining(permitted=(make.directory("C=CN"),))
    top = ca("CN=CA", **constraints)
    assert refused(leaf(issuer="C=CN, CN=Sub"), ca("C=CN, CN=Sub", "CN=CA"), top) == [
        ("NAME_NOT_PERMITTED", 0)
    ]
    copy = ca("CN=CA", "CN=CA")
    validated(leaf("C=CN, CN=Leaf"), copy, top)
    assert refused(leaf("CN=CA", "CN=CA"), top) == [("NAME_NOT_PERMITTED", 0)]


def test_malformed_constraints_refuse_the_path() -> None:
    holes = constraining(permitted=(make.ip(bytes([10, 0, 0, 0, 255, 0, 255, 0])),))
    assert refused(leaf(), ca(**holes)) == [("NAME_CONSTRAINTS_MALFORMED", 1)]


def test_common_names_are_hosts_for_servers_only() -> None:
    constraints = constraining(excluded=(make.dns("example.com"),))
    target = leaf("CN=www.example.com")
    validated(target, ca(**constraints))
    assert refused(target, ca(**constraints), parameters=asked(purpose=Purpose.SERVER_AUTH)) == [
        ("NAME_EXCLUDED", 0)
    ]


# RFC 5280 §4


@pytest.mark.parametrize(
    "oid", ["2.5.29.35", "2.5.29.14", "2.5.29.9", "2.5.29.46", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11"]
)
def test_extensions_never_critical(oid: str) -> None:
    assert refused(leaf(critical=frozenset({oid})), ca()) == [("EXTENSION_MUST_NOT_BE_CRITICAL", 0)]
    assert refused(leaf(), ca(), anchor=root(critical=frozenset({oid}))) == [
        ("EXTENSION_MUST_NOT_BE_CRITICAL", 2)
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"name_constraints": NameConstraints((make.dns("example.com"),), ())},
        {"policy_constraints": PolicyConstraints(5, None)},
        {"inhibit_any_policy": 5},
    ],
)
def test_constraints_are_critical(fields: dict[str, Any]) -> None:
    assert refused(leaf(), ca(**fields)) == [("EXTENSION_MUST_BE_CRITICAL", 1)]
    legacy = asked(algorithm_profile="legacy")
    if "name_constraints" in fields:
        assert refused(leaf(), ca(**fields), parameters=legacy) == [("EXTENSION_MUST_BE_CRITICAL", 1)]
    else:
        validated(leaf(), ca(**fields), parameters=legacy)


def test_cert_sign_and_name_constraints_need_a_ca() -> None:
    signing = leaf(key_usage=frozenset({KeyUsageBit.KEY_CERT_SIGN}), basic_constraints=NOT_CA)
    assert refused(signing, ca()) == [("CERT_SIGN_WITHOUT_CA", 0)]
    constrained = leaf(**constraining(excluded=(make.dns("example.com"),)))
    assert refused(constrained, ca()) == [("NAME_CONSTRAINTS_WITHOUT_CA", 0)]
    validated(ca("CN=Sub", "CN=CA"), ca())


def test_nameless() -> None:
    alternative = (make.dns("example.com"),)
    assert refused(leaf(""), ca()) == [("TARGET_WITHOUT_NAME", 0)]
    assert refused(leaf("", subject_alt_name=alternative), ca()) == [("ALTERNATIVE_NAME_MUST_BE_CRITICAL", 0)]
    validated(leaf("", subject_alt_name=alternative, critical=frozenset({SAN})), ca())
    assert refused(ca("", "CN=CA"), ca()) == [("CA_WITHOUT_SUBJECT", 0)]
    assert refused(leaf(issuer=""), ca("")) == [("CA_WITHOUT_SUBJECT", 1)]


def test_findings_are_collected_and_bounded() -> None:
    bad = ca(not_after=make.NOW - SECOND, basic_constraints=NOT_CA, key_usage=frozenset())
    assert refused(leaf(unknown_critical=("1.2",)), bad) == [
        ("CA_EXPIRED", 1),
        ("ISSUER_NOT_A_CA", 1),
        ("CA_MAY_NOT_SIGN_CERTIFICATES", 1),
        ("TARGET_UNKNOWN_CRITICAL_EXTENSION", 0),
    ]
    many = tuple(f"1.2.{i}" for i in range(MAX_FINDINGS + 5))
    assert len(refused(leaf(unknown_critical=many), ca())) == MAX_FINDINGS
