"""SM2 without an engine: the curve, the digest of a message, and the encodings (GB/T 32918, GB/T 35276).

Points are X9.62 uncompressed, 65 octets with the leading 04. Signatures are DER SEQUENCE {r, s}.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hsm.errors import Unsupported
from hsm.token import SM2_DEFAULT_ID

# GB/T 32918.5 section 2.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G_X = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
G_Y = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

FIELD_BYTES = 32
POINT_BYTES = 1 + 2 * FIELD_BYTES
MAX_ID_BYTES = 8191
"""The length of the ID in bits is written in two octets (GB/T 32918.2 section 5.5)."""

SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""SubjectPublicKeyInfo, id-ecPublicKey on 1.2.156.10197.1.301, up to the point."""

_MAX_SIGNATURE_BYTES = 72
_CURVE_OCTETS = b"".join(value.to_bytes(FIELD_BYTES, "big") for value in (A, B, G_X, G_Y))


def is_on_curve(point: bytes) -> bool:
    """Whether ``point`` is an uncompressed point of the curve with reduced coordinates; infinity is none."""
    if len(point) != POINT_BYTES or point[0] != 4:  # noqa: PLR2004 - X9.62's octet
        return False
    x = int.from_bytes(point[1 : 1 + FIELD_BYTES], "big")
    y = int.from_bytes(point[1 + FIELD_BYTES :], "big")
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def message_digest(point: bytes, message: bytes, signer_id: bytes = SM2_DEFAULT_ID) -> bytes:
    """The digest e = SM3(Z || message), Z of the signer's ID and public key; 32 octets.

    Unsupported for an ID of more than 8191 bytes.
    """
    if len(signer_id) > MAX_ID_BYTES:
        raise Unsupported(f"an SM2 user ID has at most {MAX_ID_BYTES} bytes")
    identity = hashes.Hash(hashes.SM3())
    identity.update((8 * len(signer_id)).to_bytes(2, "big") + signer_id + _CURVE_OCTETS + point[1:])
    digest = hashes.Hash(hashes.SM3())
    digest.update(identity.finalize())
    digest.update(message)
    return digest.finalize()


def encode_signature(r: int, s: int) -> bytes:
    """DER of a signature whose numbers are in range; ValueError when they are not."""
    if not _in_range(r, s):
        raise ValueError("r or s is out of range")
    return encode_dss_signature(r, s)


def decode_signature(signature: bytes) -> tuple[int, int] | None:
    """The pair r, s; None unless this is the one DER encoding of numbers in [1, n-1] whose sum is not n."""
    if len(signature) > _MAX_SIGNATURE_BYTES:
        return None
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        return None
    if not _in_range(r, s) or encode_dss_signature(r, s) != signature:
        return None
    return r, s


def _in_range(r: int, s: int) -> bool:
    """GB/T 32918.2 section 7.1, steps B1, B2 and B5 (t is not 0)."""
    return 0 < r < N and 0 < s < N and r + s != N
