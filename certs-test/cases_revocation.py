"""One case per reason of revocation status (RFC 5280 §6.3, RFC 6960), and the good ones beside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import der
import extensions as ext
import pki
import status
import x509
from case import Group, line, passed, refused
from deviant import GD_A, ask
from keys import Sm2
from pki import CERTIFICATES as C
from pki import LEAVES
from status import CRLS, OCSP, Revoked

GROUP = Group("revocation")
add = GROUP.add

TRY_LATER = "TRY_LATER"
COMPANY = LEAVES["gd-a-sm2-company-sign"]
GOOD = passed(pki.GD_HIGH)
LATER = x509.NOW + timedelta(days=30)
DRAWN = "company <- GD A SM2 <- [TEST ROOTCA SM2]"
AKI = ext.authority_key_identifier(GD_A.key.spki)
ENTRY = status.revoked(COMPANY)


def crl(*revoked: Revoked, number: int = 7, more: tuple[bytes, ...] = (), **fields: Any) -> bytes:
    """A CRL of GD A with authorityKeyIdentifier, cRLNumber and ``more``."""
    return GD_A.crl(*revoked, extensions=(AKI, ext.crl_number(number), *more), **fields)


def about(crls: tuple[bytes, ...] = (), ocsp: tuple[bytes, ...] = (), **fields: Any) -> dict[str, Any]:
    """Is the company's certificate good? Its status is required."""
    return ask(COMPANY.certificate, crls=crls, ocsp=ocsp, **{"revocation": "require_target", **fields})


def of(
    issued: Any, crls: tuple[bytes, ...] = (), ocsp: tuple[bytes, ...] = (), **fields: Any
) -> dict[str, Any]:
    return ask(issued.certificate, crls=crls, ocsp=ocsp, **{"revocation": "require_target", **fields})


# What is good.
add(
    "crl-good",
    "A complete CRL that does not list the target",
    f"{DRAWN}, CRL by GD A SM2: complete, current, signed by the issuer's key (RFC 5280 §6.3.3).",
    about((CRLS["gd-a-sm2"],)),
    GOOD,
)
add(
    "crl-users-good",
    "The list for end entities alone",
    f"{DRAWN}, CRL (onlyContainsUserCerts): the target is an end entity and the point's name is the one "
    "in its cRLDistributionPoints (RFC 5280 §6.3.3 (b)(2)).",
    about((CRLS["gd-a-sm2-users"],)),
    GOOD,
)
add(
    "delta-good",
    "A complete CRL and the delta to it",
    f"{DRAWN}, CRL 7 and delta 8 with base 7: the target is on neither (RFC 5280 §6.3.3 (c)).",
    about((CRLS["gd-a-sm2"], CRLS["gd-a-sm2-delta"])),
    GOOD,
)
add(
    "indirect-good",
    "The status comes from a CRL issuer of another name",
    "company <- GD A SM2 <- [TEST ROOTCA SM2], CRL by CRL issuer <- [TEST ROOTCA SM2]: the distribution "
    "point names the CRL issuer and the list says it is indirect (RFC 5280 §6.3.3 (b)(1)).",
    of(
        status.INDIRECT_GOOD,
        (CRLS["crl-issuer"],),
        chain=[C["gd-a-sm2"], status.CRL_ISSUER_CERTIFICATE],
    ),
    GOOD,
)
for label, title in (
    ("by-issuer-sm3", "An OCSP response by the issuer, CertID with SM3"),
    ("delegated", "An OCSP response by a delegated responder of the same CA"),
):
    add(
        f"ocsp-good-{label}",
        title,
        f"{DRAWN}, OCSP response: signed by the issuer or by a certificate with id-kp-OCSPSigning "
        "directly under it (RFC 6960 §4.2.2.2).",
        about(ocsp=(OCSP[f"gd-a-sm2-company-good-{label}"],)),
        GOOD,
    )
for label in ("by-issuer", "delegated"):
    add(
        f"ocsp-good-hk-{label}",
        f"Hong Kong's OCSP response, {label}",
        "person <- HK e-Cert CA <- [HK Root], OCSP response with SHA-1 or SHA-256 CertID (RFC 6960 §4.1.1).",
        line(
            LEAVES["hk-person-sign"].certificate,
            chain=[C["hk-ca"]],
            anchors=[C["hk-root"]],
            ocsp=[OCSP[f"hk-person-good-{label}"]],
            revocation="require_target",
        ),
        passed(pki.HK_MUTUAL_RECOGNITION),
    )
