"""Certificates, CRLs and OCSP responses as DER, with a place to deviate in each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import der
import extensions as ext
import sm2
from keys import Key, key_octets

NOW = datetime(2026, 1, 15, 8, 0, 0, tzinfo=UTC)
CA_FROM, CA_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
LEAF_FROM, LEAF_UNTIL = datetime(2025, 7, 1, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)

_ATTRIBUTES = {
    "CN": "2.5.4.3",
    "serialNumber": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "ST": "2.5.4.8",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "organizationIdentifier": "2.5.4.97",
}


def rdn(kind: str, text: str) -> bytes:
    """One RDN of one attribute: C and serialNumber PrintableString, the rest UTF8String."""
    value = der.printable(text) if kind in {"C", "serialNumber"} else der.utf8(text)
    return der.set_of(der.seq(der.oid(_ATTRIBUTES[kind]), value))


def name(text: str) -> bytes:
    """Name from "C=CN, O=..., CN=..." with no comma inside a value."""
    return der.seq(*(rdn(*part.split("=", 1)) for part in text.split(", ") if part))


def serial(label: str) -> int:
    """Fixed positive serial number of 16 octets from a label."""
    return int.from_bytes(hashlib.sha256(b"serial: " + label.encode()).digest()[:16], "big") >> 1


def _same(content: bytes) -> bytes:
    return content


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Deviations of one signed object; the default deviates in nothing."""

    version: bytes | None = None
    serial: bytes | None = None
    inner_algorithm: bytes | None = None
    outer_algorithm: bytes | None = None
    validity: bytes | None = None
    extra: bytes = b""
    no_extensions: bool = False
    tbs: Callable[[bytes], bytes] = _same
    signature: Callable[[bytes], bytes] = _same
    whole: Callable[[bytes], bytes] = _same


PLAIN = Shape()


def signed(tbs: bytes, signer: Key, shape: Shape = PLAIN) -> bytes:
    tbs = shape.tbs(tbs)
    value = shape.signature(signer.sign(tbs))
    algorithm = shape.outer_algorithm if shape.outer_algorithm is not None else signer.algorithm
    return shape.whole(der.seq(tbs, algorithm, der.bits(value)))


def certificate(
    *,
    issuer: bytes,
    signer: Key,
    subject: bytes,
    key: Key,
    serial_number: int,
    extensions: tuple[bytes, ...] = (),
    period: tuple[datetime, datetime] = (LEAF_FROM, LEAF_UNTIL),
    shape: Shape = PLAIN,
) -> bytes:
    """One certificate (RFC 5280 §4.1), v3 unless the shape says otherwise."""
    inner = shape.inner_algorithm if shape.inner_algorithm is not None else signer.algorithm
    tbs = der.seq(
        shape.version if shape.version is not None else der.explicit(0, der.integer(2)),
        shape.serial if shape.serial is not None else der.integer(serial_number),
        inner,
        issuer,
        shape.validity if shape.validity is not None else der.seq(der.time(period[0]), der.time(period[1])),
        subject,
        key.spki,
        shape.extra,
        b"" if shape.no_extensions else der.explicit(3, der.seq(*extensions)),
    )
    return signed(tbs, signer, shape)


@dataclass(frozen=True)
class Revoked:
    """One revokedCertificates entry."""

    serial_number: int
    when: datetime
    reason: int | None = None
    extensions: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        parts = (*(() if self.reason is None else (ext.reason_code(self.reason),)), *self.extensions)
        return der.seq(
            der.integer(self.serial_number), der.time(self.when), der.seq(*parts) if parts else b""
        )


THIS_UPDATE = datetime(2026, 1, 15, 0, 0, 0, tzinfo=UTC)
NEXT_UPDATE = datetime(2026, 1, 22, 0, 0, 0, tzinfo=UTC)


