"""pkilint as the last look before a signature: what it refuses, and what is known to be wrong of it."""

from __future__ import annotations

import pytest

from ca_bridge.adapters.pkilint_lint import KNOWN_FALSE, PkilintLint
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.pki_writers import extensions as ext
from tests.recognition.scheme import C

LINT = PkilintLint()


def codes(found: object) -> list[str]:
    return [finding.code for finding in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["sm2", "rsa", "ecdsa"])
def test_what_is_issued_is_clean(open_house: OpenHouse, kind: str) -> None:
    house = open_house(h.issuer(kind))
    for agreement, member in (("bridge-gd", h.GD_ROOT), ("bridge-hk", h.HK_ROOT)):
        issued = house.issue(agreement, member)
        assert LINT.certificate(issued.certificate or b"") == ()
        house.revoke(issued.reservation.serial)
    assert [LINT.crl(crl.der) for crl in (*house.crl(), *house.crl(complete=False))] == [()] * 3


def test_what_is_wrong_is_told() -> None:
    bare = h.GD.issue("bare", h.HK.name, h.HK.key, (ext.basic_constraints(),)).certificate
    found = LINT.certificate(bare)
    assert codes(found) == ["pkix.certificate_skid_ca_missing", "pkix.ca_certificate_no_ku_extension"]
    assert all(finding.where.startswith("certificate") for finding in found)
    no_number = h.GD.crl(extensions=(ext.authority_key_identifier(h.GD.key.spki),))
    assert codes(LINT.crl(no_number)) == ["pkix.crl_number_missing"]
    assert str(LINT.crl(no_number)[0]).startswith("pkix.crl_number_missing certificateList")


@pytest.mark.parametrize("evil", [b"", b"\x30\x00", b"garbage"])
def test_what_cannot_be_read(evil: bytes) -> None:
    assert codes(LINT.certificate(evil)) == ["lint.unreadable"]
    assert codes(LINT.crl(evil)) == ["lint.unreadable"]


def test_false_findings_are_let_pass() -> None:
    """The arc 2.999 of this certificate's policies is well formed; it has no other fault either."""
    assert LINT.certificate(C["bridge-sm2-to-gd-a-sm2"]) == ()
    assert all(false.reason for false in KNOWN_FALSE)
