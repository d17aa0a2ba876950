"""Names that a member may ask under, and those that it may not: a key does not choose whose name it bears."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ca_bridge.core.recognition.agreement import Conditions
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from ca_bridge.services.issue_cross_certificate.member import read_member
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.requests import request
from tests.bridge_ca.test_refusals import Trigger, given, pinning, under, with_agreement, with_gd
from tests.pki_writers import Ca, Sm2, der, x509
from tests.recognition.scheme import authority

SECOND_OF_GD = Ca("second", x509.name("C=CN, CN=Second of Guangdong"), Sm2("second"))
EVERYTHING = GeneralName(
    GeneralNameType.DIRECTORY_NAME, name=decode_name(der.seq(), 0, len(der.seq()), [])[0]
)
HOSTS = GeneralName(GeneralNameType.DNS_NAME, text="example.cn")
AS_HK, AS_RSA_BRIDGE = Ca("as hk", h.HK.name, h.GD.key), Ca("as rsa", h.BRIDGES["rsa"].name, h.GD.key)


def with_names(*names: GeneralName, **fields: Any) -> RecognitionPolicy:
    return with_agreement(conditions=replace(h.TO_GD.conditions, permitted_names=names, **fields))


def two_of_gd(*pins: bytes) -> RecognitionPolicy:
    """The domain of Guangdong has a second CA, whose certificate is at hand, and the first pins ``pins``."""
    bridge, gd, hk = h.DOMAINS
    first = replace(
        gd.authorities[0], certificates=tuple(h.parse_certificate(der).fingerprint for der in pins)
    )
    second = authority("gd-second", SECOND_OF_GD.root())
    return replace(h.POLICY, domains=(bridge, replace(gd, authorities=(first, second)), hk))


def claims_name_of_second(opened: OpenHouse, material: bytes, *pins: bytes) -> None:
    house = opened(policy=two_of_gd(*pins))
    found = h.parse_certificate(SECOND_OF_GD.root())
    house.known = replace(
        house.known,
        known_keys={**house.known.known_keys, found.fingerprint: h.key_hash_of(found.der)},
        known_names={**house.known.known_names, found.fingerprint: found.subject},
    )
    house.issue(material=material)


def claims_registered_name_of_second(opened: OpenHouse) -> None:
    house = opened(policy=two_of_gd())
    house.issue(material=SECOND_OF_GD.root())
    house.issue(material=Ca("claims again", SECOND_OF_GD.name, h.GD.key).root())


CASES: list[tuple[str, str, Trigger]] = [
    ("a self-signed name outside those", "NAME_NOT_AGREED", given(AS_HK.root())),
    (
        "a self-signed name of nobody here",
        "NAME_NOT_AGREED",
        given(Ca("as mo", x509.name("C=MO, O=Post, CN=Root"), h.GD.key).root()),
    ),
    ("no names agreed on", "NAME_NOT_AGREED", under(with_names(), request(h.HK.name, h.GD.key))),
    ("no directory names", "NAME_NOT_AGREED", under(with_names(HOSTS), AS_HK.root())),
    ("every directory name", "NAME_NOT_AGREED", under(with_names(EVERYTHING), AS_HK.root())),
    (
        "not the name that is pinned",
        "NAME_NOT_AGREED",
        under(pinning(h.GD_ROOT, conditions=Conditions()), AS_HK.root()),
    ),
    (
        "a name pinned for another domain",
        "NAME_OF_ANOTHER_MEMBER",
        under(with_names(h.directory("C=HK"), h.directory("C=CN")), AS_HK.root()),
    ),
    ("the name of another key of the bridge", "NAME_OF_ANOTHER_MEMBER", given(AS_RSA_BRIDGE.root())),
    (
        "a pinned certificate in the name of another domain's",
        "NAME_OF_ANOTHER_MEMBER",
        under(pinning(AS_HK.root(), conditions=Conditions()), AS_HK.root()),
    ),
    (
        "the name of another CA of the domain",
        "NAME_OF_ANOTHER_MEMBER",
        lambda opened: claims_name_of_second(opened, Ca("claims", SECOND_OF_GD.name, h.GD.key).root()),
    ),
    (
        "a name registered for another CA of the domain",
        "NAME_OF_ANOTHER_MEMBER",
        claims_registered_name_of_second,
    ),
    (
        "the name of another issuer",
        "MEMBER_IS_A_BRIDGE_KEY",
        lambda opened: opened(h.issuer("sm2"), h.issuer("rsa")).issue(
            material=AS_RSA_BRIDGE.root(), label="bridge-sm2"
        ),
    ),
    (
        "the key of another issuer",
        "MEMBER_IS_A_BRIDGE_KEY",
        lambda opened: opened(
            h.issuer("sm2"), h.issuer("rsa"), policy=with_gd(keys=h.DOMAINS[0].authorities[1].keys)
        ).issue(material=request(h.GD.name, h.BRIDGE_KEYS["rsa"]), label="bridge-sm2"),
    ),
]


@pytest.mark.parametrize(("code", "trigger"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused(open_house: OpenHouse, code: str, trigger: Trigger) -> None:
    with pytest.raises(BridgeRefused) as caught:
        trigger(open_house)
    assert caught.value.refusal.code == code


@pytest.mark.parametrize(
    ("policy", "material"),
    [
        (pinning(h.GD_ROOT, conditions=Conditions()), h.GD_ROOT),
        (pinning(h.GD_ROOT, conditions=Conditions()), request(h.GD.name, h.GD.key)),
        (with_names(h.directory("C=CN")), request(x509.name("C=CN, CN=New Name"), h.GD.key)),
        (two_of_gd(), SECOND_OF_GD.root()),
    ],
    ids=["pinned itself", "a pinned name", "an agreed name", "a second CA"],
)
def test_names_that_may_be_claimed(open_house: OpenHouse, policy: RecognitionPolicy, material: bytes) -> None:
    issued = open_house(policy=policy).issue(material=material)
    assert h.parse_certificate(issued.certificate or b"").subject == read_member(material).subject


def test_a_pinned_certificate_in_the_name_of_another_ca_of_its_domain(open_house: OpenHouse) -> None:
    """Two keys of one name, as after a change of keys: the policy says so by the fingerprint."""
    renewed = Ca("renewed", SECOND_OF_GD.name, h.GD.key).root()
    claims_name_of_second(open_house, renewed, renewed)