add(
    "require-all-good",
    "Every certificate of a bridged path is good",
    "company <- GD A SM2 <- Bridge SM2 <- Bridge RSA <- [HK Root], a CRL by each issuer (RFC 5280 §6.1.3 "
    "(a)(3)).",
    line(
        COMPANY.certificate,
        chain=[
            C["hk-root-to-bridge-rsa"],
            C["bridge-rsa-to-bridge-sm2"],
            C["bridge-sm2-to-gd-a-sm2"],
        ],
        anchors=[C["hk-root"]],
        crls=[CRLS[key] for key in ("hk-root", "bridge-rsa", "bridge-sm2", "gd-a-sm2")],
        revocation="require_all",
    ),
    passed(pki.HK_HIGH),
)
add(
    "if-available-nothing",
    "No evidence, and none is required",
    f"{DRAWN}: revocation if_available: what is not there does not count.",
    ask(COMPANY.certificate, revocation="if_available"),
    GOOD,
)

_HALF_1, _HALF_2 = (
    ("key_compromise", "ca_compromise", "affiliation_changed", "superseded"),
    ("cessation_of_operation", "certificate_hold", "privilege_withdrawn", "aa_compromise"),
)


def by_reason(reasons: tuple[str, ...], *revoked: Revoked) -> bytes:
    point = ext.issuing_distribution_point(ext.uri(pki.crl_uri(GD_A)), reasons=reasons)
    return crl(*revoked, more=(point,))


add(
    "crl-two-halves",
    "Two lists, each for half of the reasons",
    f"{DRAWN}, two CRLs (onlySomeReasons): together the masks are all reasons (RFC 5280 §6.3.3 (l)).",
    about((by_reason(_HALF_1), by_reason(_HALF_2))),
    GOOD,
)
_EVENT = GD_A.issue(
    "no-rev-avail",
    x509.name(pki.person_subject("a")),
    Sm2("no-rev-avail"),
    (pki.SIGNING, ext.certificate_policies(pki.GD_HIGH), ext.no_rev_avail()),
    period=pki.EVENT_PERIOD,
)
add(
    "no-rev-avail",
    "An event certificate for which no status is ever published",
    "event (noRevAvail) <- GD A SM2 <- [TEST ROOTCA SM2]: the CA says in the certificate that there is "
    "no status (RFC 9608 §2, §3).",
    of(_EVENT),
    GOOD,
)
_UNHOLD_BASE = crl(status.revoked(COMPANY, status.HOLD))
_UNHOLD_DELTA = crl(status.revoked(COMPANY, status.REMOVE), number=8, more=(ext.delta_crl_indicator(7),))
add(
    "hold-removed",
    "The delta takes the target off the list",
    f"{DRAWN}, CRL 7 holds it, delta 8 says removeFromCRL (RFC 5280 §5.3.1, §6.3.3 (i)-(k)).",
    about((_UNHOLD_BASE, _UNHOLD_DELTA)),
    GOOD,
)

