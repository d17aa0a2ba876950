"""CRLs and OCSP responses of the test PKI, as each CA publishes them on a quiet day."""

from __future__ import annotations

from datetime import UTC, datetime

import extensions as ext
import pki
import x509
from ca import Ca, Issued
from keys import Rsa, Sm2
from x509 import Revoked, name

REVOKED_WHEN = datetime(2026, 1, 10, 12, 0, 0, tzinfo=UTC)
KEY_COMPROMISE, SUPERSEDED, HOLD, REMOVE = 1, 4, 6, 8

GD_A, HK = pki.GD_SM2["a"], pki.HK_CA
REVOKED_COMPANY = pki.leaf(
    GD_A, "gd-a-sm2-company-revoked", pki.company_subject("a"), Sm2("gd-a-sm2-company-revoked"), pki.GD_HIGH
)
REVOKED_PERSON = pki.leaf(
    HK,
    "hk-person-revoked",
    "C=HK, O=Test HK Post e-Cert (Personal), CN=TEST USER DELTA",
    Rsa("rsa-leaf-3"),
    pki.HK_MUTUAL_RECOGNITION,
)


def revoked(issued: Issued, reason: int | None = KEY_COMPROMISE, when: datetime = REVOKED_WHEN) -> Revoked:
    return Revoked(issued.serial_number, when, reason)


_ISSUERS: tuple[Ca, ...] = (
    pki.NATIONAL,
    *pki.GD_SM2.values(),
    *pki.GD_RSA_ROOT.values(),
    *pki.GD_RSA.values(),
    pki.HK_ROOT,
    HK,
    pki.MO_ROOT,
    pki.MO_CA,
    pki.BRIDGE_SM2,
    pki.BRIDGE_RSA,
)
_LISTED = {GD_A.label: (revoked(REVOKED_COMPANY),), HK.label: (revoked(REVOKED_PERSON),)}

# Complete CRLs, one per CA key.
CRLS: dict[str, bytes] = {ca.label: ca.crl(*_LISTED.get(ca.label, ())) for ca in _ISSUERS}

# Partitioned: one list for end entities, one for CAs, at the same CA.
CRLS |= {
    f"{GD_A.label}-{kind}": GD_A.crl(
        *listed,
        extensions=(
            ext.authority_key_identifier(GD_A.key.spki),
            ext.crl_number(7),
            ext.issuing_distribution_point(
                ext.uri(pki.crl_uri(GD_A)), only_user=kind == "users", only_ca=kind == "authorities"
            ),
        ),
    )
    for kind, listed in (("users", _LISTED[GD_A.label]), ("authorities", ()))
}

# Delta: what changed since number 7.
DELTA_REVOKED = pki.leaf(
    GD_A, "gd-a-sm2-company-delta", pki.company_subject("a"), Sm2("gd-a-sm2-company-delta"), pki.GD_HIGH
)
CRLS["gd-a-sm2-delta"] = GD_A.crl(
    revoked(DELTA_REVOKED),
    extensions=(
        ext.authority_key_identifier(GD_A.key.spki),
        ext.crl_number(8),
        ext.delta_crl_indicator(7),
    ),
    this_update=datetime(2026, 1, 15, 6, 0, 0, tzinfo=UTC),
    next_update=datetime(2026, 1, 16, 6, 0, 0, tzinfo=UTC),
)

# Indirect: a CRL issuer of its own under the national root, for certificates that name it.
CRL_ISSUER = Ca("crl-issuer", name("C=CN, O=Test National Root, CN=Test CRL Issuer SM2"), Sm2("crl issuer"))
CRL_ISSUER_CERTIFICATE = pki.NATIONAL.issue(
    "crl-issuer",
    CRL_ISSUER.name,
    CRL_ISSUER.key,
    (
        ext.basic_constraints(ca=False),
        ext.key_usage("crl_sign"),
        ext.subject_key_identifier(CRL_ISSUER.key.spki),
    ),
    period=(x509.CA_FROM, x509.CA_UNTIL),
).certificate
INDIRECT_URI = ext.uri(pki.crl_uri(CRL_ISSUER))


