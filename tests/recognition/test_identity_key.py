"""One holder, one key: over CAs, RSA and SM2, renewals, old and new codes; nothing personal in clear."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
from datetime import UTC, datetime

import pytest
from gmssl import sm3
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.identity import HolderKind, unified_identity
from ca_bridge.core.x509.identity_conflicts import identity_findings
from ca_bridge.core.x509.identity_key import KeyStrength, PersonalDigest, UnifiedIdentity, derive_identity
from ca_bridge.core.x509.identity_numbers import (
    lift_resident_number,
    organization_code_check,
    resident_check,
    uscc_check,
)
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityKind, IdentityRule
from ca_bridge.services.certificate_summary import holder_summary
from tests.pki_writers import Ca, Rsa, Sm2, der, x509
from tests.pki_writers import extensions as ext

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGEST = PersonalDigest(b"a test key of thirty-two bytes!!")
LATER = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))


def legacy_code(body: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "0123456789X0"[11 - total % 11]


def unified_code(body: str, head: str = "91440000") -> str:
    code = head + legacy_code(body)
    return code + _ALPHABET[-sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code)) % 31]


def wrong(code: str) -> str:
    return code[:-1] + ("1" if code[-1] != "1" else "2")


CODE, OTHER = unified_code("TE5T0001"), unified_code("TE5T0002")
LEGACY = CODE[8:17]
HYPHENATED = f"{LEGACY[:8]}-{LEGACY[8]}"
OLD_NUMBER = "990000490101001"
NUMBER = lift_resident_number(OLD_NUMBER)
OTHER_NUMBER = lift_resident_number("990000490101002")
COMPANY = "C=CN, O=测试企业有限公司, CN=测试企业有限公司"
PERSON = "C=CN, CN=测试用户"


def entity(head: str, text: str, encoding: str = "utf-8") -> bytes:
    return der.utf8(f"{head}1{base64.b64encode(text.encode(encoding)).decode()}")


def standard(code: str) -> tuple[str, bytes]:
    return "1.2.156.10260.4.1.4", der.printable(code)


ORGANIZATION_STYLES = {
    "GDCA": (
        COMPANY,
        [("1.2.86.11.7.7550243.1", der.printable(CODE)), ("1.2.86.21.1.3", der.utf8("GDT0042"))],
    ),
    "GDCA legacy": (COMPANY, [("1.2.86.11.7.3", der.printable(LEGACY))]),
    "NETCA": (COMPANY, [("1.3.6.1.4.1.18760.1.12.11", entity("00011@0006PO", CODE, "utf-16-le"))]),
    "NETCA UTF-8": (COMPANY, [("1.3.6.1.4.1.18760.1.12.11", entity("00011@0006PO", CODE))]),
    "SZCA": (f"C=CN, ST=广东, O=测试企业, OU={CODE}, CN=测试企业", []),
    "SZCA extension": (COMPANY, [("1.2.86.11.7.755024301", der.utf8(CODE))]),
    "BJCA": (COMPANY, [("1.2.156.112562.2.1.1.1", f"JJ{LEGACY}".encode())]),
    "BJCA entity": (COMPANY, [("1.2.156.112562.2.1.1.24", der.utf8(f"1@5009JJ0{HYPHENATED}"))]),
    "SHECA": (COMPANY, [("1.2.156.1.8888.148", der.printable(HYPHENATED))]),
    "SHECA unified": (COMPANY, [standard(CODE)]),
    "CFCA": (f"C=CN, O=Test CFCA OCA, OU=Organizational-1, CN=051@测试企业@Z{CODE}@1", []),
    "MCSCA": (f"C=CN, serialNumber={CODE}, CN=42@测试企业@01@239", []),
    "EN 319 412-1": (f"C=CN, organizationIdentifier=NTRCN-{CODE}, CN=测试企业", []),
    "EN 319 412-1 legacy": (f"C=CN, organizationIdentifier=NTRCN-{HYPHENATED}, CN=测试企业", []),
}
PERSON_STYLES = {
    "GDCA": (PERSON, [("1.2.86.11.7.1", der.tlv(der.SET, der.explicit(0, der.printable(NUMBER))))]),
    "GDCA old": (PERSON, [("1.2.86.11.7.1", der.tlv(der.SET, der.explicit(0, der.printable(OLD_NUMBER))))]),
    "NETCA": (PERSON, [("1.3.6.1.4.1.18760.1.12.11", entity("00011@0006SF", NUMBER))]),
    "SZCA": (PERSON, [("1.2.86.11.7.7550222", der.utf8(NUMBER.lower()))]),
    "BJCA": (PERSON, [("1.2.156.112562.2.1.1.1", f"SF{NUMBER}".encode())]),
    "BJCA entity": (PERSON, [("1.2.156.112562.2.1.1.24", der.utf8(f"1@5009SF0{NUMBER}"))]),
    "SHECA": (PERSON, [("1.2.156.10260.4.1.1", der.explicit(0, der.printable(OLD_NUMBER)))]),
    "CFCA": (f"C=CN, O=Test CFCA OCA, OU=Individual-1, CN=041@测试用户@0{NUMBER}@1", []),
    "social insurance": (PERSON, [("1.2.156.10260.4.1.2", der.printable(NUMBER))]),
}
KEYS = {"rsa": Rsa("rsa-gda-ca"), "sm2": Sm2("identity CA")}


def certificate(subject: str, stated: list[tuple[str, bytes]], **how: object) -> Certificate:
    """A certificate signed for this test, by RSA unless ``key`` is "sm2"."""
    organization = how.get("issuer", "Test Identity CA")
    signer = KEYS[str(how.get("key", "rsa"))]
    issuer = Ca("identity", x509.name(f"C=CN, O={organization}, CN=Test {how.get('key', 'rsa')}"), signer)
    extensions = tuple(ext.extension(oid, value) for oid, value in stated)
    period = LATER if how.get("renewed") else (x509.LEAF_FROM, x509.LEAF_UNTIL)
    label = f"identity {sorted(how.items())}"
    issued = issuer.issue(label, x509.name(subject), Sm2(label), extensions, period=period)
    return parse_certificate(issued.certificate)


def identity(subject: str = COMPANY, *stated: tuple[str, bytes], **how: object) -> UnifiedIdentity:
    return derive_identity(certificate(subject, list(stated), **how), REGISTRY, digest=DIGEST)


def strongest(found: UnifiedIdentity) -> str:
    return found.keys[0].key


def codes(subject: str, *stated: tuple[str, bytes], required: bool = False) -> list[str]:
    findings = identity_findings(certificate(subject, list(stated)), REGISTRY, required=required)
    assert {f.position for f in findings} <= {0}
    assert {f.reason.indication for f in findings} <= {Indication.INDETERMINATE}
    return [f.reason.code for f in findings]


@pytest.mark.parametrize("key", ["rsa", "sm2"])
@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize("style", ORGANIZATION_STYLES)
def test_one_organization_has_one_key(style, renewed, key):
    subject, stated = ORGANIZATION_STYLES[style]
    found = identity(subject, *stated, key=key, renewed=renewed, issuer=f"Test {style}")
    assert strongest(found) == f"org:{LEGACY}"
    assert found.keys[0].strength is KeyStrength.HOLDER
    assert (found.kind, found.organization_code, found.findings) == (HolderKind.ORG, LEGACY, ())


@pytest.mark.parametrize("key", ["rsa", "sm2"])
@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize("style", PERSON_STYLES)
def test_one_person_has_one_key_and_no_number_is_shown(style, renewed, key):
    subject, stated = PERSON_STYLES[style]
    made = certificate(subject, stated, key=key, renewed=renewed, issuer=f"Test {style}")
    found = derive_identity(made, REGISTRY, digest=DIGEST)
    assert strongest(found) == f"person:{DIGEST('person:' + NUMBER)}"
    assert found.resident_digest == DIGEST("person:" + NUMBER)
    assert (found.kind, found.findings) == (HolderKind.PERSON, ())
    said = repr((found, unified_identity(made))) + str(holder_summary(made, REGISTRY, digest=DIGEST))
    assert NUMBER.lower() not in said.lower()
    assert OLD_NUMBER not in said


def test_digest_is_hmac_sm3():
    key = b"k" * 32

    class Sm3:
        block_size, digest_size = 64, 32

        def __init__(self, data=b""):
            self.data = data

        def update(self, data):
            self.data += data

        def copy(self):
            return Sm3(self.data)

        def digest(self):
            return bytes.fromhex(sm3.sm3_hash(list(self.data)))

    assert PersonalDigest(key)("person:x") == hmac.new(key, b"person:x", Sm3).digest().hex()


def test_digest_key_is_long_enough_and_never_shown():
    with pytest.raises(ValueError, match="at least 32 bytes"):
        PersonalDigest(b"k" * 31)
    assert repr(PersonalDigest(b"secret" * 6)) == "PersonalDigest(...)"


def test_person_acting_for_an_organization_has_both_keys():
    found = identity(PERSON, standard(CODE), ("1.2.86.11.7.7550222", der.utf8(NUMBER)))
    assert found.kind is HolderKind.ORG_PERSON
    assert [k.key.partition(":")[0] for k in found.keys] == ["org", "person"]
    assert (found.unified_social_credit_code, found.name) == (CODE, "测试用户")


def test_without_a_digest_only_organizations_have_keys():
    made = certificate(PERSON, [standard(CODE), ("1.2.86.11.7.7550222", der.utf8(NUMBER))])
    found = derive_identity(made, REGISTRY)
    assert ([k.key for k in found.keys], found.resident_digest) == ([f"org:{LEGACY}"], None)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ([standard(wrong(CODE))], "UNIFIED_CODE_CHECK_WRONG"),
        ([("1.2.86.11.7.755024301", der.utf8(LEGACY))], None),
        ([("1.2.86.11.7.755024301", der.utf8("91"))], "UNIFIED_CODE_CHECK_WRONG"),
        ([standard(wrong(LEGACY))], "ORGANIZATION_CODE_CHECK_WRONG"),
        ([standard("00000000-0")], "ORGANIZATION_CODE_CHECK_WRONG"),
        ([("1.2.156.112562.2.1.1.1", f"JJ{wrong(CODE)}".encode())], "UNIFIED_CODE_CHECK_WRONG"),
        ([("1.2.86.11.7.7550222", der.utf8(wrong(NUMBER)))], "RESIDENT_NUMBER_CHECK_WRONG"),
        ([standard(CODE), standard(OTHER)], "IDENTITY_ORGANIZATIONS_DIFFER"),
        ([standard(LEGACY), ("1.2.86.11.7.3", der.utf8(OTHER[8:17]))], "IDENTITY_ORGANIZATIONS_DIFFER"),
        ([standard(CODE), ("1.2.86.11.7.3", der.utf8(OTHER[8:17]))], "ORGANIZATION_CODES_DISAGREE"),
        (
            [standard(CODE), ("1.2.86.11.7.755024301", der.utf8(unified_code("TE5T0001", "91440300")))],
            "ORGANIZATION_CODES_DISAGREE",
        ),
        ([standard(CODE), ("1.2.86.11.7.3", der.utf8(HYPHENATED))], None),
        (
            [("1.2.86.11.7.1", der.utf8(NUMBER)), ("1.2.86.11.7.7550222", der.utf8(OTHER_NUMBER))],
            "IDENTITY_PERSONS_DIFFER",
        ),
        ([("1.2.86.11.7.1", der.utf8(NUMBER)), ("1.2.86.11.7.7550222", der.utf8(OLD_NUMBER))], None),
        ([("1.2.86.11.7.1", b"\x05\x00")], "IDENTITY_UNREADABLE"),
        ([("1.3.6.1.4.1.18760.1.12.11", der.utf8("00011@0006PO1!!!"))], "IDENTITY_UNREADABLE"),
        ([("1.3.6.1.4.1.18760.1.12.12.2", b"\x05\x00")], None),
        ([("1.2.86.21.1.3", der.utf8(f"T{wrong(NUMBER)}"))], None),
    ],
)
def test_conflicts(stated, code):
    stated = (
        [*dict(stated).items()] if len(dict(stated)) == len(stated) else [stated[0], _elsewhere(stated[1])]
    )
    assert codes(PERSON, *stated) == ([] if code is None else [code])


def _elsewhere(stated):
    return "1.2.86.11.7.755024301", stated[1]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (f"C=CN, OU={wrong(OTHER)}, CN=x", ["UNIFIED_CODE_CHECK_WRONG"]),
        (f"C=CN, CN=051@x@Z{wrong(CODE)}@1", ["UNIFIED_CODE_CHECK_WRONG"]),
        (f"C=CN, organizationIdentifier=NTRCN-{wrong(LEGACY)}", ["ORGANIZATION_CODE_CHECK_WRONG"]),
        (f"C=CN, CN=order {wrong(CODE)}", []),
        (f"C=CN, CN={wrong(NUMBER)}", []),
    ],
)
def test_wrong_numbers_in_the_subject_count_where_a_convention_puts_one(subject, expected):
    assert codes(subject) == expected


def test_conflicting_claims_give_no_key_but_are_claimed():
    found = identity(COMPANY, standard(CODE), ("1.2.86.11.7.3", der.utf8(OTHER[8:17])))
    assert (found.keys, found.unified_social_credit_code, found.organization_code) == ((), None, None)
    assert found.claimed_keys == (f"org:{LEGACY}", f"org:{OTHER[8:17]}")
    assert found.findings[0].params == (
        ("codes", f"{CODE}, {OTHER[8:17]}"),
        ("sources", "1.2.156.10260.4.1.4, 1.2.86.11.7.3"),
    )
    two = identity(
        PERSON, ("1.2.86.11.7.1", der.utf8(NUMBER)), ("1.2.86.11.7.7550222", der.utf8(OTHER_NUMBER))
    )
    assert (two.keys, two.resident_digest, len(two.claimed_keys)) == ((), None, 2)
    assert NUMBER not in repr(two)


def test_required_identity():
    assert codes(PERSON, required=True) == ["IDENTITY_NOT_STATED"]
    assert codes(PERSON, required=False) == []
    assert codes(COMPANY, standard(CODE), required=True) == []
    assert codes(COMPANY, standard(wrong(CODE)), required=True) == ["UNIFIED_CODE_CHECK_WRONG"]
    assert codes(PERSON, ("1.2.156.10260.4.1.1.2", der.utf8("E12345678")), required=True) == []
    assert codes(PERSON, ("1.2.86.21.1.3", der.utf8("GDT0042")), required=True) == ["IDENTITY_NOT_STATED"]


def test_documents_are_weaker_keys():
    passports = [
        identity(PERSON, ("1.2.156.10260.4.1.1", der.implicit(2, text.encode())), issuer=issuer)
        for text, issuer in (("E1234 5678", "A"), ("e12345678", "B"), ("E12345679", "A"))
    ]
    assert [p.keys[0].strength for p in passports] == [KeyStrength.DOCUMENT] * 3
    assert strongest(passports[0]) == strongest(passports[1]) != strongest(passports[2])
    assert "12345678" not in repr(passports)
    filler = identity(PERSON, ("1.2.156.10260.4.1.1", der.implicit(2, b"00000000")))
    assert [k.strength for k in filler.keys] == [KeyStrength.NAME]


def test_ca_unique_ids_hold_within_one_ca_over_rsa_and_sm2():
    def key(text: str, oid: str = "1.2.86.21.1.3", **how: object) -> str:
        found = identity(PERSON, (oid, der.utf8(text)), **how)
        assert found.keys[0].strength is KeyStrength.CA
        assert (found.ca_unique_ids[0].source, text in repr(found)) == (oid, False)
        return strongest(found)

    assert key("GDT0042") == key("GDT0042", key="sm2", renewed=True)
    others = [key("GDT0042", issuer="Another CA"), key("gdt0042"), key("GDT0042", oid="1.2.86.11.7.7550205")]
    assert len({key("GDT0042"), *others}) == 4
    entity_id = "1.2.156.112562.2.1.1.24"
    assert key("1@5009HZ0E1234567", oid=entity_id) != key("1@5009WZ0E1234567", oid=entity_id)


def test_names_are_the_last_resort():
    hong_kong = "C=HK, O=Test HK Post e-Cert (Personal), OU=0000000001, CN=TEST USER"
    one, again = identity(hong_kong), identity(hong_kong, renewed=True)
    assert [k.strength for k in one.keys] == [KeyStrength.NAME]
    assert strongest(one) == strongest(again) != strongest(identity(f"{hong_kong} B"))
    assert one.name == "TEST USER"
    assert identity("").keys == ()
    nameless = Ca("cn only", x509.name("CN=Only A Common Name"), KEYS["rsa"])
    issued = nameless.issue("x", x509.name(PERSON), KEYS["rsa"], ())
    assert derive_identity(parse_certificate(issued.certificate), REGISTRY, digest=DIGEST).keys


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (f"C=CN, CN=051@测试企业@Z{CODE}@1", "测试企业"),
        ("C=CN, O=测试企业", "测试企业"),
        ("C=CN", None),
        (f"C=CN, CN=张三{NUMBER}", None),
    ],
)
def test_holder_name(subject, name):
    assert identity(subject).name == name


def test_rows_can_be_limited_to_cas():
    unlimited = IdentityRule("2.999.4", IdentityKind.BUSINESS_REGISTRATION, "many", "C")
    by_name = IdentityRule("2.999.4", IdentityKind.ORGANIZATION_CODE, "named", "B", issuers=("TEST one",))
    by_key = IdentityRule("2.999.4", IdentityKind.SERVICE_NUMBER, "key", "B", issuer_keys=("ab" * 32,))
    rows = (by_key, by_name, unlimited)

    def owner(issuer: str, key: str | None = None) -> str:
        made = certificate(PERSON, [("2.999.4", der.utf8("123456789"))], issuer=issuer)
        (found,) = unified_identity(made, rows, issuer_key_sha256=key).fields
        return found.owner

    assert [owner("Test One"), owner("Test Two"), owner("Test One", "ab" * 32)] == ["named", "many", "key"]
    assert unified_identity(certificate(PERSON, [("2.999.4", der.utf8("1"))]), (by_name, by_key)).fields == ()


def test_summary_shows_keys_and_findings():
    shown = holder_summary(
        certificate(COMPANY, [standard(CODE), ("1.2.86.21.1.3", der.utf8("GDT0042"))]), REGISTRY
    )
    assert shown["keys"] == [{"key": f"org:{LEGACY}", "strength": "holder", "source": "1.2.156.10260.4.1.4"}]
    assert shown["ca_unique_ids"] == [{"source": "1.2.86.21.1.3", "owner": "GDCA, GZCA", "masked": "G*****2"}]
    assert (shown["name"], shown["findings"]) == ("测试企业有限公司", [])
    broken = holder_summary(certificate(COMPANY, [standard(wrong(CODE))]), REGISTRY)
    assert broken["findings"] == ["UNIFIED_CODE_CHECK_WRONG"]


BODIES = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8).filter(lambda b: b != "0" * 8)


@given(st.lists(BODIES, min_size=2, max_size=2, unique=True))
def test_different_organizations_never_share_a_key(bodies):
    made = [identity(COMPANY, standard(unified_code(body))) for body in bodies]
    assert all(uscc_check(unified_code(body)) for body in bodies)
    keys = [m.claimed_keys[0] for m in made]
    assert keys == [f"org:{legacy_code(body)}" for body in bodies]
    assert [identity(COMPANY, standard(legacy_code(b))).keys[0].key for b in bodies] == keys


@given(
    st.lists(st.integers(0, 999), min_size=2, max_size=2, unique=True), st.binary(min_size=32, max_size=64)
)
def test_digests_differ_by_person_and_by_key(serials, secret):
    one, two = (lift_resident_number(f"990000490101{n:03}") for n in serials)
    assert resident_check(one)
    mine, theirs = PersonalDigest(secret), PersonalDigest(hashlib.sha256(secret).digest())
    assert len({mine(one), mine(two), theirs(one), theirs(two)}) == 4


@given(st.sampled_from(sorted({rule.oid for rule in REGISTRY})), st.text(max_size=40), st.text(max_size=20))
def test_no_number_gets_out_whatever_stands_around_it(oid, before, name):
    made = certificate(f"C=CN, CN={name.replace(', ', '')}x", [(oid, der.utf8(f"{before}{NUMBER}"))])
    found = derive_identity(made, REGISTRY, digest=DIGEST)
    assert NUMBER not in repr(found) + str(holder_summary(made, REGISTRY, digest=DIGEST))
    assert NUMBER.encode() not in pickle.dumps((found.keys, found.claimed_keys, found.findings))


def test_filler_is_nobody():
    assert not organization_code_check("00000000-0")
    assert not uscc_check("0" * 18)
