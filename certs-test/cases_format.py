"""One case per format reason of certificates, names and extensions (RFC 5280 §4.1, §4.2)."""

from __future__ import annotations

import base64

import der
import extensions as ext
import pki
import x509
from case import Group, Runs, passed, refused
from deviant import GD_A, KEY, ask, content, leaf, parts, shaped, without
from keys import KEYS, Sm2
from pki import CERTIFICATES as C
from status import CRLS
from x509 import name

GROUP = Group("format")
GOOD = leaf()


def no(
    reason: str, title: str, why: str, certificate: bytes | str, case_id: str = "", cause: str = ""
) -> None:
    """The target is not what RFC 5280 §4 says: FORMAT_FAILURE at position 0."""
    GROUP.add(
        case_id or reason.lower().replace("_", "-"),
        title,
        f"target* <- GD A SM2 <- [TEST ROOTCA SM2]: {why}",
        ask(certificate),
        refused("FORMAT_FAILURE", reason, 0, cause=cause),
    )


def read(case_id: str, title: str, why: str, certificate: bytes) -> None:
    """A named deviation of real CAs that is read, and noted (docs/divergences.md)."""
    drawn = f"target <- GD A SM2 <- [TEST ROOTCA SM2]: {why}"
    GROUP.add(case_id, title, drawn, ask(certificate), passed(pki.GD_HIGH))


def large(reason: str, title: str, why: str, runs: Runs) -> None:
    drawn = f"target* <- GD A SM2 <- [TEST ROOTCA SM2]: {why}"
    GROUP.add(
        reason.lower().replace("_", "-"),
        title,
        drawn,
        ask(GOOD),
        refused("FORMAT_FAILURE", reason, 0),
        {"certificate": runs},
    )


