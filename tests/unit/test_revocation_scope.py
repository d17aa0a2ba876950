"""Which CRL speaks of which certificate: issuer, distribution point, kind, relative names."""

from __future__ import annotations

import pytest
from cryptography import x509

from tests import status_pki as pki
from tests.status_pki import Entry, Party, World, crl, directory, idp, issue, point, uri

ROOT = issue(None, "root", ca=True)
CA = issue(ROOT, "ca", ca=True)
WORLD = World((ROOT,), (CA,))
HERE, THERE = uri("http://a.example/1.crl"), uri("http://a.example/2.crl")
NO_EVIDENCE = ["CRL_OUT_OF_SCOPE", "REVOCATION_EVIDENCE_MISSING"]


def leaf(*extensions: x509.ExtensionType) -> Party:
    return issue(ROOT, "leaf", *extensions)


IN_SCOPE = [
    ("no point on either side", None, None),
    ("the list has no point", point(HERE), None),
    ("the list names no point", point(HERE), idp(user=True)),
    ("one name", point(HERE), idp(HERE)),
    ("one of several names", point(THERE, HERE), idp(uri("ldap://x.example/cn=1"), HERE)),
    ("scheme and host in any case", point(uri("HTTP://A.Example/1.crl")), idp(HERE)),
    ("a name that is no URL", point(x509.RFC822Name("a@b.example")), idp(x509.RFC822Name("a@b.example"))),
    ("a URI without authority", point(uri("urn:a:b")), idp(uri("urn:a:b"))),
    ("relative names", point(relative="part 1"), idp(relative="part 1")),
    ("a relative and a full name", point(directory("root/part 1")), idp(relative="part 1")),
    ("a full and a relative name", point(relative="part 1"), idp(directory("root/part 1"))),
    ("the issuer's own name", None, idp(directory("root"))),
    ("indirect, and still the issuer's", point(HERE), idp(HERE, indirect=True)),
]

OUT_OF_SCOPE = [
    ("another name", point(HERE), idp(THERE)),
    ("a path in another case", point(HERE), idp(uri("http://a.example/1.CRL"))),
    ("another relative name", point(relative="part 1"), idp(relative="part 2")),
    ("a point and none on the certificate", None, idp(HERE)),
    ("CAs only", point(HERE), idp(HERE, ca=True)),
    ("attribute certificates only", point(HERE), idp(HERE, attribute=True)),
    ("a URI and an address alike", point(x509.RFC822Name("a@b.example")), idp(uri("a@b.example"))),
]


@pytest.mark.parametrize(("why", "asked", "given"), IN_SCOPE, ids=[c[0] for c in IN_SCOPE])
def test_in_scope(
    why: str, asked: x509.CRLDistributionPoints | None, given: x509.IssuingDistributionPoint | None
) -> None:
    target = leaf(*([asked] if asked else []))
    assert WORLD.codes(target, crl(ROOT, point=given)) == []
    assert WORLD.codes(target, crl(ROOT, Entry(target.serial), point=given)) == ["TARGET_REVOKED"]


@pytest.mark.parametrize(("why", "asked", "given"), OUT_OF_SCOPE, ids=[c[0] for c in OUT_OF_SCOPE])
def test_out_of_scope_is_no_evidence(
    why: str, asked: x509.CRLDistributionPoints | None, given: x509.IssuingDistributionPoint
) -> None:
    target = leaf(*([asked] if asked else []))
    good = crl(ROOT, point=given)
    assert WORLD.codes(target, good) == NO_EVIDENCE
    assert WORLD.codes(target, good, rule=pki.IF_AVAILABLE) == []
    if asked is not None:
        listed = crl(ROOT, Entry(target.serial), point=given)
        assert WORLD.codes(target, listed, rule=pki.IF_AVAILABLE) == []


