"""What attackers and careless CAs have tried on others: none of it may be accepted by mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import der
import deviant
import extensions as ext
import pki
import small
import status
import x509
from ca import Issued
from case import Group, line, passed, refused
from deviant import GD_A, NATIONAL
from keys import RSA_SHA256, EdDsa, Rsa, Sm2, rsa_public
from pki import CERTIFICATES as C
from pki import LEAVES
from small import CA, CA_2, POLICY_1, POLICY_2, Made, ask, leaf_made, policies
from status import CRL_ISSUER, CRL_ISSUER_CERTIFICATE, KEY_COMPROMISE, REVOKED_WHEN, Revoked

GROUP = Group("hostile")
add = GROUP.add

CONSTRAINTS, TRY_LATER = "CHAIN_CONSTRAINTS_FAILURE", "TRY_LATER"
FORGED = "SIG_CRYPTO_FAILURE"
ANY = ext.ANY_POLICY
COMPANY = LEAVES["gd-a-sm2-company-sign"]
DRAWN = "company <- GD A SM2 <- [TEST ROOTCA SM2]"


def about(issued: Issued = COMPANY, **fields: Any) -> dict[str, Any]:
    return deviant.ask(issued.certificate, **{"revocation": "require_target", **fields})


# Status evidence that means something else than it seems.
_OURS = GD_A.cert_id(COMPANY.serial_number, "sm3")
_GONE = x509.revoked_status(REVOKED_WHEN, KEY_COMPROMISE)


def response(*singles: bytes, **fields: Any) -> bytes:
    return x509.ocsp_response(*(singles or (x509.single_response(_OURS),)), **{"signer": GD_A.key, **fields})


add(
    "ocsp-second-single",
    "Good for another certificate first, revoked for ours second",
    f"{DRAWN}, OCSP of two SingleResponses: every one is looked at (CVE-2026-3832).",
    about(
        ocsp=[
            response(
                x509.single_response(GD_A.cert_id(1, "sm3")),
                x509.single_response(_OURS, _GONE),
            )
        ]
    ),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "ocsp-contradiction",
    "Good and revoked for ours in one response",
    f"{DRAWN}, OCSP that says both: revoked wins.",
    about(ocsp=[response(x509.single_response(_OURS), x509.single_response(_OURS, _GONE))]),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
_TWIN = replace(GD_A, key=Sm2("hostile twin"))
add(
    "ocsp-other-key-hash",
    "Good for the same serial number under another key of the same name",
    f"{DRAWN}*, OCSP whose CertID has another issuerKeyHash: all four fields count (RFC 6960 §3.2 (1)).",
    about(ocsp=[response(x509.single_response(_TWIN.cert_id(COMPANY.serial_number, "sm3")))]),
    refused(TRY_LATER, "OCSP_NO_MATCHING_RESPONSE", 0),
)
_PARENT_RESPONDER = status.responder(pki.NATIONAL, "ocsp-national", Sm2("ocsp national"))
add(
    "ocsp-delegate-of-parent",
    "A responder that the root named, not the CA",
    f"{DRAWN}*, OCSP by a responder <- TEST ROOTCA SM2: the delegation is the issuing CA's to give "
    "(RFC 6960 §4.2.2.2).",
    about(ocsp=[response(signer=_PARENT_RESPONDER.key, certificates=(_PARENT_RESPONDER.certificate,))]),
    refused(TRY_LATER, "OCSP_RESPONDER_NOT_AUTHORIZED", 0),
)
_TWIN_RESPONDER = status.responder(_TWIN, "ocsp-twin", Sm2("ocsp twin"))
add(
    "ocsp-delegate-of-twin",
    "A responder named by a key that only bears the CA's name",
    f"{DRAWN}*, OCSP by a responder <- a twin of GD A SM2: names are free, keys are not (RFC 6960 §4.2.2.2).",
    about(ocsp=[response(signer=_TWIN_RESPONDER.key, certificates=(_TWIN_RESPONDER.certificate,))]),
    refused(TRY_LATER, "OCSP_RESPONDER_NOT_AUTHORIZED", 0),
)
add(
    "crl-by-twin",
    "A CRL signed by a key that only bears the CA's name",
    f"{DRAWN}*, CRL by a twin of GD A SM2, its self-signed certificate sent along: not under the same "
    "anchor (RFC 5280 §6.3.3 (f)).",
    about(
        crls=[_TWIN.crl(extensions=(ext.crl_number(7),))],
        chain=[C["gd-a-sm2"], _TWIN.root()],
    ),
    refused(TRY_LATER, "CRL_ISSUER_PATH_INVALID", 0),
)


def indirect(*revoked: Revoked) -> bytes:
    return CRL_ISSUER.crl(
        *revoked,
        extensions=(
            ext.authority_key_identifier(CRL_ISSUER.key.spki),
            ext.crl_number(3),
            ext.issuing_distribution_point(status.INDIRECT_URI, indirect=True),
        ),
    )


def _entry(number: int, *more: bytes) -> Revoked:
    return Revoked(number, REVOKED_WHEN, KEY_COMPROMISE, more)


_GOOD = status.INDIRECT_GOOD
for case_id, title, why, crl, expect in (
    (
        "indirect-default-issuer",
        "Our serial number in an indirect list, with no issuer named",
        "the entry means a certificate of the CRL's own issuer (RFC 5280 §5.3.3), so ours is good.",
        indirect(_entry(_GOOD.serial_number)),
        passed(pki.GD_HIGH),
    ),
    (
        "indirect-other-issuer-sticks",
        "Our serial number after an entry of another CA's",
        "the certificate issuer of the entry before stays (RFC 5280 §5.3.3), so ours is good.",
        indirect(_entry(5, ext.certificate_issuer(pki.GD_SM2["b"].name)), _entry(_GOOD.serial_number)),
        passed(pki.GD_HIGH),
    ),
    (
        "indirect-our-issuer-sticks",
        "Our serial number after another entry of our CA's",
        "the certificate issuer of the entry before stays (RFC 5280 §5.3.3), so ours is revoked.",
        indirect(_entry(5, ext.certificate_issuer(GD_A.name)), _entry(_GOOD.serial_number)),
        refused("REVOKED", "TARGET_REVOKED", 0),
    ),
):
    add(
        case_id,
        title,
        f"{DRAWN}, indirect CRL by CRL issuer: {why}",
        about(_GOOD, crls=[crl], chain=[C["gd-a-sm2"], CRL_ISSUER_CERTIFICATE]),
        expect,
    )

# Signatures that verify in careless libraries.


def sm2_signed(change: Any) -> dict[str, Any]:
    """The deviant leaf with its (r, s) changed."""

    def changed(signature: bytes) -> bytes:
        r, s = (int.from_bytes(deviant.content(part), "big") for part in deviant.parts(signature))
        return bytes(change(r, s))

    return deviant.ask(deviant.leaf(shape=x509.Shape(signature=changed)))


def pair(r: int, s: int) -> bytes:
    return der.seq(der.integer(r), der.integer(s))


SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
for case_id, reason, title, change in (
    ("sm2-swapped", "SIGNATURE_INVALID", "r and s swapped", lambda r, s: pair(s, r)),
    (
        "sm2-raw",
        "SIGNATURE_ENCODING_INVALID",
        "r || s in the place of the DER SEQUENCE",
        lambda r, s: r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    ),
    ("sm2-zero", "SIGNATURE_ENCODING_INVALID", "r and s of 0", lambda _r, _s: pair(0, 0)),
    (
        "sm2-s-plus-n",
        "SIGNATURE_ENCODING_INVALID",
        "s + n in the place of s",
        lambda r, s: pair(r, s + SM2_ORDER),
    ),
    ("sm2-sum-n", "SIGNATURE_INVALID", "r + s = n", lambda r, _s: pair(r, SM2_ORDER - r)),
    (
        "sm2-padded",
        "SIGNATURE_ENCODING_INVALID",
        "A redundant zero byte before r",
        lambda r, s: der.seq(der.tlv(2, b"\x00\x00" + r.to_bytes(32, "big")), der.integer(s)),
    ),
    (
        "sm2-trailing",
        "SIGNATURE_ENCODING_INVALID",
        "A byte after the SEQUENCE",
        lambda r, s: pair(r, s) + b"\x00",
    ),
):
    add(
        case_id,
        f"SM2: {title}",
        "target* <- GD A SM2 <- [TEST ROOTCA SM2]: r and s in [1, n-1], r + s not n, one encoding "
        "(GB/T 32918.2 §7.1; CVE-2026-23967).",
        sm2_signed(change),
        refused(FORGED, reason, 0),
    )
add(
    "ecdsa-psychic",
    "ECDSA: r and s of 0",
    "leaf* <- CA (P-256) <- [root]: CVE-2022-21449.",
    ask(target=small.leaf(leaf_made(shape=x509.Shape(signature=lambda _: pair(0, 0))))),
    refused(FORGED, "SIGNATURE_ENCODING_INVALID", 0),
)


@dataclass(frozen=True)
class Forger:
    """A key whose signatures anybody can make."""

    spki: bytes
    algorithm: bytes
    forge: Any

    def sign(self, message: bytes) -> bytes:
        return bytes(self.forge(message))


def under(key: Any, **fields: Any) -> dict[str, Any]:
    """leaf <- CA with this key <- [root]."""
    ca = replace(CA, label=f"{CA.label} forger", key=key)
    return ask(chain=[small.authority(subject=ca)], target=small.leaf(issuer=ca), **fields)


_N = Rsa("rsa-leaf-1").private.private_numbers().public_numbers.n
_RSA = der.seq(der.oid(RSA_SHA256), der.null())


def _digest_info(message: bytes) -> bytes:
    algorithm = der.seq(der.oid("2.16.840.1.101.3.4.2.1"), der.null())
    return der.seq(algorithm, der.octets(x509.digest("sha256", message)))


def _cube_root(value: int) -> int:
    root = 1 << -(-value.bit_length() // 3)
    while (lower := (2 * root + value // root**2) // 3) < root:
        root = lower
    return root


def garbage_forgery(message: bytes) -> bytes:
    """A cube that begins like a PKCS#1 v1.5 block and ends in garbage (CVE-2006-4339)."""
    head = b"\x00\x01" + b"\xff" * 8 + b"\x00" + _digest_info(message)
    wanted = int.from_bytes(head + b"\xff" * (256 - len(head)), "big")
    return _cube_root(wanted).to_bytes(256, "big")


