"""One case per reason about files and fields as callers wrap them: PEM, base64, PKCS#7 bundles."""

from __future__ import annotations

import base64

import demo
import der
from case import Group, Runs, refused
from keys import KEYS
from pki import CERTIFICATES as C

GROUP = Group("input")


def no(door: str, reason: str, title: str, why: str, runs: Runs | bytes, case_id: str = "") -> None:
    """``door`` is "bundle" for a file on the command line, "single" for a field that takes one object."""
    GROUP.add(
        case_id or reason.lower().replace("_", "-"),
        title,
        why,
        {},
        refused("FORMAT_FAILURE", reason, None),
        {door: runs if isinstance(runs, tuple) else ((runs, 1),)},
    )


_PEM = demo.pem("CERTIFICATE", C["hk-root"])
no("bundle", "INPUT_EMPTY", "An empty file", "there is nothing to read.", b"\n")
no(
    "bundle",
    "INPUT_TOO_LARGE",
    "A file of 97 MiB",
    "size is bounded before the first byte is read.",
    ((_PEM, 1), (b"\n" * 1024, 97 * 1024)),
)
no(
    "bundle",
    "INPUT_TOO_MANY_ITEMS",
    "Ten thousand and one certificates",
    "counted, whatever they are.",
    ((demo.pem("CERTIFICATE", der.seq(der.seq())), 10_001),),
)
no("bundle", "INPUT_UNRECOGNIZED", "A letter", "neither DER nor base64 nor PEM.", "这不是证书".encode())
no(
    "single",
    "BASE64_MALFORMED",
    "A letter base64 has not",
    "RFC 4648 §4.",
    base64.b64encode(C["hk-root"])[:-8] + b"!AAAAAAA",
)
no("bundle", "PEM_MALFORMED", "A PEM block without an end", "RFC 7468 §2.", _PEM[:-30])
no(
    "bundle",
    "PEM_LABEL_UNKNOWN",
    "A PEM certificate request",
    "a request is not a certificate (RFC 7468 §7).",
    demo.pem("CERTIFICATE REQUEST", C["hk-root"]),
)
no("single", "PEM_NOT_ONE_BLOCK", "Two certificates in one field", "one field, one object.", _PEM + _PEM)
no(
    "bundle",
    "PKCS7_CONTENT_TYPE",
    "A PKCS#7 file of encrypted data",
    "only SignedData carries certificates (RFC 5652 §5.1).",
    demo.signed_data(C["hk-root"], content_type="1.2.840.113549.1.7.6"),
)
no(
    "bundle",
    "PKCS7_MEMBER",
    "An attribute certificate among the certificates",
    "certificates and CRLs are read (RFC 5652 §10.2.2).",
    demo.signed_data(C["hk-root"], der.explicit(2, der.seq())),
)
no(
    "bundle",
    "PRIVATE_KEY_IN_INPUT",
    "A key file among the certificates",
    "refused unread, and the holder is told that it is no longer secret.",
    _PEM + (KEYS / "rsa-1024.pem").read_bytes(),
)