def indirect_leaf(label: str) -> Issued:
    """A certificate of GD A whose status a CRL issuer of another name publishes."""
    key = Sm2(label)
    point = ext.distribution_point(INDIRECT_URI, crl_issuer=CRL_ISSUER.name)
    extensions = (
        pki.SIGNING,
        ext.subject_key_identifier(key.spki),
        ext.certificate_policies(pki.GD_HIGH),
        ext.crl_distribution_points(point),
    )
    return GD_A.issue(label, name(pki.company_subject("a")), key, extensions)


INDIRECT_GOOD, INDIRECT_REVOKED = (indirect_leaf(f"gd-a-sm2-indirect-{kind}") for kind in ("good", "revoked"))
CRLS["crl-issuer"] = CRL_ISSUER.crl(
    Revoked(
        INDIRECT_REVOKED.serial_number, REVOKED_WHEN, KEY_COMPROMISE, (ext.certificate_issuer(GD_A.name),)
    ),
    extensions=(
        ext.authority_key_identifier(CRL_ISSUER.key.spki),
        ext.crl_number(3),
        ext.issuing_distribution_point(INDIRECT_URI, indirect=True),
    ),
)


def responder(ca: Ca, label: str, key: Rsa | Sm2, *more: bytes) -> Issued:
    """A delegated OCSP responder (RFC 6960 §4.2.2.2)."""
    country = "HK" if ca is HK else "CN"
    return ca.issue(
        label,
        name(f"C={country}, O=Test OCSP, CN=Test OCSP responder {ca.label}"),
        key,
        (
            ext.key_usage("digital_signature"),
            ext.extended_key_usage(ext.OCSP_SIGNING),
            ext.subject_key_identifier(key.spki),
            *(more or (ext.ocsp_nocheck(),)),
        ),
    )


HK_RESPONDER = responder(HK, "ocsp-hk", Rsa("rsa-leaf-1"))
GD_A_RESPONDER = responder(GD_A, "ocsp-gd-a-sm2", Sm2("ocsp gd-a"))

_person, _company = pki.LEAVES["hk-person-sign"], pki.LEAVES["gd-a-sm2-company-sign"]
_gone = x509.revoked_status(REVOKED_WHEN, KEY_COMPROMISE)
OCSP: dict[str, bytes] = {
    "hk-person-good-delegated": x509.ocsp_response(
        x509.single_response(HK.cert_id(_person.serial_number, "sha256")),
        signer=HK_RESPONDER.key,
        certificates=(HK_RESPONDER.certificate,),
    ),
    "hk-person-good-by-issuer": x509.ocsp_response(
        x509.single_response(HK.cert_id(_person.serial_number)), signer=HK.key, responder=HK.name
    ),
    "hk-person-revoked": x509.ocsp_response(
        x509.single_response(HK.cert_id(REVOKED_PERSON.serial_number), _gone),
        signer=HK_RESPONDER.key,
        certificates=(HK_RESPONDER.certificate,),
    ),
    "gd-a-sm2-company-good-by-issuer-sm3": x509.ocsp_response(
        x509.single_response(GD_A.cert_id(_company.serial_number, "sm3")),
        signer=GD_A.key,
        responder=GD_A.name,
    ),
    "gd-a-sm2-company-good-delegated": x509.ocsp_response(
        x509.single_response(GD_A.cert_id(_company.serial_number, "sm3")),
        signer=GD_A_RESPONDER.key,
        responder=GD_A_RESPONDER.subject,
        certificates=(GD_A_RESPONDER.certificate,),
    ),
    "gd-a-sm2-company-revoked": x509.ocsp_response(
        x509.single_response(GD_A.cert_id(REVOKED_COMPANY.serial_number, "sm3"), _gone),
        signer=GD_A.key,
        responder=GD_A.name,
    ),
}
