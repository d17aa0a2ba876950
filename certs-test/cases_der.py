"""One case per reason of the encoding: every structure must be DER (ITU-T X.690)."""

from __future__ import annotations

import der
import extensions as ext
import x509
from case import Group, refused
from deviant import ask, content, leaf, parts, shaped
from x509 import name

GROUP = Group("der")


def no(reason: str, title: str, why: str, certificate: bytes) -> None:
    """The target breaks DER in one place: FORMAT_FAILURE at position 0."""
    case_id = reason.removeprefix("DER_").lower().replace("_", "-")
    drawn = f"target* <- GD A SM2 <- [TEST ROOTCA SM2]: {why}"
    GROUP.add(case_id, title, drawn, ask(certificate), refused("FORMAT_FAILURE", reason, 0))


GOOD = leaf()
no(
    "DER_TRUNCATED",
    "The last byte is missing",
    "the length announces more than there is (X.690 §8.1.3).",
    GOOD[:-1],
)
no(
    "DER_TRAILING_BYTES",
    "Something follows the version number inside its field",
    "nothing may follow the value; a reader that ignores it gives one certificate two fingerprints.",
    shaped(version=der.explicit(0, der.integer(2), der.null())),
)
no(
    "DER_LENGTH_INDEFINITE",
    "BER indefinite length",
    "X.690 §10.1 allows definite lengths only.",
    der.indefinite(der.SEQUENCE, content(GOOD)),
)
no(
    "DER_LENGTH_NOT_MINIMAL",
    "A length with a leading zero byte",
    "X.690 §10.1: the fewest octets (CVE-2014-8275: one certificate, many fingerprints).",
    der.long_form(der.SEQUENCE, content(GOOD)),
)
no(
    "DER_LENGTH_TOO_LARGE",
    "A length of five bytes",
    "no structure here is 4 GiB long.",
    b"\x30\x85\x01\x00\x00\x00\x00" + content(GOOD),
)
no(
    "DER_TAG_UNEXPECTED",
    "A SET where the validity's SEQUENCE should be",
    "RFC 5280 §4.1 names the type.",
    shaped(validity=der.tlv(der.SET, der.time(x509.LEAF_FROM) + der.time(x509.LEAF_UNTIL))),
)
no(
    "DER_TAG_LONG_FORM",
    "The serial number under a tag of two bytes",
    "no structure of RFC 5280 has a tag number above 30 (X.690 §8.1.2.4).",
    shaped(serial=b"\x1f\x1f\x01\x07"),
)
no(
    "DER_STRING_CONSTRUCTED",
    "A string in pieces inside an otherName",
    "X.690 §10.2: string types are primitive in DER.",
    leaf(ext.subject_alt_name(ext.other_name("2.999.1", der.tlv(0x2C, der.utf8("x"))))),
)


def _nested(levels: int) -> bytes:
    value = der.null()
    for _ in range(levels):
        value = der.seq(value)
    return value


no(
    "DER_DEPTH",
    "An otherName two hundred SEQUENCEs deep",
    "recursion on what an attacker nests ends in a crash (RecursionError), so depth is bounded before "
    "reading.",
    leaf(ext.subject_alt_name(ext.other_name("2.999.1", _nested(200)))),
)
no(
    "DER_INTEGER_EMPTY",
    "A serial number without content",
    "X.690 §8.3.1: one or more octets.",
    shaped(serial=b"\x02\x00"),
)
no(
    "DER_INTEGER_NOT_MINIMAL",
    "A serial number with a superfluous zero byte",
    "X.690 §8.3.2; a redundant 00 has hidden revoked certificates from comparison by bytes.",
    shaped(serial=b"\x02\x02\x00\x07"),
)
no(
    "DER_INTEGER_TOO_LARGE",
    "A version number of three thousand bytes",
    "a number that no certificate needs is bounded before it is read.",
    shaped(version=der.explicit(0, der.tlv(0x02, b"\x01" * 3000))),
)
no(
    "DER_BOOLEAN",
    "critical is encoded as 01",
    "X.690 §11.1: TRUE is FF.",
    leaf(der.seq(der.oid("2.999.2"), b"\x01\x01\x01", der.octets(der.null()))),
)
no(
    "DER_NULL",
    "NULL parameters with content",
    "X.690 §8.8.2: NULL has no content.",
    leaf(ext.extension("1.3.6.1.5.5.7.48.1.5", b"\x05\x01\x00")),
)
no(
    "DER_OID",
    "An extension OID with a leading 80 byte",
    "X.690 §8.19.2: the fewest octets.",
    leaf(der.seq(b"\x06\x04\x2a\x80\x01\x01", der.octets(der.null()))),
)
no(
    "DER_OID_TOO_LARGE",
    "An OID with an arc of 300 bytes",
    "CVE-2023-2650: printing such an arc takes quadratic time.",
    leaf(der.seq(der.tlv(0x06, b"\x2a" + b"\xff" * 300 + b"\x01"), der.octets(der.null()))),
)
no(
    "DER_BIT_STRING",
    "Unused bits of keyUsage that are not zero",
    "X.690 §11.2.1.",
    leaf(
        extensions=(
            ext.extension("2.5.29.15", b"\x03\x02\x06\xc1", critical=True),
            ext.certificate_policies(ext.ANY_POLICY),
        )
    ),
)
_SIGNED = parts(GOOD)
no(
    "DER_BIT_STRING_NOT_OCTETS",
    "A signature of a number of bits that eight does not divide",
    "signatures and keys are octets (RFC 5280 §4.1.1.3).",
    der.seq(*_SIGNED[:2], der.bits(content(_SIGNED[2])[1:] + b"\x80", 7)),
)
no(
    "DER_NAMED_BITS_NOT_MINIMAL",
    "keyUsage with trailing zero bits",
    "X.690 §11.2.2: a named-bit list ends in a one bit.",
    leaf(extensions=(ext.extension("2.5.29.15", b"\x03\x02\x00\xc0", critical=True),)),
)
no(
    "DER_TIME",
    "The thirtieth of February",
    "RFC 5280 §4.1.2.5.1; no day of the calendar.",
    shaped(validity=der.seq(der.tlv(0x17, b"250230000000Z"), der.time(x509.LEAF_UNTIL))),
)
_CN, _OU = (parts(x509.rdn(kind, "Test"))[0] for kind in ("CN", "OU"))
no(
    "DER_SET_ORDER",
    "A multi-valued RDN in the wrong order",
    "X.690 §11.6: members of a SET OF ascend.",
    leaf(subject=der.seq(*parts(name("C=CN")), der.tlv(der.SET, max(_CN, _OU) + min(_CN, _OU)))),
)
no(
    "DER_DEFAULT_ENCODED",
    "nameConstraints minimum 0 written out",
    "X.690 §11.5: a value equal to its DEFAULT is left out.",
    leaf(
        ext.extension(
            "2.5.29.30",
            der.seq(
                der.explicit(0, der.seq(ext.directory(name("C=CN")), der.implicit(0, b"\x00"))),
            ),
            critical=True,
        ),
    ),
)
