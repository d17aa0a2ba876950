"""Name constraints of the member's own certificate: carried over, or nothing is issued."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ca_bridge.core.recognition.agreement import Conditions
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.test_refusals import pinning
from tests.pki_writers import Ca, Sm2, der, x509
from tests.pki_writers import extensions as ext

PARENT = Ca("parent", x509.name("C=CN, O=Parent"), Sm2("parent"))
CN, HK = h.directory("C=CN"), h.directory("C=HK")
ONLY, ELSEWHERE = "C=CN, O=Only Us", "C=CN, O=Elsewhere"
HOST = GeneralName(GeneralNameType.DNS_NAME, text="gd.example")


def own(permitted: tuple[bytes, ...] = (), excluded: tuple[bytes, ...] = ()) -> bytes:
    """The certificate of Guangdong by a parent that constrains its names."""
    return PARENT.certify(h.GD, ext.name_constraints(permitted=permitted, excluded=excluded), path_length=0)


def directories(*texts: str) -> tuple[bytes, ...]:
    return tuple(ext.directory(x509.name(text)) for text in texts)


def issue(opened: OpenHouse, material: bytes, *permitted: GeneralName, **fields: Any) -> Any:
    conditions = Conditions(permitted_names=permitted, **fields)
    house = opened(policy=pinning(material, conditions=conditions))
    return h.parse_certificate(house.issue(material=material).certificate or b"")


@pytest.mark.parametrize(
    ("said", "agreed", "carried"),
    [
        ((ONLY,), (CN,), (ONLY,)),
        ((ONLY, "C=HK"), (CN,), (ONLY,)),
        (("C=CN",), (h.directory(ONLY),), (ONLY,)),
        (("C=CN",), (CN,), ("C=CN",)),
        ((ONLY,), (), (ONLY,)),
        (("C=CN", ONLY), (h.directory(ELSEWHERE), CN), ("C=CN", ONLY, ELSEWHERE)),
    ],
)
def test_permitted(
    open_house: OpenHouse, said: tuple[str, ...], agreed: tuple[GeneralName, ...], carried: tuple[str, ...]
) -> None:
    cross = issue(open_house, own(directories(*said)), *agreed)
    names = cross.extensions.name_constraints
    assert names is not None
    assert {name.name for name in names.permitted} == {h.directory(text).name for text in carried}
    assert names.excluded == ()


def test_excluded_and_other_forms(open_house: OpenHouse) -> None:
    material = own((ext.dns("gd.example"),), directories(ELSEWHERE, "C=HK"))
    cross = issue(open_house, material, CN, excluded_names=(HK,))
    names = cross.extensions.name_constraints
    assert names is not None
    assert {(n.kind, n.text, n.name) for n in names.permitted} == {
        (CN.kind, "", CN.name),
        (HOST.kind, "gd.example", None),
    }
    assert sorted(n.name.normalized for n in names.excluded) == sorted(
        h.directory(text).name.normalized for text in ("C=HK", ELSEWHERE)
    )


def test_what_its_own_certificate_forbids_is_forbidden_through_the_bridge(open_house: OpenHouse) -> None:
    material = own(directories(ONLY))
    cross = issue(open_house, material, CN).der
    for subject, said in ((f"{ONLY}, CN=Inside", []), (f"{ELSEWHERE}, CN=Outside", ["NAME_NOT_PERMITTED"])):
        assert h.codes(h.ask(h.gd_subscriber(subject=subject), cross, root=h.ROOTS["sm2"])) == said


@pytest.mark.parametrize(
    ("permitted", "agreed", "form"),
    [
        (directories(ELSEWHERE), (h.directory(ONLY),), "directory_name"),
        ((ext.dns("other.example"),), (CN, HOST), "dns_name"),
        ((ext.dns("-"),), (CN,), "dns_name"),
        ((der.tlv(0x88, b"\x2a\x03"),), (CN,), "registered_id"),
    ],
    ids=["nothing left", "two hosts", "malformed", "a form that is not processed"],
)
def test_refused(
    open_house: OpenHouse, permitted: tuple[bytes, ...], agreed: tuple[GeneralName, ...], form: str
) -> None:
    with pytest.raises(BridgeRefused, match="MEMBER_CONSTRAINTS_NOT_CARRIED") as caught:
        issue(open_house, own(permitted), *agreed)
    assert caught.value.params == {"form": form}


def test_its_own_word_permits_no_name(open_house: OpenHouse) -> None:
    """Constraints in a self-signed certificate are the member's own, as the name is."""
    policy = replace(h.POLICY, agreements=(replace(h.TO_GD, conditions=Conditions()), h.TO_HK))
    names = ext.name_constraints(permitted=directories("C=HK"))
    with pytest.raises(BridgeRefused, match="NAME_NOT_AGREED"):
        open_house(policy=policy).issue(material=Ca("as", h.HK.name, h.GD.key).root(names))