# Revoked.
add(
    "target-revoked",
    "The target is on its CA's list",
    "revoked company* <- GD A SM2 <- [TEST ROOTCA SM2], CRL lists it for key compromise (RFC 5280 §6.3.3 "
    "(i)).",
    of(status.REVOKED_COMPANY, (CRLS["gd-a-sm2"],)),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-revoked-unasked",
    "A revoked certificate is refused even when no status is required",
    "revoked company* <- GD A SM2 <- [TEST ROOTCA SM2]: if_available: evidence that is there counts.",
    of(status.REVOKED_COMPANY, (CRLS["gd-a-sm2"],), revocation="if_available"),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-revoked-ocsp",
    "The OCSP responder says revoked",
    "revoked company* <- GD A SM2 <- [TEST ROOTCA SM2], OCSP: revoked (RFC 6960 §2.2).",
    of(status.REVOKED_COMPANY, ocsp=(OCSP["gd-a-sm2-company-revoked"],)),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-revoked-wins",
    "OCSP says good, the CRL says revoked",
    f"{DRAWN}: two current sources disagree; revoked wins over good.",
    about((crl(ENTRY),), (OCSP["gd-a-sm2-company-good-by-issuer-sm3"],)),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-revoked-delta",
    "Only the delta lists the target",
    "company* <- GD A SM2 <- [TEST ROOTCA SM2], CRL 7 does not list it, delta 8 does (RFC 5280 §6.3.3 (i)).",
    of(status.DELTA_REVOKED, (CRLS["gd-a-sm2"], CRLS["gd-a-sm2-delta"])),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-revoked-indirect",
    "The indirect list names the target with its issuer",
    "company* <- GD A SM2 <- [TEST ROOTCA SM2], indirect CRL with certificateIssuer GD A SM2 (RFC 5280 "
    "§5.3.3).",
    of(
        status.INDIRECT_REVOKED,
        (CRLS["crl-issuer"],),
        chain=[C["gd-a-sm2"], status.CRL_ISSUER_CERTIFICATE],
    ),
    refused("REVOKED", "TARGET_REVOKED", 0),
)
add(
    "target-on-hold",
    "The target is on hold",
    f"{DRAWN}, CRL lists it with certificateHold: suspended is not good, and may end (RFC 5280 §5.3.1).",
    about((crl(status.revoked(COMPANY, status.HOLD)),)),
    refused(TRY_LATER, "TARGET_ON_HOLD", 0),
)
_NATIONAL_AKI = ext.authority_key_identifier(pki.NATIONAL.key.spki)


def national_crl(*revoked: Revoked) -> bytes:
    return pki.NATIONAL.crl(*revoked, extensions=(_NATIONAL_AKI, ext.crl_number(9)))


add(
    "ca-revoked",
    "The CA certificate is on the root's list",
    "company <- GD A SM2* <- [TEST ROOTCA SM2], CRL by TEST ROOTCA SM2 lists GD A SM2 (RFC 5280 §6.1.3 "
    "(a)(3)).",
    about(
        (
            CRLS["gd-a-sm2"],
            national_crl(Revoked(x509.serial("gd-a-sm2 by national"), status.REVOKED_WHEN, 2)),
        ),
        revocation="require_all",
    ),
    refused("REVOKED_CA_NO_POE", "CA_REVOKED", 1),
)

add(
    "ca-on-hold",
    "The CA certificate is on hold",
    "company <- GD A SM2* <- [TEST ROOTCA SM2], CRL by TEST ROOTCA SM2 holds GD A SM2 (RFC 5280 §5.3.1).",
    about(
        (
            CRLS["gd-a-sm2"],
            national_crl(Revoked(x509.serial("gd-a-sm2 by national"), status.REVOKED_WHEN, status.HOLD)),
        ),
        revocation="require_all",
    ),
    refused(TRY_LATER, "CA_ON_HOLD", 1),
)