def crl(
    *,
    issuer: bytes,
    signer: Key,
    revoked: tuple[Revoked, ...] = (),
    extensions: tuple[bytes, ...] | None = None,
    this_update: datetime = THIS_UPDATE,
    next_update: datetime | None = NEXT_UPDATE,
    shape: Shape = PLAIN,
) -> bytes:
    """One CRL (RFC 5280 §5.1), v2; by default with authorityKeyIdentifier and cRLNumber 7."""
    if extensions is None:
        extensions = (ext.authority_key_identifier(signer.spki), ext.crl_number(7))
    inner = shape.inner_algorithm if shape.inner_algorithm is not None else signer.algorithm
    tbs = der.seq(
        shape.version if shape.version is not None else der.integer(1),
        inner,
        issuer,
        der.time(this_update),
        b"" if next_update is None else der.time(next_update),
        der.seq(*(entry.encode() for entry in revoked)) if revoked else b"",
        b"" if shape.no_extensions else der.explicit(0, der.seq(*extensions)),
        shape.extra,
    )
    return signed(tbs, signer, shape)


_DIGEST_OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sm3": "1.2.156.10197.1.401",
    "md5": "1.2.840.113549.2.5",
}


def digest(algorithm: str, data: bytes) -> bytes:
    return sm2.sm3(data) if algorithm == "sm3" else hashlib.new(algorithm, data).digest()


def cert_id(issuer: bytes, spki: bytes, serial_number: int, algorithm: str = "sha1") -> bytes:
    """CertID (RFC 6960 §4.1.1)."""
    return der.seq(
        der.seq(der.oid(_DIGEST_OIDS[algorithm]), der.null()),
        der.octets(digest(algorithm, issuer)),
        der.octets(digest(algorithm, key_octets(spki))),
        der.integer(serial_number),
    )


GOOD = der.implicit(0, b"")
UNKNOWN = der.implicit(2, b"")


def revoked_status(when: datetime, reason: int | None = None) -> bytes:
    tail = b"" if reason is None else der.explicit(0, der.enumerated(reason))
    return der.explicit(1, der.generalized_time(when), tail)


def single_response(
    identifier: bytes,
    status: bytes = GOOD,
    *,
    this_update: datetime = THIS_UPDATE,
    next_update: datetime | None = NEXT_UPDATE,
    extensions: tuple[bytes, ...] = (),
) -> bytes:
    return der.seq(
        identifier,
        status,
        der.generalized_time(this_update),
        b"" if next_update is None else der.explicit(0, der.generalized_time(next_update)),
        der.explicit(1, der.seq(*extensions)) if extensions else b"",
    )


def ocsp_response(
    *responses: bytes,
    signer: Key,
    responder: bytes | None = None,
    certificates: tuple[bytes, ...] = (),
    produced_at: datetime = THIS_UPDATE,
    extensions: tuple[bytes, ...] = (),
    response_type: str = "1.3.6.1.5.5.7.48.1.1",
    shape: Shape = PLAIN,
) -> bytes:
    """A successful OCSPResponse; responderID byName when ``responder`` is given, else byKey."""
    by_key = der.explicit(2, der.octets(hashlib.sha1(key_octets(signer.spki)).digest()))
    tbs = shape.tbs(
        der.seq(
            shape.version if shape.version is not None else b"",
            by_key if responder is None else der.explicit(1, responder),
            der.generalized_time(produced_at),
            der.seq(*responses),
            der.explicit(1, der.seq(*extensions)) if extensions else b"",
        )
    )
    basic = der.seq(
        tbs,
        shape.outer_algorithm if shape.outer_algorithm is not None else signer.algorithm,
        der.bits(shape.signature(signer.sign(tbs))),
        der.explicit(0, der.seq(*certificates)) if certificates else b"",
    )
    body = der.seq(der.oid(response_type), der.octets(basic))
    return shape.whole(der.seq(der.enumerated(0), der.explicit(0, body)))


def ocsp_error(status: int) -> bytes:
    """An OCSPResponse with a status and no body."""
    return der.seq(der.enumerated(status))