def plain_block(message: bytes) -> bytes:
    """With exponent 1 the padded message is its own signature."""
    info = _digest_info(message)
    return b"\x00\x01" + b"\xff" * (253 - len(info)) + b"\x00" + info


add(
    "rsa-garbage-after-digest",
    "RSA with exponent 3: garbage after the digest",
    "leaf* <- CA (RSA, e = 3) <- [root]: nobody knows the private key; a cube root is enough where "
    "padding is parsed loosely (CVE-2006-4339, CVE-2014-1568).",
    under(Forger(rsa_public(_N, 3).spki, _RSA, garbage_forgery)),
    refused(FORGED, "SIGNATURE_INVALID", 0),
)
add(
    "rsa-exponent-1",
    "RSA with exponent 1: the padded message is the signature",
    "leaf* <- CA (RSA, e = 1) <- [root]: the arithmetic holds; the key is none.",
    under(Forger(rsa_public(_N, 1).spki, _RSA, plain_block)),
    refused("CRYPTO_CONSTRAINTS_FAILURE", "RSA_EXPONENT_TOO_SMALL", 1),
)
_IDENTITY = der.seq(der.seq(der.oid("1.3.101.112")), der.bits(b"\x01" + bytes(31)))
add(
    "ed25519-identity-issuer",
    "Ed25519: the issuer's key is the identity point",
    "leaf* <- CA (identity) <- [root]: R = identity and S = 0 verify over any message in OpenSSL and in "
    "cryptography.",
    under(Forger(_IDENTITY, EdDsa("x").algorithm, lambda _: b"\x01" + bytes(63))),
    refused("CRYPTO_CONSTRAINTS_FAILURE", "EDWARDS_POINT_SMALL_ORDER", 1),
)

