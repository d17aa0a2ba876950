"""RSASSA-PSS-params, RFC 4055 §3.1, read strictly."""

from __future__ import annotations

from ca_bridge.core.algorithms.encodings import NULL_OR_ABSENT
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import PssParameters
from ca_bridge.core.reasons import algorithms as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.der import (
    INTEGER,
    OID,
    SEQUENCE,
    decode_integer,
    decode_oid,
    expect,
    expect_whole,
    finish,
    peek,
)
from ca_bridge.core.x509.errors import Malformed

RSASSA_PSS_OID = "1.2.840.113549.1.1.10"
_MGF1_OID = "1.2.840.113549.1.1.8"
_HASH_OIDS = {
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
}
_HASH_TAG, _MGF_TAG, _SALT_TAG, _TRAILER_TAG = 0xA0, 0xA1, 0xA2, 0xA3
# Default of saltLength, and the longest salt that fits an 8,192-bit modulus is far below this bound.
_SALT_DEFAULT_BYTES, _SALT_MAX_BYTES = 20, 1024
_Range = tuple[int, int]


def decode_pss_parameters(der: bytes | None) -> PssParameters | Finding:
    """The parameters, or PSS_PARAMETERS_INVALID naming the part at fault.

    Defaults may be encoded or left out, RFC 4055 §3.1 asks verifiers to take both; MGF1 must use the
    hash of the signature (§3.1 recommends it, and nothing else is deployed), the trailer must be 1.
    """
    if der is None:
        return fault(reasons.PSS_PARAMETERS_INVALID, part="absent")
    try:
        fields = _fields(der)
        hash_name = _hash(der, fields.get(_HASH_TAG))
        mgf_hash = _mgf_hash(der, fields.get(_MGF_TAG))
        salt_bytes = _integer(der, fields.get(_SALT_TAG), _SALT_DEFAULT_BYTES)
        trailer = _integer(der, fields.get(_TRAILER_TAG), 1)
    except Malformed:
        return fault(reasons.PSS_PARAMETERS_INVALID, part="encoding")
    faults = (
        ("hashAlgorithm", not hash_name),
        ("maskGenAlgorithm", not mgf_hash or mgf_hash != hash_name),
        ("saltLength", not 0 <= salt_bytes <= _SALT_MAX_BYTES),
        ("trailerField", trailer != 1),
    )
    for part, wrong in faults:
        if wrong:
            return fault(reasons.PSS_PARAMETERS_INVALID, part=part)
    return PssParameters(hash_name, salt_bytes)


def _fields(der: bytes) -> dict[int, _Range]:
    """Content of each context tag present, in the order of the SEQUENCE."""
    found: dict[int, _Range] = {}
    pos, end = expect_whole(der, 0, len(der), SEQUENCE)
    for tag in (_HASH_TAG, _MGF_TAG, _SALT_TAG, _TRAILER_TAG):
        if peek(der, pos, end) == tag:
            start, pos = expect(der, pos, end, tag)
            found[tag] = (start, pos)
    finish(pos, end)
    return found


def _algorithm(der: bytes, span: _Range) -> tuple[str, bytes | None]:
    """(OID, parameters) of the AlgorithmIdentifier that fills ``span``."""
    pos, end = expect_whole(der, *span, SEQUENCE)
    start, stop = expect(der, pos, end, OID)
    return decode_oid(der, start, stop), der[stop:end] or None


def _hash(der: bytes, span: _Range | None) -> str:
    """Name of the hash, "" for one not known or with parameters other than NULL (RFC 4055 §2.1)."""
    if span is None:
        return "SHA-1"
    oid, parameters = _algorithm(der, span)
    return _HASH_OIDS.get(oid, "") if parameters in NULL_OR_ABSENT else ""


def _mgf_hash(der: bytes, span: _Range | None) -> str:
    """Name of the hash of MGF1, "" for any other mask generation function."""
    if span is None:
        return "SHA-1"
    oid, parameters = _algorithm(der, span)
    if oid != _MGF1_OID or parameters is None:
        return ""
    return _hash(parameters, (0, len(parameters)))


def _integer(der: bytes, span: _Range | None, default: int) -> int:
    return default if span is None else decode_integer(der, *expect_whole(der, *span, INTEGER))