def malformed(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """The leaf with this extension in the place of the usual one of that OID."""
    return leaf(extensions=(*without(oid), ext.extension(oid, value, critical=critical)))


# What is read all the same.
read(
    "explicit-ca-false",
    "basicConstraints with cA FALSE written out",
    "28 of 315 real SM2 certificates do so against X.690 §11.5; nothing hangs on it.",
    leaf(ext.extension("2.5.29.19", der.seq(der.boolean(False)), critical=True)),
)
read(
    "explicit-critical-false",
    "critical FALSE written out",
    "real CA certificates do so against X.690 §11.5; nothing hangs on it.",
    leaf(der.seq(der.oid("2.999.11"), der.boolean(False), der.octets(der.null()))),
)
read(
    "utc-time-without-seconds",
    "A UTCTime without seconds",
    "old CA certificates do so against RFC 5280 §4.1.2.5.1; it is read as second 0.",
    shaped(validity=der.seq(der.tlv(0x17, b"2507010000Z"), der.time(x509.LEAF_UNTIL))),
)
read(
    "generalized-time-after-2049",
    "notAfter in 2099",
    "GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5).",
    shaped(validity=der.seq(der.time(x509.LEAF_FROM), der.tlv(0x18, b"20991231235959Z"))),
)

# What is refused.
no(
    "DER_TAG_UNEXPECTED",
    "A CRL in the place of the certificate",
    "RFC 5280 §4.1.",
    CRLS["gd-a-sm2"],
    "crl-sent",
)
no(
    "NOT_A_CERTIFICATE",
    "Text in the place of the certificate",
    "base64 of nothing in particular.",
    base64.b64encode("这不是证书".encode()).decode(),
    "not-a-certificate-text",
)
no(
    "PRIVATE_KEY_IN_INPUT",
    "A private key in the place of the certificate",
    "it is refused unread, and the holder is told that it is no longer secret.",
    base64.b64decode("".join((KEYS / "rsa-1024.pem").read_text("ascii").splitlines()[1:-1])),
)
large(
    "CERTIFICATE_TOO_LARGE",
    "A certificate of one MiB",
    "size is bounded before the first byte is parsed.",
    ((b"\x30\x83\x10\x00\x00", 1), (bytes(1 << 10), 1024)),
)
no(
    "CERTIFICATE_TRAILING_BYTES",
    "Another certificate follows the certificate",
    "one field, one certificate; OpenSSL ignores what follows.",
    GOOD + C["hk-ca"],
)
no(
    "ALGORITHM_MISMATCH",
    "Another algorithm inside than outside",
    "the two fields must be the same (RFC 5280 §4.1.1.2; CVE-2014-8275).",
    shaped(inner_algorithm=der.seq(der.oid("1.2.840.10045.4.3.2"))),
)
no(
    "ALGORITHM_MISMATCH",
    "NULL parameters inside, none outside",
    "both forms of SM3withSM2 are taken, but the same in both places.",
    shaped(inner_algorithm=Sm2("x", null_parameters=False).algorithm),
    "algorithm-mismatch-null",
)
no("VERSION_UNKNOWN", "Version 4", "RFC 5280 §4.1.2.1.", shaped(version=der.explicit(0, der.integer(3))))
no("VERSION_WITHOUT_EXTENSIONS", "Extensions in version 1", "RFC 5280 §4.1.2.9.", shaped(version=b""))
no(
    "VERSION_WITHOUT_UNIQUE_IDENTIFIERS",
    "A subjectUniqueID in version 1",
    "RFC 5280 §4.1.2.8.",
    shaped(version=b"", no_extensions=True, extra=der.implicit(2, b"\x00\x01")),
)
no(
    "SERIAL_NUMBER_TOO_LONG",
    "A serial number of 40 octets",
    "at most 20 (RFC 5280 §4.1.2.2).",
    leaf(number=1 << 318),
)
no(
    "NAME_RDN_EMPTY",
    "An RDN without attributes",
    "a SET SIZE (1..MAX) (RFC 5280 §4.1.2.4).",
    leaf(subject=der.seq(der.tlv(der.SET, b""), *parts(name("CN=Test")))),
)
no(
    "NAME_TOO_LARGE",
    "A name of three thousand attributes",
    "comparing names must not cost what an attacker likes; a 5,000-attribute name has crashed parsers.",
    leaf(subject=der.seq(*(x509.rdn("OU", "x") for _ in range(3000)))),
)
no(
    "NAME_ISSUER_EMPTY",
    "An empty issuer name",
    "the issuer must not be empty (RFC 5280 §4.1.2.4).",
    x509.certificate(
        issuer=der.seq(),
        signer=GD_A.key,
        subject=name("C=CN, CN=Test"),
        key=KEY,
        serial_number=1,
        extensions=without(),
    ),
)
no(
    "GENERAL_NAME_CHARACTERS",
    "A dNSName with a NUL byte",
    "CVE-2009-2408: one reader stops at NUL, another does not.",
    leaf(ext.subject_alt_name(ext.dns("www.test-pki.example\x00.other.example"))),
)
no(
    "GENERAL_NAME_EMPTY",
    "An empty dNSName",
    "CVE-2026-27138: a constraint check met an empty name and fell over.",
    leaf(ext.subject_alt_name(ext.dns(""))),
)
no(
    "GENERAL_NAME_IP_LENGTH",
    "An iPAddress of five octets",
    "four or sixteen (RFC 5280 §4.2.1.6).",
    leaf(ext.subject_alt_name(ext.ip(bytes(5)))),
)
no(
    "GENERAL_NAMES_EMPTY",
    "An empty subjectAltName",
    "GeneralNames has one name at least (RFC 5280 §4.2.1.6).",
    leaf(ext.subject_alt_name()),
)
_MANY = tuple(ext.uri(f"http://{i}.example/") for i in range(1000))
no(
    "GENERAL_NAMES_TOO_MANY",
    "A distribution point of a thousand addresses",
    "50,000 names take a common parser 17 s.",
    malformed("2.5.29.31", der.seq(ext.distribution_point(*_MANY))),
)
no(
    "DISTRIBUTION_POINTS_TOO_MANY",
    "A thousand distribution points",
    "every CRL would be held against every point.",
    malformed("2.5.29.31", der.seq(*(ext.distribution_point(name) for name in _MANY))),
)
no(
    "EXTENSIONS_EMPTY",
    "An empty list of extensions",
    "Extensions has one extension at least (RFC 5280 §4.1).",
    leaf(extensions=()),
)
no(
    "EXTENSIONS_TOO_MANY",
    "Five hundred extensions",
    "counted before they are read.",
    leaf(*(ext.extension(f"2.999.12.{i}", der.null()) for i in range(500))),
)
no(
    "EXTENSION_DUPLICATE",
    "keyUsage twice",
    "one reader takes the first, another the last (RFC 5280 §4.2).",
    leaf(pki.ENCRYPTION),
)
no(
    "EXTENSION_MALFORMED",
    "keyUsage that is an OCTET STRING",
    "KeyUsage ::= BIT STRING (RFC 5280 §4.2.1.3).",
    malformed("2.5.29.15", der.octets(b"\xc0"), critical=True),
    cause="DER_TAG_UNEXPECTED",
)
no(
    "EXTENSION_EMPTY",
    "An empty extendedKeyUsage",
    "one purpose at least (RFC 5280 §4.2.1.12); CVE-2026-40097.",
    leaf(ext.extended_key_usage()),
)
no(
    "EXTENSION_TOO_MANY_VALUES",
    "Three thousand policies",
    "policy processing must not cost what an attacker likes (CVE-2023-0464).",
    malformed("2.5.29.32", der.seq(*(der.seq(der.oid(f"2.999.13.{i}")) for i in range(3000)))),
)
no(
    "EXTENSION_COUNT_OUT_OF_RANGE",
    "A path length of -1",
    "pathLenConstraint ::= INTEGER (0..MAX) (RFC 5280 §4.2.1.9).",
    leaf(ext.extension("2.5.29.19", der.seq(der.boolean(True), der.integer(-1)), critical=True)),
)
no(
    "KEY_USAGE_NO_BIT",
    "A keyUsage that names nothing",
    "at least one bit is set (RFC 5280 §4.2.1.3).",
    malformed("2.5.29.15", der.named_bits(), critical=True),
)
no(
    "POLICY_DUPLICATE",
    "The same policy twice",
    "a policy OID comes once (RFC 5280 §4.2.1.4).",
    leaf(extensions=(*without("2.5.29.32"), ext.certificate_policies(pki.GD_HIGH, pki.GD_HIGH))),
)
no(
    "AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE",
    "authorityKeyIdentifier with a serial number and no name",
    "both or neither (RFC 5280 §4.2.1.1).",
    malformed("2.5.29.35", der.seq(der.implicit(2, b"\x07"))),
)
no(
    "DISTRIBUTION_POINT_EMPTY",
    "A distribution point of reasons alone",
    "either distributionPoint or cRLIssuer must be there (RFC 5280 §4.2.1.13).",
    malformed("2.5.29.31", der.seq(ext.distribution_point(reasons=("key_compromise",)))),
)
no(
    "REASON_FLAGS_UNKNOWN",
    "A reason that does not exist",
    "ReasonFlags has bits 0 to 8 (RFC 5280 §4.2.1.13).",
    malformed(
        "2.5.29.31",
        der.seq(
            der.seq(
                *parts(ext.distribution_point(ext.uri("http://crl.test-pki.example/"))),
                der.implicit(1, content(der.named_bits(12))),
            )
        ),
    ),
)


def _constraint(*subtree: bytes) -> bytes:
    value = der.seq(der.explicit(0, der.seq(*subtree)))
    return leaf(ext.extension("2.5.29.30", value, critical=True))


no(
    "NAME_CONSTRAINT_RANGE",
    "A name constraint with minimum 1",
    "minimum is 0 and maximum absent (RFC 5280 §4.2.1.10).",
    _constraint(ext.dns("test-pki.example"), der.implicit(0, b"\x01")),
)
no(
    "NAME_CONSTRAINT_IP_MASK",
    "An address constraint with a mask that has holes",
    "in the style of RFC 4632 (RFC 5280 §4.2.1.10).",
    _constraint(ext.ip(bytes([192, 0, 2, 0, 255, 0, 255, 0]))),
)
