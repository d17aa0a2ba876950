"""The test PKI: who certifies whom.

TEST ROOTCA SM2 ──> GD A SM2, GD B SM2, GD C SM2      (SM2; dual certificates below)
GD A/B/C RSA roots ──> GD A/B/C RSA CAs               (RSA-2048)
Test HK Root ──> Test HK e-Cert CA                    (RSA-2048)
Test Macau Root ──> Test Macau CA                     (RSA-2048)
bridge, one CA of two keys:  Bridge SM2 <──> Bridge RSA
    Bridge SM2 <──> GD A/B/C SM2
    Bridge RSA <──> HK root, Macau root, GD A/B/C RSA roots
"""

from __future__ import annotations

from datetime import UTC, datetime

import extensions as ext
import identity
from ca import Ca, Issued
from keys import Key, Rsa, Sm2
from x509 import name

HK_MUTUAL_RECOGNITION = "2.16.344.8.2.2008.810.2.2018.1.1"
# 2.999 is the arc of ITU-T X.660 kept for examples.
GD_HIGH, GD_MEDIUM, GD_BASIC = (f"2.999.44.1.{level}" for level in (3, 2, 1))
BRIDGE_HIGH, BRIDGE_MEDIUM, BRIDGE_BASIC = (f"2.999.810.1.{level}" for level in (3, 2, 1))
HK_HIGH = "2.999.344.1.3"
MO_QUALIFIED, MO_ADVANCED = "2.999.446.1.3", "2.999.446.1.2"

GD_POLICIES = (GD_HIGH, GD_MEDIUM, GD_BASIC)
BRIDGE_POLICIES = (BRIDGE_HIGH, BRIDGE_MEDIUM, BRIDGE_BASIC)
GD_LEVELS = tuple(zip(GD_POLICIES, BRIDGE_POLICIES, strict=True))
HK_LEVELS = ((HK_HIGH, BRIDGE_HIGH), (HK_MUTUAL_RECOGNITION, BRIDGE_MEDIUM))
MO_LEVELS = ((MO_QUALIFIED, BRIDGE_HIGH), (MO_ADVANCED, BRIDGE_MEDIUM))


