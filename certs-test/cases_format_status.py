"""One case per format reason of CRLs (RFC 5280 §5) and OCSP responses (RFC 6960 §4.2).

A CRL or response that can't be read is no evidence; where evidence is required, the answer names
what was wrong with it as the cause.
"""

from __future__ import annotations

import der
import extensions as ext
import pki
import status
import x509
from case import Group, refused
from deviant import GD_A, ask, content, parts, rebuilt
from pki import LEAVES
from x509 import Revoked, Shape

GROUP = Group("status-format")
COMPANY = LEAVES["gd-a-sm2-company-sign"]
AKI = ext.authority_key_identifier(GD_A.key.spki)
NUMBER = ext.crl_number(7)


def bad_crl(reason: str, title: str, why: str, crl: bytes) -> None:
    """The only CRL can't be read, and the target's status is required."""
    GROUP.add(
        reason.lower().replace("_", "-"),
        title,
        f"company <- GD A SM2 <- [TEST ROOTCA SM2], CRL of GD A SM2*: {why}",
        ask(COMPANY.certificate, crls=[crl], revocation="require_target"),
        refused("TRY_LATER", "SUPPLIED_CRL_UNREADABLE", None, cause=reason),
    )


def bad_ocsp(reason: str, title: str, why: str, response: bytes) -> None:
    """The only OCSP response can't be read, and the target's status is required."""
    GROUP.add(
        reason.lower().replace("_", "-"),
        title,
        f"company <- GD A SM2 <- [TEST ROOTCA SM2], OCSP response by GD A SM2*: {why}",
        ask(COMPANY.certificate, ocsp=[response], revocation="require_target"),
        refused("TRY_LATER", "SUPPLIED_OCSP_RESPONSE_UNREADABLE", None, cause=reason),
    )


def shaped(*revoked: Revoked, extensions: tuple[bytes, ...] = (AKI, NUMBER), **deviations: object) -> bytes:
    return GD_A.crl(*revoked, extensions=extensions, shape=Shape(**deviations))  # type: ignore[arg-type]


def entry(*more: bytes) -> bytes:
    """A CRL with one entry that carries these extensions."""
    return GD_A.crl(Revoked(1234, status.REVOKED_WHEN, None, more))


GOOD = GD_A.crl()

bad_crl(
    "CRL_STRUCTURE",
    "A CRL without a signature",
    "CertificateList has three fields (RFC 5280 §5.1).",
    der.seq(*parts(GOOD)[:2]),
)
bad_crl(
    "CRL_VERSION",
    "A CRL of version 3",
    "version, if there, is v2 (RFC 5280 §5.1.2.1).",
    shaped(version=der.integer(2)),
)
bad_crl(
    "CRL_SIGNATURE_ALGORITHM_MISMATCH",
    "Another algorithm inside than outside",
    "the two fields must be the same (RFC 5280 §5.1.1.2).",
    shaped(inner_algorithm=der.seq(der.oid("1.2.840.10045.4.3.2"))),
)
bad_crl(
    "CRL_EXTENSION_IN_V1",
    "Extensions in a v1 CRL",
    "extensions need v2 (RFC 5280 §5.1.2.1).",
    shaped(version=b""),
)
bad_crl(
    "CRL_EXTENSION_DUPLICATE",
    "cRLNumber twice",
    "an extension comes once (RFC 5280 §4.2, §5.2).",
    shaped(extensions=(AKI, NUMBER, ext.crl_number(8))),
)
bad_crl(
    "CRL_EXTENSION_MALFORMED",
    "cRLNumber that is no INTEGER",
    "CRLNumber ::= INTEGER (RFC 5280 §5.2.3).",
    shaped(extensions=(AKI, ext.extension("2.5.29.20", der.octets(b"\x07")))),
)
bad_crl(
    "CRL_EXTENSIONS_TOO_MANY",
    "Five hundred extensions",
    "no CRL needs them; counted before they are read.",
    shaped(extensions=tuple(ext.extension(f"2.999.5.{i}", der.null()) for i in range(500))),
)
bad_crl(
    "CRL_NUMBER_TOO_LONG",
    "A cRLNumber of 21 octets",
    "at most 20 octets (RFC 5280 §5.2.3).",
    shaped(extensions=(AKI, ext.crl_number(1 << 166))),
)
bad_crl(
    "CRL_SCOPE_CONTRADICTION",
    "Only user certificates and only CA certificates",
    "at most one of the three may be TRUE (RFC 5280 §5.2.5).",
    shaped(extensions=(AKI, NUMBER, ext.issuing_distribution_point(only_user=True, only_ca=True))),
)
_TBS = parts(GD_A.crl(Revoked(1234, status.REVOKED_WHEN)))[0]
_LIST = 5


def with_entries(*entries: bytes) -> bytes:
    """A CRL signed over a revokedCertificates of these TLVs."""
    return x509.signed(rebuilt(_TBS, _LIST, der.seq(*entries)), GD_A.key)


