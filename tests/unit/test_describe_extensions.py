from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ca_bridge.core.x509.extensions import (
    AuthorityKeyIdentifier,
    BasicConstraints,
    CertificateExtensions,
    CrlExtensions,
    DistributionPoint,
    Extension,
    IssuingDistributionPoint,
    NameConstraints,
    PolicyConstraints,
    PolicyInformation,
)
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.describe_extensions import certificate_extensions, crl_extensions

HOST = GeneralName(kind=GeneralNameType.DNS_NAME, text="a.example")


def of_certificate(oid: str, value: bytes = b"", **parsed: Any) -> list[str]:
    extensions = CertificateExtensions(raw=(Extension(oid, critical=False, value=value),), **parsed)
    (shown,) = certificate_extensions(cast("Any", SimpleNamespace(extensions=extensions)))
    return cast("list[str]", shown["values"])


def of_crl(oid: str, **parsed: Any) -> list[str]:
    extensions = CrlExtensions(raw=(Extension(oid, critical=True, value=b""),), **parsed)
    (shown,) = crl_extensions(cast("Any", SimpleNamespace(extensions=extensions)))
    return cast("list[str]", shown["values"])


@pytest.mark.parametrize(
    ("oid", "parsed", "lines"),
    [
        (
            "2.5.29.19",
            {"basic_constraints": BasicConstraints(ca=True, path_length=0)},
            ["cA: TRUE", "pathLenConstraint: 0"],
        ),
        ("2.5.29.19", {"basic_constraints": BasicConstraints(ca=False, path_length=None)}, ["cA: FALSE"]),
        ("2.5.29.19", {}, []),
        ("2.5.29.35", {}, []),
        (
            "2.5.29.35",
            {"authority_key_identifier": AuthorityKeyIdentifier(None, (HOST,), 255)},
            ["dns: a.example", "serialNumber: ff"],
        ),
        (
            "2.5.29.35",
            {"authority_key_identifier": AuthorityKeyIdentifier(b"\x01", (), None)},
            ["keyIdentifier: 01"],
        ),
        ("2.5.29.36", {"policy_constraints": PolicyConstraints(0, None)}, ["requireExplicitPolicy: 0"]),
        ("2.5.29.36", {"policy_constraints": PolicyConstraints(None, 1)}, ["inhibitPolicyMapping: 1"]),
        ("2.5.29.36", {}, []),
        ("2.5.29.54", {"inhibit_any_policy": 3}, ["3"]),
        (
            "2.5.29.30",
            {"name_constraints": NameConstraints((HOST,), (HOST,))},
            ["permitted dns: a.example", "excluded dns: a.example"],
        ),
        ("2.5.29.30", {}, []),
        (
            "2.5.29.31",
            {
                "crl_distribution_points": (
                    DistributionPoint((HOST,), b"x", frozenset({"key_compromise"}), (HOST,)),
                )
            },
            [
                "dns: a.example",
                "nameRelativeToCRLIssuer",
                "reasons: key_compromise",
                "cRLIssuer dns: a.example",
            ],
        ),
        (
            "2.5.29.37",
            {"extended_key_usage": frozenset({"1.3.6.1.5.5.7.3.1", "1.2.3"})},
            ["1.2.3", "serverAuth"],
        ),
    ],
)
def test_a_certificate_s_extension(oid: str, parsed: dict[str, Any], lines: list[str]) -> None:
    assert of_certificate(oid, **parsed) == lines


@pytest.mark.parametrize(
    ("qualifier", "shown"),
    [
        (b"\x16\x01a", "anyPolicy (CPS: a)"),
        (b"\x16\x02\x1b\xc3", "anyPolicy (1.3.6.1.5.5.7.2.1: 16021bc3)"),
        (b"\x0c\x01a", "anyPolicy (1.3.6.1.5.5.7.2.1: 0c0161)"),
        (b"\x16\x01\x1b", r"anyPolicy (CPS: \u{1b})"),
    ],
)
def test_a_qualifier_that_is_no_text_is_shown_as_octets(qualifier: bytes, shown: str) -> None:
    policies = (PolicyInformation("2.5.29.32.0", (("1.3.6.1.5.5.7.2.1", qualifier),)),)
    assert of_certificate("2.5.29.32", certificate_policies=policies) == [shown]


def test_other_qualifiers_and_none() -> None:
    policies = (PolicyInformation("1.2.3", (("1.2.4", b"\x05\x00"),)), PolicyInformation("1.2.5"))
    assert of_certificate("2.5.29.32", certificate_policies=policies) == ["1.2.3 (1.2.4: 0500)", "1.2.5"]


def test_an_unknown_extension_is_octets_and_a_long_one_is_cut() -> None:
    assert of_certificate("1.2.3", b"\x05\x00") == ["0500"]
    many = of_certificate("2.5.29.17", subject_alt_name=(HOST,) * 150)
    assert (len(many), many[-1]) == (101, "… 50 more")


@pytest.mark.parametrize(
    ("oid", "parsed", "lines"),
    [
        ("2.5.29.20", {"crl_number": 7}, ["7"]),
        ("2.5.29.20", {"crl_number": 1 << 64}, ["10000000000000000"]),
        ("2.5.29.27", {"delta_crl_indicator": 6}, ["6"]),
        ("2.5.29.27", {}, []),
        ("2.5.29.28", {}, []),
        (
            "2.5.29.28",
            {
                "issuing_distribution_point": IssuingDistributionPoint(
                    (HOST,),
                    b"x",
                    only_ca_certs=True,
                    only_some_reasons=frozenset({"superseded"}),
                    indirect_crl=True,
                )
            },
            [
                "dns: a.example",
                "nameRelativeToCRLIssuer",
                "only_ca_certs",
                "indirect_crl",
                "only_some_reasons: superseded",
            ],
        ),
        ("2.5.29.46", {"freshest_crl": (DistributionPoint((HOST,)),)}, ["dns: a.example"]),
    ],
)
def test_a_crl_s_extension(oid: str, parsed: dict[str, Any], lines: list[str]) -> None:
    assert of_crl(oid, **parsed) == lines
