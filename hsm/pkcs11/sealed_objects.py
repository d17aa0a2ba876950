"""Sealed SM2 keys as they lie on a token: a data object, and the AES key in the token that opens it.

The data object holds: a magic text; label, identifier and SubjectPublicKeyInfo, each after its length in two
octets; the nonce; the scalar under AES-256-GCM. All before the nonce is authenticated with the scalar, and
each sealed key has an AES key of its own: a blob under another name, or of another key, does not open, and
with the AES key destroyed no copy of the blob ever does.
"""

from __future__ import annotations

from dataclasses import dataclass

from hsm.errors import BadSignature, Unsupported
from hsm.pkcs11.attributes import Template, Value
from hsm.pkcs11.constants import (
    CKA_APPLICATION,
    CKA_CLASS,
    CKA_ID,
    CKA_KEY_TYPE,
    CKA_LABEL,
    CKA_VALUE,
    CKK_AES,
    CKO_DATA,
    CKO_SECRET_KEY,
)
from hsm.pkcs11.mechanisms import GCM_IV_BYTES, GCM_TAG_BYTES
from hsm.pkcs11.return_values import STALE, Returned
from hsm.pkcs11.session import Session
from hsm.spki import kind_of_spki
from hsm.token import KeyKind, KeyRef

APPLICATION = "ca-bridge sealed SM2 key 1"
_MAGIC = APPLICATION.encode() + b"\0"
_LENGTH_BYTES = 2
_CIPHERTEXT_BYTES = 32 + GCM_TAG_BYTES
_FIELDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedObject:
    """One sealed key; ``header`` is what is authenticated with ``ciphertext``."""

    label: str
    key_id: bytes
    spki: bytes
    header: bytes
    nonce: bytes
    ciphertext: bytes
    data: int
    sealing_key: int


def header_of(label: str, key_id: bytes, spki: bytes) -> bytes:
    """What is authenticated with the scalar."""
    fields = (label.encode("utf-8"), key_id, spki)
    return _MAGIC + b"".join(len(field).to_bytes(_LENGTH_BYTES, "big") + field for field in fields)


def sealed_objects(session: Session, ref: KeyRef) -> tuple[SealedObject, ...]:
    """The sealed keys that ``ref`` names; BadSignature for one of its label whose content is not its own.

    Without a label a damaged one is passed over, so that it does not stand in the way of the others.
    """
    template: dict[int, Value] = {CKA_CLASS: CKO_DATA, CKA_APPLICATION: APPLICATION}
    if ref.label:
        template[CKA_LABEL] = ref.label
    found = []
    for handle in session.find(template):
        try:
            sealed = _read(session, handle, ref)
        except BadSignature:
            if ref.label:
                raise
            continue
        except Returned as returned:
            # Destroyed by another process since it was found.
            if returned.value not in STALE:
                raise
            continue
        found += [sealed] if sealed is not None else []
    return tuple(found)


def _read(session: Session, data: int, ref: KeyRef) -> SealedObject | None:
    """The sealed key in a data object; None when its identifier is not ``ref``'s."""
    values = session.get(data, (CKA_LABEL, CKA_VALUE))
    name = values.get(CKA_LABEL, b"").decode("utf-8", "replace")
    fields, nonce, ciphertext = _parts(name, values.get(CKA_VALUE, b""))
    label, key_id, spki = fields[0].decode("utf-8", "replace"), fields[1], fields[2]
    if label != name or not _is_sm2(spki):
        raise _wrong(name)
    if ref.key_id and key_id != ref.key_id:
        return None
    return SealedObject(
        label=label,
        key_id=key_id,
        spki=spki,
        header=header_of(label, key_id, spki),
        nonce=nonce,
        ciphertext=ciphertext,
        data=data,
        sealing_key=_sealing_key(session, label, key_id),
    )


def _parts(name: str, octets: bytes) -> tuple[list[bytes], bytes, bytes]:
    """Three fields, nonce and ciphertext; BadSignature when the lengths do not come out even."""
    if not octets.startswith(_MAGIC):
        raise _wrong(name)
    rest = octets[len(_MAGIC) :]
    fields = []
    for _ in range(_FIELDS):
        length = int.from_bytes(rest[:_LENGTH_BYTES], "big")
        fields.append(rest[_LENGTH_BYTES : _LENGTH_BYTES + length])
        rest = rest[_LENGTH_BYTES + length :]
    if len(rest) != GCM_IV_BYTES + _CIPHERTEXT_BYTES:
        raise _wrong(name)
    return fields, rest[:GCM_IV_BYTES], rest[GCM_IV_BYTES:]


def _sealing_key(session: Session, label: str, key_id: bytes) -> int:
    """Handle of the AES key of the same name."""
    template: Template = {CKA_CLASS: CKO_SECRET_KEY, CKA_KEY_TYPE: CKK_AES, CKA_LABEL: label, CKA_ID: key_id}
    found = session.find(template)
    if len(found) != 1:
        raise BadSignature(f"the sealed key {label!r} has {len(found)} keys that could open it, not one")
    return found[0]


def _is_sm2(spki: bytes) -> bool:
    try:
        return kind_of_spki(spki) is KeyKind.SM2
    except Unsupported:
        return False


def _wrong(name: str) -> BadSignature:
    return BadSignature(f"the sealed key {name!r} is not what it is named, or is damaged")
