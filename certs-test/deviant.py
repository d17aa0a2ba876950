"""One end entity of Guangdong CA A's SM2 branch, made wrong in one place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import der
import extensions as ext
import pki
import x509
from case import line
from keys import Key, Sm2
from pki import CERTIFICATES as C

GD_A = pki.GD_SM2["a"]
KEY = Sm2("deviant")
SUBJECT = x509.name("C=CN, ST=广东, O=测试企业一有限公司, CN=测试企业一有限公司")
CHAIN = (C["gd-a-sm2"],)
NATIONAL = (C["national-root"],)


def without(*oids: str, key: Key = KEY, ca: Any = GD_A) -> tuple[bytes, ...]:
    """The usual extensions of an end entity less those named."""
    usual = {
        "2.5.29.15": pki.SIGNING,
        "2.5.29.14": ext.subject_key_identifier(key.spki),
        "2.5.29.32": ext.certificate_policies(pki.GD_HIGH),
        "2.5.29.31": ext.crl_at(pki.crl_uri(ca)),
        "2.5.29.35": ext.authority_key_identifier(ca.key.spki),
    }
    return tuple(value for oid, value in usual.items() if oid not in oids)


def leaf(
    *more: bytes,
    key: Key = KEY,
    subject: bytes = SUBJECT,
    extensions: tuple[bytes, ...] | None = None,
    number: int = 4711,
    period: tuple[datetime, datetime] = (x509.LEAF_FROM, x509.LEAF_UNTIL),
    shape: x509.Shape = x509.PLAIN,
) -> bytes:
    """The certificate; ``more`` extensions come after the usual ones, ``extensions`` replace them."""
    return x509.certificate(
        issuer=GD_A.name,
        signer=GD_A.key,
        subject=subject,
        key=key,
        serial_number=number,
        extensions=(*(without(key=key) if extensions is None else extensions), *more),
        period=period,
        shape=shape,
    )


def shaped(**deviations: Any) -> bytes:
    return leaf(shape=x509.Shape(**deviations))


def ask(certificate: bytes | str, **fields: Any) -> dict[str, Any]:
    """The line that asks for it under the national root."""
    return line(certificate, **{"chain": CHAIN, "anchors": NATIONAL, **fields})


def content(value: bytes) -> bytes:
    """Content octets of one TLV."""
    if value[1] < 0x80:
        return value[2:]
    return value[2 + (value[1] & 0x7F) :]


def parts(value: bytes) -> list[bytes]:
    """The TLVs inside one constructed TLV."""
    inner, out = content(value), []
    while inner:
        size = len(inner) - len(content(inner))
        first = inner[1]
        length = first if first < 0x80 else int.from_bytes(inner[2 : 2 + (first & 0x7F)], "big")
        out.append(inner[: size + length])
        inner = inner[size + length :]
    return out


def rebuilt(value: bytes, index: int, replacement: bytes) -> bytes:
    """A SEQUENCE with the element at ``index`` replaced."""
    elements = parts(value)
    elements[index] = replacement
    return der.seq(*elements)