bad_crl(
    "CRL_ENTRY_MALFORMED",
    "An entry without a date",
    "an entry is a serial number, a date and optional extensions (RFC 5280 §5.1).",
    with_entries(der.seq(der.integer(1234))),
)
bad_crl(
    "CRL_ENTRY_SERIAL_TOO_LONG",
    "An entry's serial number of 200 octets",
    "serial numbers have at most 20 octets (RFC 5280 §4.1.2.2); a bound above that is still a bound.",
    with_entries(der.seq(der.integer(1 << 1600), der.time(status.REVOKED_WHEN))),
)
bad_crl(
    "CRL_ENTRY_REASON",
    "Reason code 7",
    "7 is not used (RFC 5280 §5.3.1).",
    entry(ext.reason_code(7)),
)
bad_crl(
    "CRL_ENTRY_CERTIFICATE_ISSUER",
    "certificateIssuer with a URI instead of a name",
    "the certificate issuer is told by its distinguished name (RFC 5280 §5.3.3).",
    entry(ext.extension("2.5.29.29", der.seq(ext.uri("http://crl.test-pki.example/")), critical=True)),
)

_ID = GD_A.cert_id(COMPANY.serial_number, "sm3")
_SINGLE = x509.single_response(_ID)


def response(*singles: bytes, **fields: object) -> bytes:
    return x509.ocsp_response(*(singles or (_SINGLE,)), signer=GD_A.key, **fields)  # type: ignore[arg-type]


_GOOD = response()
_BODY = parts(_GOOD)[1]

bad_ocsp(
    "OCSP_STRUCTURE",
    "A BasicOCSPResponse without a signature",
    "it has three fields at least (RFC 6960 §4.2.1).",
    der.seq(
        der.enumerated(0),
        der.explicit(
            0,
            der.seq(
                der.oid("1.3.6.1.5.5.7.48.1.1"),
                der.octets(der.seq(*parts(content(parts(content(_BODY))[1]))[:2])),
            ),
        ),
    ),
)
bad_ocsp(
    "OCSP_RESPONSE_STATUS",
    "Response status 9",
    "4 is not used and nothing is above 6 (RFC 6960 §4.2.1).",
    x509.ocsp_error(9),
)
bad_ocsp(
    "OCSP_RESPONSE_BYTES_MISSING",
    "Successful without a response",
    "successful comes with responseBytes (RFC 6960 §4.2.1).",
    x509.ocsp_error(0),
)
bad_ocsp(
    "OCSP_RESPONSE_BYTES_UNEXPECTED",
    "tryLater with a response",
    "an error has no responseBytes (RFC 6960 §4.2.1).",
    der.seq(der.enumerated(3), _BODY),
)
bad_ocsp(
    "OCSP_RESPONSE_TYPE",
    "A response type that nobody defined",
    "id-pkix-ocsp-basic is the one type (RFC 6960 §4.2.1).",
    response(response_type="2.999.6"),
)
bad_ocsp(
    "OCSP_VERSION",
    "Version v2",
    "v1 is the only version, and DER leaves it out (RFC 6960 §4.2.1).",
    response(shape=Shape(version=der.explicit(0, der.integer(1)))),
)
bad_ocsp(
    "OCSP_RESPONDER_ID",
    "A responderID of the third kind",
    "byName [1] or byKey [2] (RFC 6960 §4.2.1).",
    response(shape=Shape(tbs=lambda tbs: rebuilt(tbs, 0, der.explicit(3, der.null())))),
)
bad_ocsp(
    "OCSP_CERT_STATUS",
    "A certStatus of the fourth kind",
    "good [0], revoked [1], unknown [2] (RFC 6960 §4.2.1).",
    response(x509.single_response(_ID, der.implicit(3, b""))),
)
bad_ocsp(
    "OCSP_REVOCATION_REASON",
    "Revocation reason 7",
    "7 is not used (RFC 5280 §5.3.1, RFC 6960 §4.2.1).",
    response(x509.single_response(_ID, x509.revoked_status(status.REVOKED_WHEN, 7))),
)
NONCE = "1.3.6.1.5.5.7.48.1.2"


def _nonce(octets: bytes) -> bytes:
    return ext.extension(NONCE, der.octets(octets))


bad_ocsp(
    "OCSP_EXTENSION_DUPLICATE",
    "Two nonces",
    "an extension comes once (RFC 6960 §4.4, RFC 5280 §4.2).",
    response(extensions=(_nonce(bytes(16)), _nonce(bytes(16)))),
)
bad_ocsp(
    "OCSP_NONCE",
    "A nonce of 200 octets",
    "1 to 128 octets (RFC 9654 §2.1).",
    response(extensions=(_nonce(bytes(200)),)),
)
bad_ocsp(
    "OCSP_TOO_MANY",
    "Three hundred single responses",
    "nobody asked for them; counted before they are read.",
    response(*(x509.single_response(GD_A.cert_id(i)) for i in range(300))),
)

bad_ocsp(
    "OCSP_TOO_LARGE",
    "An OCSP response of more than 64 KiB",
    "size is bounded before the first byte is parsed.",
    response(certificates=tuple(pki.CERTIFICATES.values()) * 3),
)
bad_crl(
    "CRL_ENTRIES_REPEATED",
    "One serial number three hundred times",
    "a lookup must not become a scan.",
    with_entries(*(der.seq(der.integer(77), der.time(status.REVOKED_WHEN)) for _ in range(300))),
)
