"""Signatures as a module makes them: what it is given, and what its answer is turned into.

Digests are made here (SoftHSM has no mechanism that does both), so a module signs what was meant. Nothing
is verified here.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hsm import sm2
from hsm.errors import BadSignature, Unsupported
from hsm.pkcs11.constants import CKM_ECDSA, CKM_EDDSA, CKM_RSA_PKCS
from hsm.pkcs11.key_objects import KeyObject
from hsm.pkcs11.mechanisms import Mechanism, plain, pointer_and_length, pss_sha256
from hsm.pkcs11.session import Session
from hsm.pkcs11.sm2_profiles import IdParameter, Sm2Input, Sm2Output, Sm2Profile
from hsm.spki import sm2_point
from hsm.token import SM2_DEFAULT_ID, KeyKind
from hsm.token import SignatureAlgorithm as Algorithm
from hsm.verifying import DIGESTS

# DigestInfo (RFC 8017 section 9.2, note 1) up to the digest.
_DIGEST_INFO = {
    Algorithm.RSA_PKCS1_SHA256: bytes.fromhex("3031300d060960864801650304020105000420"),
    Algorithm.RSA_PKCS1_SHA384: bytes.fromhex("3041300d060960864801650304020205000430"),
    Algorithm.RSA_PKCS1_SHA512: bytes.fromhex("3051300d060960864801650304020305000440"),
}
_FIELD_BYTES = {KeyKind.P256: 32, KeyKind.P384: 48}


def sign_in_token(
    session: Session,
    key: KeyObject,
    algorithm: Algorithm,
    message: bytes,
    signer_id: bytes,
    profile: Sm2Profile | None,
) -> bytes:
    """The signature in the encoding that ``Token.sign`` promises; BadSignature for no such answer."""
    if algorithm is Algorithm.SM2_SM3:
        return _sm2(session, key, message, signer_id, profile)
    if algorithm is Algorithm.ED25519:
        return session.sign(plain(CKM_EDDSA), key.handle, message)
    digest = _digest(algorithm, message)
    if algorithm in _DIGEST_INFO:
        return session.sign(plain(CKM_RSA_PKCS), key.handle, _DIGEST_INFO[algorithm] + digest)
    if algorithm is Algorithm.RSA_PSS_SHA256:
        return session.sign(pss_sha256(), key.handle, digest)
    size = _FIELD_BYTES[key.info.kind]
    # The leftmost bits of a longer digest (FIPS 186-5 section 6.4.1); some modules refuse to be given more.
    return _der(session.sign(plain(CKM_ECDSA), key.handle, digest[:size]), size, encode_dss_signature)


def _digest(algorithm: Algorithm, message: bytes) -> bytes:
    digest = hashes.Hash(DIGESTS[algorithm])
    digest.update(message)
    return digest.finalize()


def _der(raw: bytes, size: int, encode: Callable[[int, int], bytes]) -> bytes:
    """SEQUENCE {r, s} of r || s."""
    if len(raw) != 2 * size:
        raise BadSignature(f"the module gave a signature of {len(raw)} bytes, not {2 * size}")
    try:
        return encode(int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))
    except ValueError as error:
        raise BadSignature(f"the module gave no signature: {error}") from None


def _sm2(
    session: Session, key: KeyObject, message: bytes, signer_id: bytes, profile: Sm2Profile | None
) -> bytes:
    """By the profile. Never by CKM_ECDSA, which would give an ECDSA signature of an SM2 key."""
    if profile is None:
        raise Unsupported("SM2 in a token needs x-sm2-profile: no standard says how a module does it")
    given = message
    if profile.input is Sm2Input.DIGEST:
        given = sm2.message_digest(sm2_point(key.info.spki), message, signer_id)
    elif profile.input is Sm2Input.MESSAGE and signer_id != SM2_DEFAULT_ID:
        raise Unsupported(f"the SM2 profile {profile.name} has no way to pass a user ID")
    answer = session.sign(_sm2_mechanism(profile, signer_id), key.handle, given)
    if profile.output is Sm2Output.DER:
        return answer
    return _der(answer, sm2.FIELD_BYTES, sm2.encode_signature)


def _sm2_mechanism(profile: Sm2Profile, signer_id: bytes) -> Mechanism:
    if profile.input is not Sm2Input.MESSAGE_WITH_ID:
        return plain(profile.sign_mechanism)
    if profile.id_parameter is IdParameter.POINTER_LENGTH:
        return pointer_and_length(profile.sign_mechanism, signer_id)
    if not signer_id:
        # No octets are no parameter, and modules then take the default ID.
        raise Unsupported(f"the SM2 profile {profile.name} has no way to pass an empty user ID")
    return plain(profile.sign_mechanism, signer_id)
