"""A checkpoint signed as a compact JWS (RFC 7515 §3.1), of which everything but the signature is known.

The key that is named has one algorithm and the header has three members: nothing in it can choose an
algorithm, bring or fetch another key, or ask for an extension.
"""

from __future__ import annotations

from ca_bridge.core.receipt.canonical import NotCanonical, canonical_bytes, read_canonical
from ca_bridge.core.receipt.encodings import base64url, base64url_octets, der_of_pair, pair_of_der
from ca_bridge.core.receipt.faults import ReceiptFault, ReceiptFinding
from ca_bridge.core.receipt.keys import JOSE_NAMES, KnownKey
from ca_bridge.core.receipt.verifying import Signed

FORM = "jws"
TYPE = "ca-bridge-checkpoint+jws"
_MAX_HEADER_BYTES = 1024
_PARTS = 3
_OCTETS = frozenset({"ed25519"})  # all others come from a key as DER {r, s} and stand in a JWS as r || s


def signing_input(key_id: str, algorithm: str, body: bytes) -> bytes:
    """What the key signs for a JWS over ``body``; ``algorithm`` is one of JOSE_NAMES."""
    header = canonical_bytes({"alg": JOSE_NAMES[algorithm], "kid": key_id, "typ": TYPE})
    return f"{base64url(header)}.{base64url(body)}".encode("ascii")


def compact(signed: bytes, algorithm: str, signature: bytes) -> str:
    """The JWS of a signing input and what the key made of it (DER {r, s}, or the octets of Ed25519)."""
    octets = signature if algorithm in _OCTETS else pair_of_der(signature)
    return f"{signed.decode('ascii')}.{base64url(octets)}"


def read_jws(value: str, key: KnownKey, body: bytes) -> Signed | ReceiptFinding:
    """What ``key`` must have signed, and its signature; or why this is no JWS of it over ``body``."""
    parts = [base64url_octets(part) for part in value.split(".", _PARTS)]
    if len(parts) != _PARTS or None in parts:
        return _fault(ReceiptFault.JWS_MALFORMED, key, "not three parts of base64url")
    header, payload, octets = (part or b"" for part in parts)
    problem = _header_problem(header, key)
    if problem:
        return _fault(ReceiptFault.JWS_HEADER, key, problem)
    if payload != body:
        return _fault(ReceiptFault.JWS_PAYLOAD, key)
    signature = octets if key.algorithm in _OCTETS else der_of_pair(octets)
    if signature is None:
        return _fault(ReceiptFault.JWS_MALFORMED, key, "a signature of another length")
    return Signed(value.rpartition(".")[0].encode("ascii"), signature)


def _header_problem(octets: bytes, key: KnownKey) -> str:
    """What is wrong with a protected header; "" when it is the one there is for ``key``."""
    try:
        header = read_canonical(octets, max_bytes=_MAX_HEADER_BYTES, max_depth=2)
    except NotCanonical as error:
        return str(error)
    expected = {"alg": JOSE_NAMES[key.algorithm], "kid": key.key_id, "typ": TYPE}
    if not isinstance(header, dict):
        return "not an object"
    if header.keys() != expected.keys():
        return ", ".join(sorted(header.keys() ^ expected.keys()))
    return ", ".join(name for name in expected if header[name] != expected[name])


def _fault(fault: ReceiptFault, key: KnownKey, detail: str = "") -> ReceiptFinding:
    return ReceiptFinding(fault=fault, key=key.key_id, detail=detail)
