"""New key pairs: in the token, sensitive, not extractable, for signing and nothing else."""

from __future__ import annotations

import time
from contextlib import suppress

from hsm.errors import KeyExists, KeyNotFound, TokenError, Unsupported
from hsm.pkcs11.attributes import Template, Value
from hsm.pkcs11.constants import (
    CKA_DECRYPT,
    CKA_DERIVE,
    CKA_EC_PARAMS,
    CKA_ENCRYPT,
    CKA_EXTRACTABLE,
    CKA_ID,
    CKA_KEY_TYPE,
    CKA_LABEL,
    CKA_MODULUS_BITS,
    CKA_PRIVATE,
    CKA_PUBLIC_EXPONENT,
    CKA_SENSITIVE,
    CKA_SIGN,
    CKA_TOKEN,
    CKA_UNWRAP,
    CKA_VERIFY,
    CKA_WRAP,
    CKK_EC,
    CKK_EC_EDWARDS,
    CKK_RSA,
    CKM_EC_EDWARDS_KEY_PAIR_GEN,
    CKM_EC_KEY_PAIR_GEN,
    CKM_RSA_PKCS_KEY_PAIR_GEN,
)
from hsm.pkcs11.key_objects import KeyObject, find_one
from hsm.pkcs11.mechanisms import Mechanism, plain
from hsm.pkcs11.public_keys import CURVES
from hsm.pkcs11.return_values import Returned
from hsm.pkcs11.sealed import generate_sealed
from hsm.pkcs11.sealed_objects import sealed_objects
from hsm.pkcs11.session import Session
from hsm.pkcs11.sm2_profiles import Sm2Profile
from hsm.pkcs11.unchangeable import made_unchangeable
from hsm.spki import RSA_BITS
from hsm.token import KeyKind, KeyRef, KeySpec

MAX_NAME_BYTES = 255
_LOOKS = 4
_LOOK_AGAIN_S = 0.05
_F4 = bytes.fromhex("010001")


def check_spec(spec: KeySpec, profile: Sm2Profile | None) -> None:
    """Unsupported for what cannot be made here; nothing else is made in its place."""
    if not spec.label or len(spec.label.encode("utf-8")) > MAX_NAME_BYTES or not spec.label.isprintable():
        raise Unsupported(f"a label is 1 to {MAX_NAME_BYTES} bytes that print")
    if not 0 < len(spec.key_id) <= MAX_NAME_BYTES:
        raise Unsupported(f"an identifier is 1 to {MAX_NAME_BYTES} bytes")
    if spec.sealed and spec.kind is not KeyKind.SM2:
        raise Unsupported("only SM2 keys are kept sealed; others are made in the token")
    if spec.kind is KeyKind.SM2 and not spec.sealed:
        if profile is None:
            raise Unsupported("SM2 in a token needs x-sm2-profile; x-custody=sealed keeps it sealed instead")
        if profile.generate_mechanism is None:
            raise Unsupported(f"the SM2 profile {profile.name} makes no keys; use the vendor's tools")


def generate(session: Session, spec: KeySpec, profile: Sm2Profile | None) -> KeyObject:
    """The new pair, found again by its name; ``session`` can write. KeyExists when the name is taken.

    What was made is destroyed when it is not as it must be, or when another process took the name meanwhile.
    """
    check_spec(spec, profile)
    if _is_taken(session, spec):
        raise KeyExists(f"the label {spec.label!r} or the id {spec.key_id.hex()} is taken")
    handles = generate_sealed(session, spec) if spec.sealed else _pair(session, spec, profile)
    try:
        if _is_taken(session, spec, but=handles):
            raise KeyExists(f"the label {spec.label!r} or the id {spec.key_id.hex()} was taken meanwhile")
        made = _found_again(session, spec, profile)
        _check_made(spec, made)
    except (TokenError, Returned):
        remove(session, handles)
        raise
    return made