def _down(levels: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The same levels seen from the bridge."""
    return tuple((theirs, ours) for ours, theirs in levels)


NATIONAL = Ca("national", name("C=CN, O=Test National Root, CN=TEST ROOTCA SM2"), Sm2("national root"))
GD_SM2 = {
    x: Ca(
        f"gd-{x}-sm2",
        name(f"C=CN, ST=广东, O=Test Guangdong CA {x.upper()}, CN=Test Guangdong CA {x.upper()} SM2"),
        Sm2(f"gd-{x}-sm2", null_parameters=x != "c"),
    )
    for x in "abc"
}
GD_RSA_ROOT = {
    x: Ca(
        f"gd-{x}-rsa-root",
        name(f"C=CN, O=Test Guangdong CA {x.upper()}, CN=Test Guangdong CA {x.upper()} RSA Root"),
        Rsa(f"rsa-gd{x}-root"),
    )
    for x in "abc"
}
GD_RSA = {
    x: Ca(
        f"gd-{x}-rsa",
        name(f"C=CN, O=Test Guangdong CA {x.upper()}, CN=Test Guangdong CA {x.upper()} RSA"),
        Rsa(f"rsa-gd{x}-ca"),
    )
    for x in "abc"
}
HK_ROOT = Ca("hk-root", name("C=HK, O=Test HK Post, CN=Test HK Root CA"), Rsa("rsa-hk-root"))
HK_CA = Ca("hk-ca", name("C=HK, O=Test HK Post, CN=Test HK e-Cert CA"), Rsa("rsa-hk-ca"))
MO_ROOT = Ca("mo-root", name("C=MO, O=Test Macau Sign, CN=Test Macau Root CA"), Rsa("rsa-mo-root"))
MO_CA = Ca("mo-ca", name("C=MO, O=Test Macau Sign, CN=Test Macau CA"), Rsa("rsa-mo-ca"))
BRIDGE_SM2 = Ca("bridge-sm2", name("C=CN, O=Test GBA Bridge, CN=Test GBA Bridge CA SM2"), Sm2("bridge"))
BRIDGE_RSA = Ca("bridge-rsa", name("C=CN, O=Test GBA Bridge, CN=Test GBA Bridge CA RSA"), Rsa("rsa-bridge"))

CHINA, HONG_KONG, MACAU = (ext.directory(name(f"C={country}")) for country in ("CN", "HK", "MO"))
MAINLAND_ONLY = ext.name_constraints(permitted=[CHINA])
HONG_KONG_ONLY = ext.name_constraints(permitted=[HONG_KONG])
MACAU_ONLY = ext.name_constraints(permitted=[MACAU])
_EXPLICIT = ext.policy_constraints(require_explicit=0)
_NO_ANY = ext.inhibit_any_policy(0)
_BRIDGE_POLICIES = ext.certificate_policies(*BRIDGE_POLICIES)


def crl_uri(ca: Ca) -> str:
    return f"http://crl.test-pki.example/{ca.label}.crl"


def cross(
    issuer: Ca,
    subject: Ca,
    levels: tuple[tuple[str, str], ...],
    *constraints: bytes,
    tag: str = "cross",
    explicit: bool = True,
) -> bytes:
    """A cross-certificate: the issuer's policies, mapped to the subject's as ``levels`` say."""
    own = tuple(dict.fromkeys(issuer_policy for issuer_policy, _ in levels))
    mapped = tuple(pair for pair in levels if pair[0] != pair[1])
    parts = [ext.certificate_policies(*own), *constraints]
    if mapped:
        parts.append(ext.policy_mappings(*mapped))
    if explicit:
        parts.append(_EXPLICIT)
    parts += [_NO_ANY, ext.crl_at(crl_uri(issuer))]
    return issuer.certify(subject, *parts, tag=tag)


_SAME_LEVELS = tuple((policy, policy) for policy in BRIDGE_POLICIES)
_GD_POLICIES = ext.certificate_policies(*GD_POLICIES)

CERTIFICATES: dict[str, bytes] = {"national-root": NATIONAL.root()}
for _x in "abc":
    CERTIFICATES[f"gd-{_x}-sm2"] = NATIONAL.certify(
        GD_SM2[_x], _GD_POLICIES, ext.crl_at(crl_uri(NATIONAL)), path_length=4
    )
    CERTIFICATES[f"gd-{_x}-rsa-root"] = GD_RSA_ROOT[_x].root()
    CERTIFICATES[f"gd-{_x}-rsa"] = GD_RSA_ROOT[_x].certify(
        GD_RSA[_x], _GD_POLICIES, ext.crl_at(crl_uri(GD_RSA_ROOT[_x])), path_length=0
    )
    CERTIFICATES[f"gd-{_x}-sm2-to-bridge-sm2"] = cross(GD_SM2[_x], BRIDGE_SM2, GD_LEVELS)
    CERTIFICATES[f"bridge-sm2-to-gd-{_x}-sm2"] = cross(
        BRIDGE_SM2, GD_SM2[_x], _down(GD_LEVELS), MAINLAND_ONLY
    )
    CERTIFICATES[f"gd-{_x}-rsa-root-to-bridge-rsa"] = cross(GD_RSA_ROOT[_x], BRIDGE_RSA, GD_LEVELS)
    CERTIFICATES[f"bridge-rsa-to-gd-{_x}-rsa-root"] = cross(
        BRIDGE_RSA, GD_RSA_ROOT[_x], _down(GD_LEVELS), MAINLAND_ONLY
    )
CERTIFICATES |= {
    "hk-root": HK_ROOT.root(),
    "hk-ca": HK_ROOT.certify(
        HK_CA,
        ext.certificate_policies(HK_MUTUAL_RECOGNITION, HK_HIGH),
        ext.crl_at(crl_uri(HK_ROOT)),
        path_length=0,
    ),
    "mo-root": MO_ROOT.root(),
    "mo-ca": MO_ROOT.certify(
        MO_CA,
        ext.certificate_policies(MO_QUALIFIED, MO_ADVANCED),
        ext.crl_at(crl_uri(MO_ROOT)),
        path_length=0,
    ),
    "bridge-sm2-root": BRIDGE_SM2.root(),
    "bridge-rsa-root": BRIDGE_RSA.root(),
    "bridge-sm2-to-bridge-rsa": cross(BRIDGE_SM2, BRIDGE_RSA, _SAME_LEVELS),
    "bridge-rsa-to-bridge-sm2": cross(BRIDGE_RSA, BRIDGE_SM2, _SAME_LEVELS),
    "hk-root-to-bridge-rsa": cross(HK_ROOT, BRIDGE_RSA, HK_LEVELS),
    "bridge-rsa-to-hk-root": cross(BRIDGE_RSA, HK_ROOT, _down(HK_LEVELS), HONG_KONG_ONLY),
    "mo-root-to-bridge-rsa": cross(MO_ROOT, BRIDGE_RSA, MO_LEVELS),
    "bridge-rsa-to-mo-root": cross(BRIDGE_RSA, MO_ROOT, _down(MO_LEVELS), MACAU_ONLY),
}

SIGNING = ext.key_usage("digital_signature", "content_commitment")
ENCRYPTION = ext.key_usage("key_encipherment", "data_encipherment")


def leaf(
    ca: Ca,
    label: str,
    subject: str,
    key: Key,
    policy: str,
    *more: bytes,
    usage: bytes = SIGNING,
    period: tuple[datetime, datetime] | None = None,
) -> Issued:
    """An end entity as these CAs issue them: no basicConstraints, one policy, one CRL address."""
    extensions = (
        usage,
        ext.subject_key_identifier(key.spki),
        ext.certificate_policies(policy),
        ext.crl_at(crl_uri(ca)),
        *more,
    )
    if period is None:
        return ca.issue(label, name(subject), key, extensions)
    return ca.issue(label, name(subject), key, extensions, period=period)


_COMPANY = {"a": identity.COMPANY_1, "b": identity.COMPANY_2, "c": identity.COMPANY_3}
_PERSON = {"a": identity.PERSON_A, "b": identity.PERSON_B, "c": identity.PERSON_C}
_COMPANY_STYLE = {
    "a": identity.gdca_organization,
    "b": identity.netca_organization,
    "c": identity.szca_organization,
}
_PERSON_STYLE = {"a": identity.gdca_person, "b": identity.netca_person, "c": identity.szca_person}
_NUMERAL = {"a": "一", "b": "二", "c": "三"}
_STEM = {"a": "甲", "b": "乙", "c": "丙"}


def company_subject(x: str) -> str:
    company = f"测试企业{_NUMERAL[x]}有限公司"
    unit = f"OU={_COMPANY[x]}, " if x == "c" else ""
    return f"C=CN, ST=广东, L=广州, O={company}, {unit}CN={company}"


def person_subject(x: str) -> str:
    return f"C=CN, ST=广东, O=个人, CN=测试用户{_STEM[x]}"


LEAVES: dict[str, Issued] = {}
for _x in "abc":
    _ids = (identity.standard_organization(_COMPANY[_x]), *_COMPANY_STYLE[_x](_COMPANY[_x]))
    _person_ids = (identity.standard_person(_PERSON[_x]), *_PERSON_STYLE[_x](_PERSON[_x]))
    for _kind, _usage in (("sign", SIGNING), ("encrypt", ENCRYPTION)):
        _label = f"gd-{_x}-sm2-company-{_kind}"
        LEAVES[_label] = leaf(
            GD_SM2[_x], _label, company_subject(_x), Sm2(_label), GD_HIGH, *_ids, usage=_usage
        )
        _label = f"gd-{_x}-sm2-person-{_kind}"
        LEAVES[_label] = leaf(
            GD_SM2[_x], _label, person_subject(_x), Sm2(_label), GD_MEDIUM, *_person_ids, usage=_usage
        )
    _label = f"gd-{_x}-rsa-company-sign"
    LEAVES[_label] = leaf(GD_RSA[_x], _label, company_subject(_x), Rsa("rsa-leaf-1"), GD_HIGH, *_ids)

LEAVES["gd-a-sm2-person-basic"] = leaf(
    GD_SM2["a"],
    "gd-a-sm2-person-basic",
    person_subject("a"),
    Sm2("gd-a-sm2-person-basic"),
    GD_BASIC,
    identity.standard_person(identity.PERSON_A),
)
EVENT_PERIOD = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC))
LEAVES["gd-a-sm2-event"] = leaf(
    GD_SM2["a"], "gd-a-sm2-event", person_subject("a"), Sm2("event"), GD_MEDIUM, period=EVENT_PERIOD
)
LEAVES["hk-person-sign"] = leaf(
    HK_CA,
    "hk-person-sign",
    "C=HK, O=Test HK Post e-Cert (Personal), OU=0000000001, CN=TEST USER ALPHA",
    Rsa("rsa-leaf-2"),
    HK_MUTUAL_RECOGNITION,
)
LEAVES["hk-company-sign"] = leaf(
    HK_CA,
    "hk-company-sign",
    "C=HK, O=Test HK Post e-Cert (Organisational), OU=TEST COMPANY ONE LIMITED, CN=TEST USER BETA",
    Rsa("rsa-leaf-3"),
    HK_HIGH,
)
LEAVES["mo-person-sign"] = leaf(
    MO_CA, "mo-person-sign", "C=MO, O=Test Macau Sign, CN=TEST USER GAMMA", Rsa("rsa-leaf-1"), MO_QUALIFIED
)