# Names that are the same to others.
_DNS_OUT = ext.name_constraints(excluded=[ext.dns("test-pki.example")])
for case_id, title, why, constraint, names in (
    (
        "name-case",
        "An excluded host name in capitals",
        "host names know no case (RFC 5280 §7.2).",
        _DNS_OUT,
        leaf_made(ext.subject_alt_name(ext.dns("WWW.Test-PKI.Example"))),
    ),
    (
        "name-last-email",
        "An excluded address before a permitted one",
        "every name counts, not the last (CVE-2026-27137).",
        ext.name_constraints(excluded=[ext.rfc822("test-pki.example")]),
        leaf_made(ext.subject_alt_name(ext.rfc822("a@test-pki.example"), ext.rfc822("a@other.example"))),
    ),
    (
        "name-email-in-subject",
        "An excluded address as emailAddress in the subject",
        "without an rfc822Name the attribute is held to the constraint (RFC 5280 §4.2.1.10).",
        ext.name_constraints(excluded=[ext.rfc822("test-pki.example")]),
        leaf_made(
            subject=der.seq(
                *deviant.parts(small.LEAF_NAME),
                der.set_of(der.seq(der.oid("1.2.840.113549.1.9.1"), der.ia5("a@test-pki.example"))),
            )
        ),
    ),
    (
        "name-spelling",
        "An excluded organisation in capitals, with two blanks, as PrintableString",
        "distinguished names are compared after folding (RFC 5280 §7.1).",
        ext.name_constraints(excluded=[ext.directory(x509.name("C=CN, O=Test Small PKI"))]),
        leaf_made(
            subject=der.seq(
                x509.rdn("C", "CN"),
                der.set_of(der.seq(der.oid("2.5.4.10"), der.printable("TEST  small PKI "))),
                x509.rdn("CN", "Test"),
            )
        ),
    ),
    (
        "name-self-issued-target",
        "A self-issued target inside the excluded subtree",
        "self-issued intermediates are exempt, the target is not (RFC 5280 §6.1.3 (b)).",
        _DNS_OUT,
        leaf_made(ext.subject_alt_name(ext.dns("www.test-pki.example")), subject=CA.name),
    ),
):
    add(
        case_id,
        title,
        f"leaf* <- CA (excluded) <- [root]: {why}",
        ask(ca_as=Made(more=(constraint,)), leaf_as=names),
        refused(CONSTRAINTS, "NAME_EXCLUDED", 0),
    )