def _found_again(session: Session, spec: KeySpec, profile: Sm2Profile | None) -> KeyObject:
    """The new pair; looked for more than once, as SoftHSM may not see it while others write."""
    ref = KeyRef(label=spec.label, key_id=spec.key_id)
    for _ in range(_LOOKS):
        with suppress(KeyNotFound):
            return find_one(session, ref, profile)
        time.sleep(_LOOK_AGAIN_S)
    return find_one(session, ref, profile)


def remove(session: Session, handles: tuple[int, ...]) -> None:
    """Destroys all the objects, the private one first; Returned if one of them stays."""
    stayed = None
    for handle in handles:
        try:
            session.destroy(handle)
        except Returned as returned:
            stayed = stayed or returned
    if stayed is not None:
        raise stayed


def _is_taken(session: Session, spec: KeySpec, *, but: tuple[int, ...] = ()) -> bool:
    """Whether an object of any class other than those of ``but`` has the label or the identifier."""
    found = (*session.find({CKA_LABEL: spec.label}), *session.find({CKA_ID: spec.key_id}))
    return bool(set(found) - set(but)) or bool(
        {sealed.data for sealed in sealed_objects(session, KeyRef(key_id=spec.key_id))} - set(but)
    )


def _check_made(spec: KeySpec, made: KeyObject) -> None:
    """The module made what it was asked for, by its own account."""
    if made.info.kind is not spec.kind or (made.sealed is not None) is not spec.sealed:
        raise Unsupported(f"the module made a key of kind {made.info.kind} for {spec.kind}")
    said = dict(made.info.claims)
    prefix = "sealing_key_" if spec.sealed else ""
    if said[f"{prefix}extractable"] != "false" or said[f"{prefix}sensitive"] != "true":
        raise Unsupported("the module made a key that it does not say is sensitive and not extractable")


def _pair(session: Session, spec: KeySpec, profile: Sm2Profile | None) -> tuple[int, ...]:
    """Handles of the new private and public key."""
    mechanism, key_type, parameters = _kind(spec.kind, profile)
    name: Template = {CKA_TOKEN: True, CKA_KEY_TYPE: key_type, CKA_LABEL: spec.label, CKA_ID: spec.key_id}
    public = {**name, **parameters, CKA_PRIVATE: False, CKA_VERIFY: True, CKA_ENCRYPT: False, CKA_WRAP: False}
    private = {
        **name,
        CKA_PRIVATE: True,
        CKA_SENSITIVE: True,
        CKA_EXTRACTABLE: False,
        CKA_SIGN: True,
        CKA_DECRYPT: False,
        CKA_UNWRAP: False,
        CKA_DERIVE: False,
    }
    outside, inside = made_unchangeable(
        lambda more: session.generate_pair(mechanism, {**public, **more}, {**private, **more})
    )
    return inside, outside


def _kind(kind: KeyKind, profile: Sm2Profile | None) -> tuple[Mechanism, int, dict[int, Value]]:
    """Mechanism, key type and the public key's parameters."""
    if kind in RSA_BITS:
        parameters: dict[int, Value] = {CKA_MODULUS_BITS: RSA_BITS[kind], CKA_PUBLIC_EXPONENT: _F4}
        return plain(CKM_RSA_PKCS_KEY_PAIR_GEN), CKK_RSA, parameters
    if kind is KeyKind.ED25519:
        return plain(CKM_EC_EDWARDS_KEY_PAIR_GEN), CKK_EC_EDWARDS, {CKA_EC_PARAMS: CURVES[kind]}
    if kind is not KeyKind.SM2:
        return plain(CKM_EC_KEY_PAIR_GEN), CKK_EC, {CKA_EC_PARAMS: CURVES[kind]}
    if profile is None or profile.generate_mechanism is None:
        raise Unsupported("SM2 in a token needs an x-sm2-profile that makes keys")
    return plain(profile.generate_mechanism), profile.key_type, {CKA_EC_PARAMS: profile.ec_params}