# No evidence that counts.
add(
    "missing",
    "Status is required and nothing was sent",
    f"{DRAWN}*: no CRL, no OCSP response.",
    about(),
    refused(TRY_LATER, "REVOCATION_EVIDENCE_MISSING", 0),
)
add(
    "missing-for-ca",
    "The whole path's status is required, the CA's is missing",
    "company <- GD A SM2* <- [TEST ROOTCA SM2]: only GD A's own CRL was sent.",
    about((CRLS["gd-a-sm2"],), revocation="require_all"),
    refused(TRY_LATER, "REVOCATION_EVIDENCE_MISSING", 1),
)
add(
    "crl-stale",
    "The CRL's nextUpdate is past",
    f"{DRAWN}*, CRL: freshness goes by the signed times (RFC 5280 §6.3.3 (a)).",
    about((CRLS["gd-a-sm2"],), at=LATER),
    refused(TRY_LATER, "CRL_STALE", 0),
)
add(
    "crl-not-yet",
    "The CRL comes from the future",
    f"{DRAWN}*, CRL: thisUpdate lies after the time of validation (RFC 5280 §5.1.2.4).",
    about((crl(this_update=LATER, next_update=LATER + timedelta(days=7)),)),
    refused(TRY_LATER, "CRL_NOT_YET_VALID", 0),
)
add(
    "crl-without-next-update",
    "A CRL without nextUpdate",
    f"{DRAWN}*, CRL: nobody can tell until when it holds (RFC 5280 §5.1.2.5 requires it).",
    about((crl(next_update=None),)),
    refused(TRY_LATER, "CRL_WITHOUT_NEXT_UPDATE", 0),
)
add(
    "crl-signature",
    "One bit of the CRL's signature is turned",
    f"{DRAWN}*, CRL*: no key of the issuer verifies it (RFC 5280 §6.3.3 (g)).",
    about((CRLS["gd-a-sm2"][:-1] + bytes([CRLS["gd-a-sm2"][-1] ^ 1]),)),
    refused(TRY_LATER, "CRL_SIGNATURE_INVALID", 0, cause="SIGNATURE_DOES_NOT_VERIFY"),
)
add(
    "crl-of-another-issuer",
    "The CRL of another CA",
    f"{DRAWN}*, CRL by GD B SM2: says nothing about certificates of GD A (RFC 5280 §6.3.3 (b)).",
    about((CRLS["gd-b-sm2"],)),
    refused(TRY_LATER, "REVOCATION_EVIDENCE_MISSING", 0),
)
add(
    "crl-authorities",
    "The list for CAs alone, for an end entity",
    f"{DRAWN}*, CRL (onlyContainsCACerts): the target is out of its scope (RFC 5280 §6.3.3 (b)(2)(iii)).",
    about((CRLS["gd-a-sm2-authorities"],)),
    refused(TRY_LATER, "CRL_OUT_OF_SCOPE", 0),
)
add(
    "crl-other-point",
    "The list of another distribution point",
    f"{DRAWN}*, CRL (another distribution point): no name in common with the certificate's "
    "(RFC 5280 §6.3.3 (b)(2)(i)).",
    about((crl(more=(ext.issuing_distribution_point(ext.uri("http://crl.test-pki.example/other.crl")),)),)),
    refused(TRY_LATER, "CRL_OUT_OF_SCOPE", 0),
)
add(
    "crl-attributes",
    "The list for attribute certificates",
    f"{DRAWN}*, CRL (onlyContainsAttributeCerts): RFC 5280 §6.3.3 (b)(2)(iv).",
    about((crl(more=(ext.issuing_distribution_point(only_attribute=True),)),)),
    refused(TRY_LATER, "CRL_OUT_OF_SCOPE", 0),
)
add(
    "crl-some-reasons",
    "A list for one reason only",
    f"{DRAWN}*, CRL (onlySomeReasons keyCompromise): reasons_mask does not become all-reasons "
    "(RFC 5280 §6.3.3 (d), (l)).",
    about((crl(more=(ext.issuing_distribution_point(reasons=("key_compromise",)),)),)),
    refused(TRY_LATER, "CRL_REASONS_NOT_COVERED", 0),
)
add(
    "crl-unknown-critical",
    "A critical CRL extension nobody knows",
    f"{DRAWN}*, CRL: such a CRL says nobody is good (RFC 5280 §5.2).",
    about((crl(more=(ext.extension("2.999.9.2", der.null(), critical=True),)),)),
    refused(TRY_LATER, "CRL_UNKNOWN_CRITICAL_EXTENSION", 0),
)
add(
    "crl-entry-unknown-critical",
    "A critical entry extension nobody knows",
    f"{DRAWN}*, CRL: such a CRL must not be used to say that a certificate is good (RFC 5280 §5.3).",
    about(
        (
            crl(
                Revoked(
                    99, status.REVOKED_WHEN, None, (ext.extension("2.999.9.3", der.null(), critical=True),)
                )
            ),
        )
    ),
    refused(TRY_LATER, "CRL_UNKNOWN_CRITICAL_EXTENSION", 0),
)
add(
    "crl-number-missing",
    "A CRL without a number",
    f"{DRAWN}*, CRL: conforming CRL issuers number every CRL (RFC 5280 §5.2.3).",
    about((GD_A.crl(extensions=(AKI,)),)),
    refused(TRY_LATER, "CRL_NUMBER_MISSING", 0),
)
add(
    "crl-number-critical",
    "A CRL whose number is critical",
    f"{DRAWN}*, CRL: cRLNumber is non-critical (RFC 5280 §5.2.3).",
    about((GD_A.crl(extensions=(AKI, ext.extension("2.5.29.20", der.integer(7), critical=True))),)),
    refused(TRY_LATER, "CRL_NUMBER_CRITICAL", 0),
)
add(
    "indirect-not-named",
    "An indirect list that the certificate does not name",
    f"{DRAWN}*, CRL by CRL issuer: the certificate's distribution point has no cRLIssuer, so only its "
    "issuer's list counts (RFC 5280 §6.3.3 (b)(1)).",
    about((CRLS["crl-issuer"],), chain=[C["gd-a-sm2"], status.CRL_ISSUER_CERTIFICATE]),
    refused(TRY_LATER, "REVOCATION_EVIDENCE_MISSING", 0),
)
add(
    "crl-issuer-unknown",
    "The CRL issuer's certificate is missing",
    f"{DRAWN}*, indirect CRL by an unknown key (RFC 5280 §6.3.3 (f)).",
    of(status.INDIRECT_GOOD, (CRLS["crl-issuer"],)),
    refused(TRY_LATER, "CRL_ISSUER_PATH_INVALID", 0),
)
_DUMB_ISSUER = pki.NATIONAL.issue(
    "crl-issuer without cRLSign",
    status.CRL_ISSUER.name,
    status.CRL_ISSUER.key,
    (
        ext.basic_constraints(ca=False),
        ext.key_usage("digital_signature"),
        ext.subject_key_identifier(status.CRL_ISSUER.key.spki),
    ),
).certificate
add(
    "crl-issuer-without-crl-sign",
    "The CRL issuer may not sign CRLs",
    f"{DRAWN}*, CRL by CRL issuer*: its keyUsage lacks cRLSign (RFC 5280 §6.3.3 (f)).",
    of(status.INDIRECT_GOOD, (CRLS["crl-issuer"],), chain=[C["gd-a-sm2"], _DUMB_ISSUER]),
    refused(TRY_LATER, "CRL_ISSUER_KEY_USAGE", 0),
)
add(
    "delta-without-base",
    "A delta without its complete CRL",
    f"{DRAWN}*, delta 8 alone: a delta is no evidence by itself (RFC 5280 §5.2.4).",
    about((CRLS["gd-a-sm2-delta"],)),
    refused(TRY_LATER, "DELTA_CRL_WITHOUT_BASE", 0),
)

