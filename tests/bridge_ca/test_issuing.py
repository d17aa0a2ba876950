"""Cross-certificates as issued: paths through them pass here and in OpenSSL, each with policy checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.openssl import command_says, libcrypto_says, wheel_says
from tests.pki_writers import Ca, Sm2, x509
from tests.pki_writers import extensions as ext
from tests.recognition.scheme import agreement, mapping


@pytest.mark.parametrize("kind", ["sm2", "rsa", "ecdsa"])
@pytest.mark.parametrize("member", ["gd", "hk"])
def test_a_path_through_it_passes_everywhere(
    open_house: OpenHouse, tmp_path: Path, kind: str, member: str
) -> None:
    house, root = open_house(h.issuer(kind)), h.ROOTS[kind]
    if member == "gd":
        issued = house.issue()
        target, chain, unmapped = h.gd_subscriber(), (), h.gd_subscriber("1.3.6.1.4.1.32473.9")
    else:
        issued = house.issue("bridge-hk", h.HK_ROOT)
        target, chain, unmapped = h.hk_subscriber(), (h.HK_CA,), h.hk_subscriber("1.3.6.1.4.1.32473.9")
    assert issued.certificate is not None
    chain = (*chain, issued.certificate)

    verdict = h.ask(target, *chain, root=root)
    assert (h.codes(verdict), verdict.user_constrained_policy_set) == ([], (h.BRIDGE_HIGH,))
    assert verdict.basis is not None
    assert (verdict.basis.references, verdict.basis.level) == ((f"bridge-{member}",), "high")
    assert libcrypto_says(target, *chain, root=root, policies=[h.BRIDGE_HIGH]) == "OK"
    assert wheel_says(target, *chain, root=root) == "OK"

    other = h.ask(target, *chain, root=root, user_initial_policy_set=frozenset({h.BRIDGE_MEDIUM}))
    assert h.codes(other) == ["POLICY_NOT_ACCEPTED"]
    assert h.codes(h.ask(unmapped, *chain, root=root)) == ["EXPLICIT_POLICY_LOST"]
    assert libcrypto_says(target, *chain, root=root, policies=[h.BRIDGE_MEDIUM]) == "no explicit policy"
    assert libcrypto_says(unmapped, *chain, root=root, policies=[h.BRIDGE_HIGH]) == "no explicit policy"

    if kind != "sm2" and member == "hk":
        for asked, policy, said in (
            (target, h.BRIDGE_HIGH, "OK"),
            (target, h.BRIDGE_MEDIUM, "no explicit policy"),
            (unmapped, h.BRIDGE_HIGH, "no explicit policy"),
        ):
            assert command_says(tmp_path, asked, *chain, root=root, policies=[policy]) == said


FROM_HK = agreement("hk-bridge", "hk", "bridge", mapping(h.HK_HIGH, h.BRIDGE_HIGH, "high"))
ACROSS = replace(h.POLICY, agreements=(*h.POLICY.agreements, FROM_HK))


def to_bridge(kind: str) -> bytes:
    """What Hong Kong issued to the bridge for its part."""
    parts = (
        ext.certificate_policies(h.HK_HIGH),
        ext.policy_mappings((h.HK_HIGH, h.BRIDGE_HIGH)),
        ext.policy_constraints(require_explicit=0),
    )
    return h.HK.certify(h.BRIDGES[kind], *parts)


@pytest.mark.parametrize("kind", ["sm2", "rsa", "ecdsa"])
def test_a_site_of_one_member_relies_on_a_subscriber_of_another(open_house: OpenHouse, kind: str) -> None:
    """Hong Kong's root, the bridge, the SM2 CA of Guangdong, its subscriber: two mappings in a row."""
    house = open_house(h.issuer(kind, issued_to=(to_bridge(kind),)), policy=ACROSS)
    issued = house.issue().certificate or b""
    path = (h.gd_subscriber(), issued, to_bridge(kind))
    asked = {"root": h.HK_ROOT, "policy": ACROSS, "relying": "hk"}
    verdict = h.ask(*path, **asked, user_initial_policy_set=frozenset({h.HK_HIGH}))
    assert h.codes(verdict) == []
    assert verdict.basis is not None
    assert (verdict.basis.references, verdict.basis.level) == (("hk-bridge", "bridge-gd"), "high")
    assert libcrypto_says(*path, root=h.HK_ROOT, policies=[h.HK_HIGH]) == "OK"
    assert libcrypto_says(*path, root=h.HK_ROOT, policies=[h.HK_MEDIUM]) == "no explicit policy"
    assert wheel_says(*path, root=h.HK_ROOT) == "OK"


def test_it_cannot_be_transited(open_house: OpenHouse) -> None:
    """The member certifies another CA, or maps on: neither carries what the agreement gave to the member."""
    house, root = open_house(), h.ROOTS["sm2"]
    issued = house.issue().certificate or b""
    below = Ca("below", x509.name("C=CN, CN=Below"), Sm2("below"))
    policies = ext.certificate_policies(h.GD_HIGH)
    target = h.subscriber(below, h.GD_HIGH, "C=CN, CN=Deep", Sm2("deep"))
    path = (target, h.GD.certify(below, policies), issued)
    assert h.codes(h.ask(*path, root=root)) == ["PATH_LENGTH_EXCEEDED"]
    assert libcrypto_says(*path, root=root, policies=[h.BRIDGE_HIGH]) == "path length constraint exceeded"

    longer = replace(h.TO_GD, cross_certificate=replace(h.TO_GD.cross_certificate, max_path_length=1))
    house.known = replace(house.known, policy=replace(h.POLICY, agreements=(longer, h.TO_HK)))
    issued = house.issue().certificate or b""
    assert h.codes(h.ask(target, path[1], issued, root=root)) == []
    mapped = h.GD.certify(below, policies, ext.policy_mappings((h.GD_HIGH, "1.3.9")))
    target = h.subscriber(below, "1.3.9", "C=CN, CN=Deep", Sm2("deep"))
    assert h.codes(h.ask(target, mapped, issued, root=root)) == ["EXPLICIT_POLICY_LOST"]
    assert libcrypto_says(target, mapped, issued, root=root, policies=[h.BRIDGE_HIGH]) == "no explicit policy"
    anything = h.subscriber(h.GD, "2.5.29.32.0", "C=CN, CN=Any", Sm2("any"))
    assert h.codes(h.ask(anything, issued, root=root)) == ["EXPLICIT_POLICY_LOST"]
    assert libcrypto_says(anything, issued, root=root, policies=[h.BRIDGE_HIGH]) == "no explicit policy"
    outside = h.gd_subscriber(subject="C=HK, CN=Outside")
    assert h.codes(h.ask(outside, issued, root=root)) == ["NAME_NOT_PERMITTED"]
    assert (
        libcrypto_says(outside, issued, root=root, policies=[h.BRIDGE_HIGH]) == "permitted subtree violation"
    )
