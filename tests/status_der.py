"""Small DER builder for hostile CRLs and OCSP responses; nothing is signed truly."""

from __future__ import annotations


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


def enumerated(value: int) -> bytes:
    return integer(value, 0x0A)


def octets(content: bytes) -> bytes:
    return tlv(0x04, content)


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return tlv(0x06, content)


def utc(text: str = "240101000000Z") -> bytes:
    return tlv(0x17, text.encode())


def generalized(text: str = "20240101000000Z") -> bytes:
    return tlv(0x18, text.encode())


def extension(dotted: str, value: bytes, *, critical: bytes = b"") -> bytes:
    return seq(oid(dotted), critical, octets(value))


CRITICAL = b"\x01\x01\xff"
EXPLICIT_FALSE = b"\x01\x01\x00"
ALGORITHM = seq(oid("1.2.156.10197.1.501"))
SIGNATURE = tlv(0x03, b"\x00", seq(integer(1), integer(1)))


def name(common_name: str) -> bytes:
    return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0C, common_name.encode()))))


ISSUER = name("CRL issuer")


def entry(serial: int, *extensions: bytes, date: bytes | None = None) -> bytes:
    more = seq(*extensions) if extensions else b""
    return seq(integer(serial), date or utc(), more)


def crl(
    *entries: bytes,
    extensions: tuple[bytes, ...] = (),
    version: bytes | None = None,
    issuer: bytes = ISSUER,
    times: bytes | None = None,
    inner: bytes = ALGORITHM,
    revoked: bytes | None = None,
    after: bytes = b"",
) -> bytes:
    """A CRL; ``revoked`` replaces the whole revokedCertificates, ``after`` ends the signed part."""
    listed = (seq(*entries) if entries else b"") if revoked is None else revoked
    tbs = seq(
        integer(1) if version is None else version,
        inner,
        issuer,
        utc() + utc("250101000000Z") if times is None else times,
        listed,
        tlv(0xA0, seq(*extensions)) if extensions else b"",
        after,
    )
    return seq(tbs, ALGORITHM, SIGNATURE)


REASON_CODE = "2.5.29.21"
HOLD_INSTRUCTION = "2.5.29.23"
INVALIDITY_DATE = "2.5.29.24"
CERTIFICATE_ISSUER = "2.5.29.29"


def reason_code(number: int) -> bytes:
    return extension(REASON_CODE, enumerated(number))


def certificate_issuer(*names: bytes, critical: bytes = CRITICAL) -> bytes:
    """``names`` are Name DER; each becomes a directoryName."""
    return extension(CERTIFICATE_ISSUER, seq(*(tlv(0xA4, n) for n in names)), critical=critical)


def distribution_point(*fields: bytes, critical: bytes = CRITICAL) -> bytes:
    """An issuingDistributionPoint of these fields."""
    return extension("2.5.29.28", seq(*fields), critical=critical)


INDIRECT = b"\x84\x01\xff"

SHA1 = seq(oid("1.3.14.3.2.26"), b"\x05\x00")
BASIC = "1.3.6.1.5.5.7.48.1.1"
NONCE = "1.3.6.1.5.5.7.48.1.2"
GOOD = b"\x80\x00"
UNKNOWN = b"\x82\x00"


def cert_id(serial: int = 7, algorithm: bytes = SHA1) -> bytes:
    return seq(algorithm, octets(b"n" * 20), octets(b"k" * 20), integer(serial))


def single(status: bytes = GOOD, *more: bytes, identity: bytes | None = None) -> bytes:
    return seq(identity or cert_id(), status, generalized(), *more)


def ocsp(
    *singles: bytes,
    responder: bytes | None = None,
    produced_at: bytes | None = None,
    extensions: tuple[bytes, ...] = (),
    certificates: bytes = b"",
    version: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A successful OCSPResponse."""
    tbs = seq(
        version,
        tlv(0xA2, octets(b"h" * 20)) if responder is None else responder,
        generalized() if produced_at is None else produced_at,
        seq(*singles),
        tlv(0xA1, seq(*extensions)) if extensions else b"",
        after,
    )
    return response(seq(tbs, ALGORITHM, SIGNATURE, certificates))


def response(basic: bytes, *, status: int = 0, kind: str = BASIC) -> bytes:
    return seq(enumerated(status), tlv(0xA0, seq(oid(kind), octets(basic))))
