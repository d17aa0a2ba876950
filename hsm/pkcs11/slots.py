"""Which of a module's tokens is meant: by what the token says of itself, never by slot number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hsm.errors import TokenUnavailable, UriError
from hsm.pkcs11.constants import CKF_LOGIN_REQUIRED, CKF_TOKEN_INITIALIZED, UNAVAILABLE
from hsm.pkcs11.library import FFI, Library
from hsm.pkcs11.return_values import Returned
from hsm.uri import KeyUri

_MAX_SLOTS = 1024
_MAX_MECHANISMS = 4096
_NO_LIMITS = (0, UNAVAILABLE)


class TokenMissing(TokenUnavailable):
    """No slot has a token as the URI names it; a module may have to be initialised anew to see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot and the token in it. ``max_sessions`` is None when the token names no limit."""

    number: int
    label: str
    manufacturer: str
    model: str
    serial: str
    login_required: bool
    max_sessions: int | None


def choose(library: Library, uri: KeyUri) -> Slot:
    """The one token that the URI names; TokenMissing for none, UriError for more than one."""
    found = [slot for number in _slots(library) if (slot := _slot(library, number)) and _is(slot, uri)]
    if not found:
        raise TokenMissing("the module has no token as the URI names it")
    if len(found) > 1:
        raise UriError(f"the URI fits {len(found)} tokens; name the token's label and serial")
    return found[0]


def library_text(library: Library) -> str:
    """The module's description of itself and its version."""
    info: Any = FFI.new("CK_INFO *")
    library.call("C_GetInfo", info)
    version = f"{info.libraryVersion.major}.{info.libraryVersion.minor}"
    standard = f"{info.cryptokiVersion.major}.{info.cryptokiVersion.minor}"
    return f"{_text(info.libraryDescription)} {version} (PKCS #11 {standard})"


def mechanisms(library: Library, slot: Slot) -> frozenset[int]:
    """Numbers of the mechanisms that the token lists."""
    return frozenset(_numbers(library, "C_GetMechanismList", slot.number, most=_MAX_MECHANISMS))


def _slots(library: Library) -> tuple[int, ...]:
    """Numbers of the slots with a token in them."""
    return _numbers(library, "C_GetSlotList", 1, most=_MAX_SLOTS)


def _numbers(library: Library, function: str, argument: int, *, most: int) -> tuple[int, ...]:
    """The module's answer to a function that fills a list of numbers."""
    count: Any = FFI.new("CK_ULONG *")
    library.call(function, argument, FFI.NULL, count)
    if count[0] > most:
        raise TokenUnavailable(f"{function} names more than {most}")
    room = count[0]
    listing: Any = FFI.new("CK_ULONG[]", max(1, room))
    library.call(function, argument, listing, count)
    if count[0] > room:
        raise TokenUnavailable(f"{function} gave more than there was room for")
    return tuple(listing[0 : count[0]])


def _slot(library: Library, number: int) -> Slot | None:
    """The initialised token in a slot; None when there is none."""
    info: Any = FFI.new("CK_TOKEN_INFO *")
    try:
        library.call("C_GetTokenInfo", number, info)
    except Returned:
        # One reader without a card, or with a broken one, does not hide the others.
        return None
    if not info.flags & CKF_TOKEN_INITIALIZED:
        return None
    return Slot(
        number=number,
        label=_text(info.label),
        manufacturer=_text(info.manufacturerID),
        model=_text(info.model),
        serial=_text(info.serialNumber),
        login_required=bool(info.flags & CKF_LOGIN_REQUIRED),
        max_sessions=None if info.ulMaxSessionCount in _NO_LIMITS else int(info.ulMaxSessionCount),
    )


def _is(slot: Slot, uri: KeyUri) -> bool:
    """Whether each attribute that the URI gives is the token's."""
    pairs = (
        (uri.token, slot.label),
        (uri.serial, slot.serial),
        (uri.manufacturer, slot.manufacturer),
        (uri.model, slot.model),
    )
    return all(not wanted or wanted == said for wanted, said in pairs)


def _text(field: Any) -> str:
    """A field padded with blanks, without what does not print."""
    text = bytes(FFI.buffer(field)).decode("utf-8", "replace").rstrip(" \0")
    return "".join(character if character.isprintable() else "?" for character in text)
