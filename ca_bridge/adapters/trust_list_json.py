"""Trust lists as signed JSON: a flattened JWS (RFC 7515 §7.2.2) over the canonical JSON of the list.

A key id is the SHA-256 of the signer's certificate, and each has one algorithm: the header may repeat
it, and cannot choose another. The header has four members; what would fetch or bring another key is
refused with everything else that is not among them.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from ca_bridge.adapters.trust_list_jws import JwsKey, algorithm_of, sign_jws, verify_jws
from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.trust_list_exchange.errors import (
    ExchangeCode,
    TrustListRefused,
    malformed,
    signature_invalid,
)
from ca_bridge.services.trust_list_exchange.plain_data import read_trust_list, trust_list_data

MAX_BYTES = 20 << 20
_TYPE = "ca-bridge-trust-list+json"
_HEADER = frozenset({"alg", "kid", "typ", "x5c"})
_MEMBERS = frozenset({"payload", "protected", "signature"})


def publish_json(trust_list: TrustList, key: JwsKey, certificate: x509.Certificate) -> bytes:
    """The list, signed with ``key`` of ``certificate``: ES256, EdDSA or RS256 as the key is."""
    der = certificate.public_bytes(Encoding.DER)
    header = {
        "alg": algorithm_of(certificate),
        "kid": sha256(der).hexdigest(),
        "typ": _TYPE,
        "x5c": [b64encode(der).decode("ascii")],
    }
    payload = _encoded(canonical_json(trust_list_data(trust_list)).encode())
    protected = _encoded(canonical_json(header).encode())
    signature = _encoded(sign_jws(key, f"{protected}.{payload}".encode("ascii")))
    members = {"payload": payload, "protected": protected, "signature": signature}
    return (json.dumps(members, indent=1) + "\n").encode("ascii")


def read_json(raw: bytes, signers: Collection[str], now: datetime) -> TrustList:
    """The list in ``raw``, signed by one of ``signers`` (SHA-256 of certificates, lower-case hex).

    The signer's certificate must be in its validity at ``now``. TrustListRefused: TOO_LARGE, MALFORMED,
    SIGNATURE_INVALID, SIGNER_NOT_PINNED. Sequence and freshness are the importer's to judge.
    """
    if len(raw) > MAX_BYTES:
        raise TrustListRefused(ExchangeCode.TOO_LARGE, limit=f"{MAX_BYTES} bytes")
    members = _object(raw, "JWS")
    if members.keys() != _MEMBERS:
        raise malformed("JWS", "payload, protected and signature are asked, and nothing else")
    protected, payload, signature = (
        _decoded(members[name], name) for name in ("protected", "payload", "signature")
    )
    certificate = _signer(_object(protected, "protected"), signers)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise signature_invalid("the signer's certificate is not valid now")
    signed = f"{members['protected']}.{members['payload']}".encode("ascii")
    verify_jws(certificate, signature, signed)
    return read_trust_list(_canonical(payload))


def _signer(header: dict[str, Any], signers: Collection[str]) -> x509.Certificate:
    """The pinned certificate that the header names and carries, if its algorithm is the header's."""
    if header.keys() != _HEADER or header["typ"] != _TYPE:
        raise malformed("protected", f"{', '.join(sorted(_HEADER))} are asked, and nothing else")
    match header["x5c"]:
        case [str(text)]:
            der = _certificate_der(text)
        case _:
            raise malformed("x5c", "not one certificate")
    pin = sha256(der).hexdigest()
    if pin not in signers or header["kid"] != pin:
        raise TrustListRefused(ExchangeCode.SIGNER_NOT_PINNED)
    try:
        certificate = x509.load_der_x509_certificate(der)
        algorithm = algorithm_of(certificate)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise signature_invalid(f"the signer's certificate cannot be used: {error}") from error
    if header["alg"] != algorithm:
        raise signature_invalid(f"this signer's algorithm is {algorithm}")
    return certificate


def _certificate_der(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed("x5c", "not base64") from error


def _encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _decoded(text: Any, member: str) -> bytes:
    """Octets of base64url; only their one encoding is taken, so that no bit of the text is idle."""
    if not isinstance(text, str) or not text.isascii():
        raise malformed(member, "not base64url")
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise malformed(member, "not base64url") from error
    if _encoded(octets) != text:
        raise malformed(member, "not base64url")
    return octets


def _object(raw: bytes, place: str) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise malformed(place, "not a JSON object in UTF-8") from error
    if not isinstance(data, dict):
        raise malformed(place, "not a JSON object in UTF-8")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice")
    return data


def _canonical(payload: bytes) -> dict[str, Any]:
    data = _object(payload, "payload")
    try:
        canonical = canonical_json(data).encode()
    except (ValueError, RecursionError) as error:
        raise malformed("payload", "not canonical JSON") from error
    if canonical != payload:
        raise malformed("payload", "not canonical JSON")
    return data