def test_a_certificate_without_points_is_revoked_by_any_list_of_its_issuer() -> None:
    target = leaf()
    listed = crl(ROOT, Entry(target.serial), point=idp(HERE))
    assert WORLD.codes(target, listed, rule=pki.IF_AVAILABLE) == ["TARGET_REVOKED"]
    forged = crl(ROOT, Entry(target.serial), point=idp(HERE), private=pki.key("stranger"))
    assert WORLD.codes(target, forged, rule=pki.IF_AVAILABLE) == []
    delta = crl(ROOT, point=idp(HERE), number=8, delta=7)
    assert WORLD.codes(target, delta) == NO_EVIDENCE


def test_users_only_does_not_speak_of_cas() -> None:
    users = crl(ROOT, Entry(CA.serial), point=idp(user=True))
    assert WORLD.codes(CA, users) == NO_EVIDENCE
    assert WORLD.codes(CA, crl(ROOT, point=idp(ca=True))) == []


def test_reasons_of_the_point_limit_what_the_list_clears() -> None:
    some = frozenset({x509.ReasonFlags.key_compromise, x509.ReasonFlags.superseded})
    target = leaf(point(HERE, reasons=some))
    assert WORLD.codes(target, crl(ROOT, point=idp(HERE))) == ["CRL_REASONS_NOT_COVERED"]
    assert WORLD.codes(target, crl(ROOT)) == []


class TestIndirect:
    ISSUER = issue(ROOT, "crl issuer", pki.usage("crl_sign"))
    WORLD = World((ROOT,), (ISSUER,))
    TARGET = issue(ROOT, "indirect leaf", point(HERE, crl_issuer=("crl issuer",)))
    ENTRY = Entry(TARGET.serial, issuer="root")

    def test_the_named_crl_issuer_speaks(self) -> None:
        given = idp(HERE, indirect=True)
        assert self.WORLD.codes(self.TARGET, crl(self.ISSUER, point=given)) == []
        assert self.WORLD.codes(self.TARGET, crl(self.ISSUER, self.ENTRY, point=given)) == ["TARGET_REVOKED"]

    def test_an_entry_without_certificate_issuer_is_the_crl_issuers_own(self) -> None:
        listed = crl(self.ISSUER, Entry(self.TARGET.serial), point=idp(HERE, indirect=True))
        assert self.WORLD.codes(self.TARGET, listed) == []

    def test_its_list_must_say_that_it_is_indirect(self) -> None:
        for given in (idp(HERE), None):
            assert self.WORLD.codes(self.TARGET, crl(self.ISSUER, point=given)) == NO_EVIDENCE

    def test_a_crl_issuer_that_is_not_named_says_nothing(self) -> None:
        target = issue(ROOT, "leaf", point(HERE))
        listed = crl(self.ISSUER, Entry(target.serial, issuer="root"), point=idp(HERE, indirect=True))
        assert self.WORLD.codes(target, listed) == ["REVOCATION_EVIDENCE_MISSING"]

    def test_a_point_without_name_goes_by_its_crl_issuer(self) -> None:
        target = issue(ROOT, "leaf", point(crl_issuer=("crl issuer",)))
        own = idp(directory("crl issuer"), indirect=True)
        assert self.WORLD.codes(target, crl(self.ISSUER, point=own)) == []
        assert self.WORLD.codes(target, crl(self.ISSUER, point=idp(HERE, indirect=True))) == NO_EVIDENCE

    def test_a_relative_name_is_below_the_crl_issuer(self) -> None:
        target = issue(ROOT, "leaf", point(relative="part 1", crl_issuer=("crl issuer",)))
        given = idp(relative="part 1", indirect=True)
        assert self.WORLD.codes(target, crl(self.ISSUER, point=given)) == []

    def test_the_issuers_own_list_counts_beside(self) -> None:
        assert self.WORLD.codes(self.TARGET, crl(ROOT)) == []

    def test_a_crl_issuer_named_by_something_else_than_a_dn_is_nobody(self) -> None:
        bad = x509.CRLDistributionPoints([x509.DistributionPoint(None, None, None, [HERE])])
        target = issue(ROOT, "leaf", bad)
        assert self.WORLD.codes(target, crl(self.ISSUER, point=idp(indirect=True))) == [
            "REVOCATION_EVIDENCE_MISSING"
        ]
