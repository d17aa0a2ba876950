"""Builds certificates field by field, right or wrong; nothing is signed truly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509.errors import Malformed

V3 = bytes.fromhex("a003020102")
TRUE, FALSE, NULL = b"\x01\x01\xff", b"\x01\x01\x00", b"\x05\x00"


def tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(content).to_bytes(size, "big") + content


def seq(*contents: bytes) -> bytes:
    return tlv(0x30, *contents)


def integer(value: int, tag: int = 0x02) -> bytes:
    length = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return tlv(tag, value.to_bytes(length, "big", signed=True))


def oid(dotted: str, tag: int = 0x06) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return tlv(tag, content)


def bits(content: bytes, unused: int = 0, tag: int = 0x03) -> bytes:
    return tlv(tag, bytes((unused,)), content)


def attribute(text: str | bytes, tag: int = 0x0C, kind: str = "2.5.4.3") -> bytes:
    return seq(oid(kind), tlv(tag, text.encode() if isinstance(text, str) else text))


def rdn(*attributes: bytes) -> bytes:
    return tlv(0x31, *attributes)


def name(*texts: str) -> bytes:
    return seq(*(rdn(attribute(text)) for text in texts))


def time(text: str, tag: int = 0x17) -> bytes:
    return tlv(tag, text.encode())


def extension(dotted: str, value: bytes, *, critical: bytes = b"") -> bytes:
    return seq(oid(dotted), critical, tlv(0x04, value))


ALGORITHM = seq(oid("1.2.156.10197.1.501"))
SPKI = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301")), bits(b"\x04" + bytes(64)))
VALIDITY = seq(time("240101000000Z"), time("340101000000Z"))
SIGNATURE = bits(seq(integer(1), integer(1)))
SERIAL = integer(7)


def certificate(
    *extensions: bytes,
    version: bytes = V3,
    serial: bytes = SERIAL,
    inner: bytes = ALGORITHM,
    issuer: bytes | None = None,
    validity: bytes = VALIDITY,
    subject: bytes | None = None,
    spki: bytes = SPKI,
    unique: bytes = b"",
    after: bytes = b"",
    outer: bytes = ALGORITHM,
    signature: bytes = SIGNATURE,
    end: bytes = b"",
) -> bytes:
    """A certificate; ``after`` closes the signed part, ``end`` the whole."""
    tbs = seq(
        version,
        serial,
        inner,
        name("Issuer") if issuer is None else issuer,
        validity,
        name("Subject") if subject is None else subject,
        spki,
        unique,
        tlv(0xA3, seq(*extensions)) if extensions else b"",
        after,
    )
    return seq(tbs, outer, signature, end)


def refusal(call: Callable[[], object]) -> Malformed:
    """The Malformed that ``call`` raises, with exactly the parameters of its reason."""
    with pytest.raises(Malformed) as caught:
        call()
    assert {key for key, _ in caught.value.params} == set(caught.value.reason.params)
    return caught.value


def reason(call: Callable[[], object]) -> Reason:
    return refusal(call).reason