# OCSP.
_ID = GD_A.cert_id(COMPANY.serial_number, "sm3")


def response(*singles: bytes, **fields: Any) -> bytes:
    """By GD A itself, unless ``signer`` says otherwise."""
    return x509.ocsp_response(*(singles or (x509.single_response(_ID),)), **{"signer": GD_A.key, **fields})


add(
    "ocsp-unknown",
    "The responder does not know the target",
    f"{DRAWN}*, OCSP: unknown is not good (RFC 6960 §2.2).",
    about(ocsp=(response(x509.single_response(_ID, x509.UNKNOWN)),)),
    refused(TRY_LATER, "OCSP_STATUS_UNKNOWN", 0),
)
add(
    "ocsp-stale",
    "The response's nextUpdate is past",
    f"{DRAWN}*, OCSP: RFC 6960 §3.2 (6).",
    about(ocsp=(response(),), at=LATER),
    refused(TRY_LATER, "OCSP_STALE", 0),
)
add(
    "ocsp-not-yet",
    "The response comes from the future",
    f"{DRAWN}*, OCSP: thisUpdate lies after the time of validation (RFC 6960 §3.2 (5)).",
    about(
        ocsp=(
            response(
                x509.single_response(_ID, this_update=LATER, next_update=LATER + timedelta(days=7)),
                produced_at=LATER,
            ),
        )
    ),
    refused(TRY_LATER, "OCSP_NOT_YET_VALID", 0),
)
add(
    "ocsp-signature",
    "The response is not signed by the key it claims",
    f"{DRAWN}*, OCSP*: RFC 6960 §3.2 (2).",
    about(ocsp=(response(shape=x509.Shape(signature=lambda value: value[:-1] + bytes([value[-1] ^ 1]))),)),
    refused(TRY_LATER, "OCSP_SIGNATURE_INVALID", 0),
)
add(
    "ocsp-other-certificate",
    "The response is about another certificate",
    f"{DRAWN}*, OCSP for another serial number (RFC 6960 §3.2 (1)).",
    about(ocsp=(response(x509.single_response(GD_A.cert_id(12345, "sm3"))),)),
    refused(TRY_LATER, "OCSP_NO_MATCHING_RESPONSE", 0),
)
add(
    "ocsp-try-later",
    "The responder says tryLater",
    f"{DRAWN}*, OCSP responseStatus tryLater: no response at all (RFC 6960 §2.3).",
    about(ocsp=(x509.ocsp_error(3),)),
    refused(TRY_LATER, "OCSP_RESPONDER_ERROR", 0),
)
_STRANGER = status.responder(pki.GD_SM2["b"], "ocsp-stranger", Sm2("ocsp stranger"))
add(
    "ocsp-responder-of-another-ca",
    "A responder of another CA",
    f"{DRAWN}*, OCSP by a responder under GD B SM2*: the delegate must be issued by the CA that issued the "
    "certificate (RFC 6960 §4.2.2.2).",
    about(
        ocsp=(response(signer=_STRANGER.key, certificates=(_STRANGER.certificate,)),),
        chain=[C["gd-a-sm2"], C["gd-b-sm2"]],
    ),
    refused(TRY_LATER, "OCSP_RESPONDER_NOT_AUTHORIZED", 0),
)
_NO_PURPOSE = LEAVES["gd-a-sm2-person-sign"]
add(
    "ocsp-responder-purpose",
    "A response signed by an end entity of the same CA",
    f"{DRAWN}*, OCSP by a person <- GD A SM2*: without id-kp-OCSPSigning anyone of the CA's could say good "
    "(RFC 6960 §4.2.2.2).",
    about(ocsp=(response(signer=_NO_PURPOSE.key, certificates=(_NO_PURPOSE.certificate,)),)),
    refused(TRY_LATER, "OCSP_RESPONDER_NOT_AUTHORIZED", 0),
)
add(
    "ocsp-unknown-critical",
    "A critical response extension nobody knows",
    f"{DRAWN}*, OCSP: RFC 6960 §4.4.",
    about(ocsp=(response(extensions=(ext.extension("2.999.9.4", der.null(), critical=True),)),)),
    refused(TRY_LATER, "OCSP_UNKNOWN_CRITICAL_EXTENSION", 0),
)
add(
    "ocsp-responder-certificate-missing",
    "The responder's certificate was not sent along",
    f"{DRAWN}*, OCSP by a responder nobody has the certificate of (RFC 6960 §4.2.2.2).",
    about(ocsp=(response(signer=status.GD_A_RESPONDER.key, responder=status.GD_A_RESPONDER.subject),)),
    refused(TRY_LATER, "OCSP_RESPONDER_CERTIFICATE_MISSING", 0),
)
_EXPIRED_RESPONDER = GD_A.issue(
    "ocsp-expired",
    x509.name("C=CN, O=Test OCSP, CN=Test OCSP responder expired"),
    Sm2("ocsp expired"),
    (ext.key_usage("digital_signature"), ext.extended_key_usage(ext.OCSP_SIGNING), ext.ocsp_nocheck()),
    period=(x509.LEAF_FROM, x509.THIS_UPDATE - timedelta(days=1)),
)
add(
    "ocsp-responder-expired",
    "The responder's certificate is expired",
    f"{DRAWN}*, OCSP by a responder <- GD A SM2, expired: its certificate goes through RFC 5280 §6.1 too.",
    about(ocsp=(response(signer=_EXPIRED_RESPONDER.key, certificates=(_EXPIRED_RESPONDER.certificate,)),)),
    refused(TRY_LATER, "OCSP_RESPONDER_CERTIFICATE_INVALID", 0),
)
_CHECKED_RESPONDER = status.responder(
    GD_A, "ocsp-checked", Sm2("ocsp checked"), ext.crl_at(pki.crl_uri(GD_A))
)
add(
    "ocsp-responder-revoked",
    "The responder's certificate is revoked",
    f"{DRAWN}*, OCSP by a responder <- GD A SM2 without ocsp-nocheck, and the CRL that lists it (RFC 6960 "
    "§4.2.2.2.1). The same CRL says that the company is good, so only the response's own part is in "
    "question: a list for the reason keyCompromise alone leaves the company open.",
    about(
        (by_reason(("key_compromise",), status.revoked(_CHECKED_RESPONDER)),),
        (response(signer=_CHECKED_RESPONDER.key, certificates=(_CHECKED_RESPONDER.certificate,)),),
    ),
    refused(TRY_LATER, "OCSP_RESPONDER_STATUS", 0),
)