for case_id, title, name in (
    ("host-public-suffix", "A wildcard right above the asked name's last label", ext.dns("*.example")),
    ("host-partial-wildcard", "A wildcard that is a part of a label", ext.dns("t*.example")),
    ("host-as-email", "The host name as an e-mail address", ext.rfc822("test-pki.example")),
):
    add(
        case_id,
        title,
        "leaf* <- CA <- [root], asked as test-pki.example: a wildcard is a whole label with two below it "
        "(RFC 9525 §6.3).",
        ask(
            leaf_as=leaf_made(ext.extended_key_usage(ext.SERVER_AUTH), ext.subject_alt_name(name)),
            purpose="server_auth",
            dns_name="test-pki.example",
        ),
        refused(CONSTRAINTS, "HOST_NAME_MISMATCH", 0),
    )
add(
    "host-common-name",
    "The host name in the common name alone",
    "leaf* <- CA <- [root]: common names do not count (RFC 9525 §2).",
    ask(
        leaf_as=leaf_made(
            ext.extended_key_usage(ext.SERVER_AUTH), subject=x509.name("C=CN, CN=www.test-pki.example")
        ),
        purpose="server_auth",
        dns_name="www.test-pki.example",
    ),
    refused(CONSTRAINTS, "HOST_NAME_MISMATCH", 0),
)
add(
    "ocsp-signing-by-any",
    "anyExtendedKeyUsage does not make an OCSP responder",
    "leaf (anyExtendedKeyUsage)* <- CA <- [root]: id-kp-OCSPSigning must be named (RFC 6960 §4.2.2.2).",
    ask(leaf_as=leaf_made(ext.extended_key_usage("2.5.29.37.0")), purpose="ocsp_signing"),
    refused(CONSTRAINTS, "PURPOSE_NOT_ALLOWED", 0),
)

