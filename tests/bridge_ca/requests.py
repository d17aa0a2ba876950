"""PKCS#10 requests, with a place to go wrong in each."""

from __future__ import annotations

from typing import Any

from tests.pki_writers import der
from tests.pki_writers import extensions as ext


def request(
    name: bytes,
    key: Any,
    *extensions: bytes,
    version: int = 0,
    signature: bytes | None = None,
    attributes: tuple[bytes, ...] | None = None,
) -> bytes:
    if attributes is None:
        asked = der.seq(der.oid("1.2.840.113549.1.9.14"), der.set_of(der.seq(*extensions)))
        attributes = (asked,) if extensions else ()
    info = der.seq(der.integer(version), name, key.spki, der.explicit(0, *attributes))
    return der.seq(info, key.algorithm, der.bits(key.sign(info) if signature is None else signature))


def asked_identifier(octets: bytes) -> bytes:
    return ext.extension("2.5.29.14", der.octets(octets))
