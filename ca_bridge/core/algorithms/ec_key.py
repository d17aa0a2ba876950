"""The parameters and point of an id-ecPublicKey (RFC 5480 §2.1.1, §2.2)."""

from __future__ import annotations

from enum import StrEnum

from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.reasons import algorithm_keys as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.der import OID, SEQUENCE, decode_oid, expect_whole
from ca_bridge.core.x509.errors import Malformed

EC_PUBLIC_KEY_OID = "1.2.840.10045.2.1"


class NamedCurve(StrEnum):
    """Curves read here, named as the table policies/algorithms.yaml names them."""

    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"
    SM2 = "SM2"


_CURVE_OIDS = {
    "1.2.840.10045.3.1.7": NamedCurve.P256,
    "1.3.132.0.34": NamedCurve.P384,
    "1.3.132.0.35": NamedCurve.P521,
    "1.2.156.10197.1.301": NamedCurve.SM2,
}
_COORDINATE_BYTES = {NamedCurve.P256: 32, NamedCurve.P384: 48, NamedCurve.P521: 66, NamedCurve.SM2: 32}
_UNCOMPRESSED, _COMPRESSED = 4, (2, 3)


def named_curve(parameters: bytes | None) -> NamedCurve | Finding:
    """The curve ``parameters`` name; explicit ones are refused unread (CVE-2020-0601, CVE-2022-0778)."""
    if parameters is not None and parameters[0] == SEQUENCE:
        return fault(reasons.EC_PARAMETERS_EXPLICIT)
    try:
        content = expect_whole(parameters or b"", 0, len(parameters or b""), OID)
        oid = decode_oid(parameters or b"", *content)
    except Malformed:
        return fault(reasons.KEY_PARAMETERS_INVALID, key="EC")
    return _CURVE_OIDS.get(oid) or fault(reasons.EC_CURVE_UNSUPPORTED, curve=oid)


def ec_point(curve: NamedCurve, octets: bytes) -> bytes | Finding:
    """X || Y of an uncompressed point (SEC 1 §2.3.4); whether it is on the curve is still to be asked."""
    coordinate_bytes = _COORDINATE_BYTES[curve]
    if len(octets) == 2 * coordinate_bytes + 1 and octets[0] == _UNCOMPRESSED:
        return octets[1:]
    if len(octets) == coordinate_bytes + 1 and octets[0] in _COMPRESSED:
        return fault(reasons.EC_POINT_COMPRESSED)
    return fault(reasons.KEY_ENCODING_INVALID, key=str(curve))
