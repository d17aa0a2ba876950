"""A checkpoint as SignedData of GB/T 35275, read: strict DER, one signer, who is known beforehand.

A certificate inside is not trusted: it has to be the one that the signed checkpoint names, of the known key,
and serves tools that need one. What was read is written again and compared, so that no octet is idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from ca_bridge.core.receipt.encodings import base64_octets
from ca_bridge.core.receipt.faults import ReceiptFault, ReceiptFinding
from ca_bridge.core.receipt.keys import KnownKey
from ca_bridge.core.receipt.signed_data_form import CONTEXT_0, SM2_SM3, SM3, issuer_and_serial, signed_data
from ca_bridge.core.receipt.verifying import Signed
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.errors import Malformed

_F = ReceiptFault
_SIGNER = (der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.SEQUENCE, der.OCTET_STRING)


@dataclass(frozen=True, slots=True)
class _Parts:
    content: bytes
    certificate: bytes
    algorithms: bytes
    signature: bytes


def read_signed_data(
    value: str, key: KnownKey, body: bytes, certificate_sha256: str
) -> Signed | ReceiptFinding:
    """What ``key`` must have signed, and its signature; or why this is no SignedData of it over ``body``.

    ``certificate_sha256`` is that of the certificate the checkpoint names for the key.
    """
    raw = base64_octets(value)
    if raw is None:
        return _finding(key, _F.SIGNED_DATA_MALFORMED, "not base64")
    try:
        parts = _read(raw)
        fault = _fault(parts, key, body, certificate_sha256)
        if fault is not None:
            return _finding(key, fault)
        again = signed_data(body, parts.certificate, parts.signature)
    except Malformed as error:
        return _finding(key, _F.SIGNED_DATA_MALFORMED, error.reason.code)
    if again != raw:
        return _finding(key, _F.SIGNED_DATA_MALFORMED, "not the one form of it")
    return Signed(body, parts.signature)


def _fault(parts: _Parts, key: KnownKey, body: bytes, certificate_sha256: str) -> ReceiptFault | None:
    if parts.content != body:
        return _F.SIGNED_DATA_CONTENT
    if parts.algorithms != SM3 + SM2_SM3:
        return _F.SIGNED_DATA_ALGORITHM
    named = sha256(parts.certificate).hexdigest() == certificate_sha256
    if not named or issuer_and_serial(parts.certificate)[1] != key.spki:
        return _F.SIGNED_DATA_CERTIFICATE
    return None


def _read(raw: bytes) -> _Parts:
    """What is not the same in every SignedData; Malformed."""
    (info,) = _elements(raw, (0, len(raw)), der.SEQUENCE)
    _, explicit = _elements(raw, info, der.OID, CONTEXT_0)
    (data,) = _elements(raw, explicit, der.SEQUENCE)
    _, _, inner, certificates, signers = _elements(
        raw, data, der.INTEGER, der.SET, der.SEQUENCE, CONTEXT_0, der.SET
    )
    _, explicit = _elements(raw, inner, der.OID, CONTEXT_0)
    (content,) = _elements(raw, explicit, der.OCTET_STRING)
    (signer,) = _elements(raw, signers, der.SEQUENCE)
    _, name, _, algorithm, signature = _elements(raw, signer, *_SIGNER)
    return _Parts(
        content=raw[slice(*content)],
        certificate=raw[slice(*certificates)],
        algorithms=raw[name[1] : algorithm[1]],
        signature=raw[slice(*signature)],
    )


def _elements(raw: bytes, within: tuple[int, int], *tags: int) -> Iterator[tuple[int, int]]:
    """(content start, content end) of elements of exactly these tags that fill the range."""
    pos, end = within
    for tag in tags:
        start, pos = der.expect(raw, pos, end, tag)
        yield start, pos
    der.finish(pos, end)


def _finding(key: KnownKey, fault: ReceiptFault, detail: str = "") -> ReceiptFinding:
    return ReceiptFinding(fault=fault, key=key.key_id, detail=detail)
