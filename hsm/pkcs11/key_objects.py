"""The key pairs on a token: found by label and identifier, with what the module says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hsm.errors import KeyAmbiguous, KeyNotFound, Unsupported
from hsm.pkcs11.attributes import Template, Value, flag
from hsm.pkcs11.constants import (
    CKA_ALWAYS_SENSITIVE,
    CKA_CLASS,
    CKA_EXTRACTABLE,
    CKA_ID,
    CKA_LABEL,
    CKA_LOCAL,
    CKA_NEVER_EXTRACTABLE,
    CKA_SENSITIVE,
    CKA_SIGN,
    CKO_PRIVATE_KEY,
    CKO_PUBLIC_KEY,
)
from hsm.pkcs11.public_keys import WANTED, spki_of
from hsm.pkcs11.return_values import STALE, Returned
from hsm.pkcs11.sealed_objects import SealedObject, sealed_objects
from hsm.pkcs11.session import Session
from hsm.pkcs11.sm2_profiles import Sm2Profile
from hsm.spki import kind_of_spki
from hsm.token import Custody, KeyInfo, KeyKind, KeyRef

CLAIMS = (
    ("sensitive", CKA_SENSITIVE),
    ("extractable", CKA_EXTRACTABLE),
    ("local", CKA_LOCAL),
    ("always_sensitive", CKA_ALWAYS_SENSITIVE),
    ("never_extractable", CKA_NEVER_EXTRACTABLE),
)
_TELLS = {True: "true", False: "false", None: "not said"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyObject:
    """A key pair. ``handle`` is the private key's, or the sealing key's when ``sealed`` is there."""

    info: KeyInfo
    handle: int
    all_handles: tuple[int, ...]
    sealed: SealedObject | None = None


def named(ref: KeyRef) -> dict[int, Value]:
    """The part of a search's template that ``ref`` narrows it by."""
    template: dict[int, Value] = {}
    if ref.label:
        template[CKA_LABEL] = ref.label
    if ref.key_id:
        template[CKA_ID] = ref.key_id
    return template


def find_one(session: Session, ref: KeyRef, profile: Sm2Profile | None) -> KeyObject:
    """The one key pair of this name; KeyNotFound, KeyAmbiguous, Unsupported for a kind not known here."""
    handles = _private_keys(session, ref)
    sealed = sealed_objects(session, ref)
    found = len(handles) + len(sealed)
    if not found:
        raise KeyNotFound(f"the token has no signing key {shown(ref)}")
    if found > 1:
        raise KeyAmbiguous(f"the token has {found} signing keys {shown(ref)}")
    return _in_token(session, handles[0], profile) if handles else _sealed(session, sealed[0])


def find_all(session: Session, profile: Sm2Profile | None) -> list[KeyObject]:
    """All key pairs that can sign here.

    Left out: other kinds, SM2 without a profile, and private keys whose public key cannot be told.
    """
    everything = KeyRef()
    found = []
    for handle in _private_keys(session, everything):
        with _passing_over():
            found.append(_in_token(session, handle, profile))
    for sealed in sealed_objects(session, everything):
        with _passing_over():
            found.append(_sealed(session, sealed))
    return [key for key in found if key.sealed or key.info.kind is not KeyKind.SM2 or profile is not None]


def shown(ref: KeyRef) -> str:
    """The reference for people."""
    parts = [repr(ref.label)] if ref.label else []
    parts += [f"id {ref.key_id.hex()}"] if ref.key_id else []
    return " ".join(parts) or "(any)"


@contextmanager
def _passing_over() -> Iterator[None]:
    """Lets the listing go on after a key that is none for us, or that another process has just destroyed."""
    try:
        yield
    except (Unsupported, KeyAmbiguous):
        return
    except Returned as returned:
        if returned.value not in STALE:
            raise


def _private_keys(session: Session, ref: KeyRef) -> tuple[int, ...]:
    return session.find({CKA_CLASS: CKO_PRIVATE_KEY, CKA_SIGN: True, **named(ref)})


def _in_token(session: Session, handle: int, profile: Sm2Profile | None) -> KeyObject:
    """The pair of a private key; its public half by what it has in common with it."""
    values = session.get(handle, (CKA_LABEL, CKA_ID, *WANTED))
    label, key_id = values.get(CKA_LABEL, b""), values.get(CKA_ID, b"")
    common: Template = {CKA_ID: key_id} if key_id else {CKA_LABEL: label}
    public = session.find({CKA_CLASS: CKO_PUBLIC_KEY, **common}) if key_id or label else ()
    if len(public) > 1:
        raise KeyAmbiguous(f"the token has {len(public)} public keys of id {key_id.hex()}")
    if public:
        values |= session.get(public[0], WANTED)
    spki = spki_of(values, profile)
    info = KeyInfo(
        label=label.decode("utf-8", "replace"),
        key_id=key_id,
        kind=kind_of_spki(spki),
        custody=Custody.TOKEN,
        spki=spki,
        claims=claims(session, handle),
    )
    return KeyObject(info=info, handle=handle, all_handles=(handle, *public))


def _sealed(session: Session, sealed: SealedObject) -> KeyObject:
    info = KeyInfo(
        label=sealed.label,
        key_id=sealed.key_id,
        kind=KeyKind.SM2,
        custody=Custody.TOKEN_WRAPPED_PROCESS_USE,
        spki=sealed.spki,
        claims=tuple((f"sealing_key_{name}", told) for name, told in claims(session, sealed.sealing_key)),
    )
    handles = (sealed.sealing_key, sealed.data)
    return KeyObject(info=info, handle=sealed.sealing_key, all_handles=handles, sealed=sealed)


def claims(session: Session, handle: int) -> tuple[tuple[str, str], ...]:
    """What the module says of a key: that it is sensitive, extractable and the like."""
    values = session.get(handle, [kind for _, kind in CLAIMS])
    return tuple((name, _TELLS[flag(values.get(kind))]) for name, kind in CLAIMS)
