"""SM2 under a token that has no SM2: the scalar sealed by a key that never leaves the token.

To sign, the token opens it into this process's memory; libcrypto signs; it is overwritten. That is custody
``token-wrapped-process-use``: whoever can read this process's memory, or log in to the token, can have the
scalar. It is never called anything better.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from hsm.errors import BadSignature
from hsm.libcrypto_sm2 import Sm2PrivateKey, generate_scalar, wipe
from hsm.pkcs11.attributes import Value
from hsm.pkcs11.constants import (
    CKA_APPLICATION,
    CKA_CLASS,
    CKA_DECRYPT,
    CKA_ENCRYPT,
    CKA_EXTRACTABLE,
    CKA_ID,
    CKA_LABEL,
    CKA_PRIVATE,
    CKA_SENSITIVE,
    CKA_TOKEN,
    CKA_UNWRAP,
    CKA_VALUE,
    CKA_VALUE_LEN,
    CKA_WRAP,
    CKM_AES_KEY_GEN,
    CKO_DATA,
)
from hsm.pkcs11.mechanisms import GCM_IV_BYTES, gcm, plain
from hsm.pkcs11.return_values import (
    CKR_AEAD_DECRYPT_FAILED,
    CKR_ENCRYPTED_DATA_INVALID,
    CKR_ENCRYPTED_DATA_LEN_RANGE,
    CKR_GENERAL_ERROR,
    Returned,
)
from hsm.pkcs11.sealed_objects import APPLICATION, SealedObject, header_of
from hsm.pkcs11.session import Session
from hsm.pkcs11.unchangeable import made_unchangeable
from hsm.token import KeySpec

_AES_BYTES = 32
# What modules say when the tag is not right; SoftHSM says CKR_GENERAL_ERROR.
_NOT_OPENED = frozenset(
    {
        CKR_AEAD_DECRYPT_FAILED,
        CKR_ENCRYPTED_DATA_INVALID,
        CKR_ENCRYPTED_DATA_LEN_RANGE,
        CKR_GENERAL_ERROR,
    }
)


def generate_sealed(session: Session, spec: KeySpec) -> tuple[int, ...]:
    """Handles of a new sealed key's objects; all are gone again when one could not be made."""
    with ExitStack() as undoing:
        sealing_key = made_unchangeable(
            lambda more: session.generate_key(plain(CKM_AES_KEY_GEN), {**_sealing_template(spec), **more})
        )
        undoing.callback(session.destroy, sealing_key)
        template = _data_template(spec, _sealed_scalar(session, sealing_key, spec))
        data = made_unchangeable(lambda more: session.create({**template, **more}))
        undoing.pop_all()
    return sealing_key, data


def sign_sealed(session: Session, sealed: SealedObject, message: bytes, signer_id: bytes) -> bytes:
    """The DER signature, not verified here; BadSignature when what opens is not the key it is said to be."""
    scalar = _opened(session, sealed)
    try:
        key = Sm2PrivateKey(scalar)
    finally:
        wipe(scalar)
    if key.spki != sealed.spki:
        raise BadSignature(f"the sealed key {sealed.label!r} is not of its public key")
    return key.sign(message, signer_id)


def _sealed_scalar(session: Session, sealing_key: int, spec: KeySpec) -> bytes:
    """A new scalar as the data object holds it; in this process's memory until this returns."""
    scalar = generate_scalar()
    try:
        header = header_of(spec.label, spec.key_id, Sm2PrivateKey(scalar).spki)
        nonce = os.urandom(GCM_IV_BYTES)
        return header + nonce + session.encrypt(gcm(nonce, header), sealing_key, scalar)
    finally:
        wipe(scalar)


def _opened(session: Session, sealed: SealedObject) -> bytearray:
    """The scalar, for the caller to wipe."""
    try:
        return session.decrypt(gcm(sealed.nonce, sealed.header), sealed.sealing_key, sealed.ciphertext)
    except Returned as returned:
        if returned.value not in _NOT_OPENED:
            raise
        raise BadSignature(f"the sealed key {sealed.label!r} does not open: {returned}") from None


def _sealing_template(spec: KeySpec) -> dict[int, Value]:
    return {
        CKA_TOKEN: True,
        CKA_PRIVATE: True,
        CKA_SENSITIVE: True,
        CKA_EXTRACTABLE: False,
        CKA_ENCRYPT: True,
        CKA_DECRYPT: True,
        CKA_WRAP: False,
        CKA_UNWRAP: False,
        CKA_VALUE_LEN: _AES_BYTES,
        CKA_LABEL: spec.label,
        CKA_ID: spec.key_id,
    }


def _data_template(spec: KeySpec, value: bytes) -> dict[int, Value]:
    return {
        CKA_CLASS: CKO_DATA,
        CKA_TOKEN: True,
        CKA_PRIVATE: True,
        CKA_APPLICATION: APPLICATION,
        CKA_LABEL: spec.label,
        CKA_VALUE: value,
    }