# Policies that were never agreed.
add(
    "policy-of-subject-domain",
    "The subject domain's policy is asked for",
    "leaf (P2)* <- CA (P1, P1 -> P2) <- [root], asked for P2: what the path is valid under is P1, in the "
    "anchor's words (RFC 5280 §6.1.5 (g)).",
    ask(
        ca_as=Made(more=(ext.policy_mappings((POLICY_1, POLICY_2)),), policy=policies(POLICY_1)),
        leaf_as=leaf_made(policy=policies(POLICY_2)),
        user_initial_policy_set=[POLICY_2],
        initial_explicit_policy=True,
    ),
    refused(CONSTRAINTS, "POLICY_NOT_ACCEPTED", 0),
)
add(
    "policy-required-by-target",
    "The target itself requires an explicit policy and has none",
    "leaf (requireExplicitPolicy 0, no policies)* <- CA <- [root]: RFC 5280 §6.1.5 (b).",
    ask(leaf_as=leaf_made(ext.policy_constraints(require_explicit=0), policy=b"")),
    refused(CONSTRAINTS, "EXPLICIT_POLICY_LOST", 0),
)
_GD_A_TO_HK = [
    C["gd-a-sm2"],
    C["gd-a-sm2-to-bridge-sm2"],
    C["bridge-sm2-to-bridge-rsa"],
    C["bridge-rsa-to-hk-root"],
    C["hk-ca"],
]
for case_id, title, why, subject, policy, reason in (
    (
        "foreign-policy",
        "Hong Kong's CA asserts a policy of Guangdong's",
        "GD_HIGH is no policy of Hong Kong's to give: nothing maps to it there (RFC 5280 §6.1.3 (d)).",
        "C=HK, O=Test HK Post, CN=TEST USER EPSILON",
        pki.GD_HIGH,
        "EXPLICIT_POLICY_LOST",
    ),
    (
        "foreign-name",
        "Hong Kong's CA issues for a mainland name",
        "the bridge permits Hong Kong's names to Hong Kong's CAs (RFC 5280 §6.1.3 (b)).",
        "C=CN, O=Test HK Post, CN=TEST USER ZETA",
        pki.HK_HIGH,
        "NAME_NOT_PERMITTED",
    ),
):
    add(
        case_id,
        title,
        "person* <- HK e-Cert CA <- HK Root <- Bridge RSA <- Bridge SM2 <- GD A SM2 <- [TEST ROOTCA SM2]: "
        + why,
        line(
            pki.leaf(pki.HK_CA, case_id, subject, Rsa("rsa-leaf-2"), policy).certificate,
            chain=_GD_A_TO_HK,
            anchors=NATIONAL,
        ),
        refused(CONSTRAINTS, reason, 0),
    )

# Issuers that are none.
_HOLDER = LEAVES["gd-a-sm2-company-sign"]
_STOLEN = pki.Ca("stolen", _HOLDER.subject, _HOLDER.key)
add(
    "issued-by-end-entity",
    "A company's signing certificate issues another",
    "x <- company* <- GD A SM2 <- [TEST ROOTCA SM2]: no basicConstraints, no CA (RFC 5280 §6.1.4 (k); "
    "CVE-2002-0862).",
    line(
        _STOLEN.issue("x", deviant.SUBJECT, deviant.KEY, deviant.without("2.5.29.35")).certificate,
        chain=[C["gd-a-sm2"], _HOLDER.certificate],
        anchors=NATIONAL,
    ),
    refused(CONSTRAINTS, "ISSUER_WITHOUT_BASIC_CONSTRAINTS", 1, "CA_MAY_NOT_SIGN_CERTIFICATES"),
)
add(
    "anchor-by-name",
    "A self-signed certificate with the anchor's name and another key",
    "leaf <- CA <- root', [root]: an anchor is a name and a key (RFC 5280 §6.1.1 (d)).",
    ask(
        chain=[
            small.authority(issuer=replace(small.ROOT, key=CA_2.key)),
            replace(small.ROOT, key=CA_2.key).root(),
        ]
    ),
    refused("NO_CERTIFICATE_CHAIN_FOUND", "UNTRUSTED_ROOT", 2),
)
