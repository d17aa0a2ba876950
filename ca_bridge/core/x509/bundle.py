"""Splits what callers send into certificates, CRLs and OCSP responses; none of them is parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ca_bridge.core.reasons import format_input as reasons
from ca_bridge.core.reasons.format import PRIVATE_KEY_IN_INPUT
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pem import MAX_BYTES, decode_base64, decode_binary, holds_pem, pem_blocks
from ca_bridge.core.x509.private_key import looks_like_private_key

__all__ = ["BundleItem", "decode_binary", "decode_bundle"]

Kind = Literal["certificate", "crl", "ocsp"]

# PEM label -> what the block is taken for when its bytes do not say.
_LABELS: dict[str, Kind | None] = {
    "CERTIFICATE": "certificate",
    "X509 CERTIFICATE": "certificate",
    "X.509 CERTIFICATE": "certificate",
    "X509 CRL": "crl",
    "CRL": "crl",
    "OCSP RESPONSE": "ocsp",
    "PKCS7": None,
    "PKCS #7 SIGNED DATA": None,
    "CMS": None,
}
# signedData: RFC 5652 §5.1 (and RFC 2315), GM/T 0010.
_SIGNED_DATA = frozenset({"1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"})
_CONTENT, _CERTIFICATES, _CRLS = 0xA0, 0xA0, 0xA1
_TIMES = (der.UTC_TIME, der.GENERALIZED_TIME)


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One object of a bundle: what it is, judged by its outline, and its DER."""

    kind: Kind
    der: bytes


def decode_bundle(data: bytes, *, max_items: int = 10_000) -> tuple[BundleItem, ...]:
    """The objects in ``data``, in order: PEM blocks, DER, base64 DER, or PKCS#7 SignedData.

    The signatures of a SignedData are not looked at: it is a bag here (RFC 5652 §5.1).
    Private keys are refused wherever they are.
    """
    if len(data) > MAX_BYTES:
        raise Malformed(reasons.INPUT_TOO_LARGE, max_bytes=str(MAX_BYTES))
    if not data.strip():
        raise Malformed(reasons.INPUT_EMPTY)
    items: list[BundleItem] = []
    for item in _items(data):
        if len(items) == max_items:
            raise Malformed(reasons.INPUT_TOO_MANY_ITEMS, max_items=str(max_items))
        items.append(item)
    if not items:
        raise Malformed(reasons.INPUT_EMPTY)
    return tuple(items)


def _items(data: bytes) -> Iterator[BundleItem]:
    """Objects of ``data``; DER is tried before PEM because DER may hold any text."""
    if data[0] == der.SEQUENCE and (_fills(data) or not holds_pem(data)):
        yield from _objects(data, None)
        return
    if not holds_pem(data):
        try:
            decoded = decode_base64(data)
        except Malformed:
            raise Malformed(reasons.INPUT_UNRECOGNIZED) from None
        yield from _objects(decoded, None)
        return
    for label, encoded in pem_blocks(data):
        if label not in _LABELS:
            raise Malformed(reasons.PEM_LABEL_UNKNOWN, label=label)
        yield from _objects(encoded, _LABELS[label])


def _fills(data: bytes) -> bool:
    """Whether one element takes exactly all of ``data``."""
    try:
        return der.read_tlv(data, 0, len(data))[2] == len(data)
    except Malformed:
        return False


def _objects(encoded: bytes, labelled: Kind | None) -> Iterator[BundleItem]:
    """The object ``encoded`` is, or those inside it when it is a SignedData."""
    if looks_like_private_key(encoded):
        raise Malformed(PRIVATE_KEY_IN_INPUT)
    start, end = der.expect(encoded, 0, len(encoded), der.SEQUENCE)
    first, content, stop = der.read_tlv(encoded, start, end)
    if first == der.OID:
        der.finish(end, len(encoded))
        oid = der.decode_oid(encoded, content, stop)
        if oid not in _SIGNED_DATA:
            raise Malformed(reasons.PKCS7_CONTENT_TYPE, oid=oid)
        yield from _signed_data(encoded, stop, end)
        return
    kind = _kind(encoded, first, content, stop) or labelled
    if kind is None:
        raise Malformed(reasons.INPUT_UNRECOGNIZED)
    yield BundleItem(kind, encoded)


def _kind(encoded: bytes, first: int, pos: int, end: int) -> Kind | None:
    """What an object is by its first element, content pos..end, or None.

    A TBSCertList has a time as its third element after the version, a TBSCertificate has none.
    """
    if first == der.ENUMERATED:
        return "ocsp"
    if first != der.SEQUENCE:
        return None
    tags: list[int] = []
    while pos < end and len(tags) < 4:  # noqa: PLR2004 - version, algorithm, issuer, then it shows
        try:
            tag, _, pos = der.read_tlv(encoded, pos, end)
        except Malformed:
            return None
        tags.append(tag)
    fields = tags[1:] if tags[:1] == [der.INTEGER] else tags
    if fields[:2] == [der.SEQUENCE, der.SEQUENCE] and fields[2:3] and fields[2] in _TIMES:
        return "crl"
    return "certificate"


def _signed_data(buf: bytes, pos: int, end: int) -> Iterator[BundleItem]:
    """Certificates and CRLs of the SignedData in [0] EXPLICIT at ``pos``.

    Their SETs are read in whatever order they have: everyone writes them issuer last or first,
    nobody sorted.
    """
    start, stop = der.expect_whole(buf, pos, end, _CONTENT)
    pos, end = der.expect_whole(buf, start, stop, der.SEQUENCE)
    for tag in (der.INTEGER, der.SET, der.SEQUENCE):
        _, pos = der.expect(buf, pos, end, tag)
    kinds: tuple[tuple[int, Kind], ...] = ((_CERTIFICATES, "certificate"), (_CRLS, "crl"))
    for field, kind in kinds:
        if der.peek(buf, pos, end) == field:
            start, pos = der.expect(buf, pos, end, field)
            for at, tag, _, item_end in der.children(buf, start, pos):
                if tag != der.SEQUENCE:
                    raise Malformed(reasons.PKCS7_MEMBER)
                yield BundleItem(kind, buf[at:item_end])
    der.expect_whole(buf, pos, end, der.SET)
