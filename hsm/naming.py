"""Which of a token's keys a KeyRef means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hsm.errors import KeyAmbiguous, KeyNotFound
from hsm.token import KeyRef

_Key = TypeVar("_Key")


def is_named(ref: KeyRef, label: str, key_id: bytes) -> bool:
    """Whether a key of this label and identifier is meant; an empty part of ``ref`` leaves it open."""
    return ref.label in ("", label) and ref.key_id in (b"", key_id)


def only_one(ref: KeyRef, found: Sequence[_Key]) -> _Key:
    """The one key found for ``ref``; KeyNotFound or KeyAmbiguous when it is not one."""
    if not found:
        raise KeyNotFound(f"the token has no key of {shown(ref)}")
    if len(found) > 1:
        raise KeyAmbiguous(f"the token has {len(found)} keys of {shown(ref)}")
    return found[0]


def shown(ref: KeyRef) -> str:
    """The reference for people."""
    parts = [f"label {ref.label!r}"] if ref.label else []
    parts += [f"identifier {ref.key_id.hex()}"] if ref.key_id else []
    return " and ".join(parts) or "any name"
