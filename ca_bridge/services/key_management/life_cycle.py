"""The rules of a key's life, on values alone: what may become of a key, and of its neighbours with it.

Of one use and algorithm at most one key is current and at most one next. next -> current retires the key
that was current. A retired key never signs again. Destroyed becomes only what was retired or never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ca_bridge.services.key_management.errors import (
    CURRENT_EXISTS,
    NEXT_AMBIGUOUS,
    NEXT_EXISTS,
    NO_NEXT,
    NOT_DESTRUCTIBLE,
    NOT_RETIRABLE,
    PLACE_TAKEN,
)
from ca_bridge.services.key_management.model import (
    KeyCeremony,
    KeyPlace,
    KeyState,
    KeyUse,
    RegisteredKey,
)
from ca_bridge.services.key_management.refusal import KeyRefused

Keys = Iterable[RegisteredKey]


def check_newcomer(keys: Keys, use: KeyUse, algorithm: str, state: KeyState) -> None:
    """CURRENT_EXISTS or NEXT_EXISTS when the place that a new key would have in the order is taken."""
    for key in keys:
        if (key.use, key.algorithm, key.state) == (use, algorithm, state):
            refusal = CURRENT_EXISTS if state is KeyState.CURRENT else NEXT_EXISTS
            raise KeyRefused(refusal, key=key.key_id, use=use.value, algorithm=algorithm)


def check_place(ceremonies: Iterable[KeyCeremony], place: KeyPlace) -> None:
    """PLACE_TAKEN when an earlier ceremony had the label, or the identifier on this token.

    Whatever became of it: a name that once stood for one key, or might have, never stands for another.
    """
    for ceremony in ceremonies:
        taken = ceremony.place
        if place.label and place.label == taken.label:
            raise KeyRefused(PLACE_TAKEN, name=place.label, ceremony=ceremony.plan_sha256)
        if place.identifier and (place.device, place.identifier) == (taken.device, taken.identifier):
            raise KeyRefused(PLACE_TAKEN, name=place.identifier, ceremony=ceremony.plan_sha256)


def next_of(keys: Keys, use: KeyUse, algorithm: str = "") -> RegisteredKey:
    """The key that waits to be current for ``use``; NO_NEXT, NEXT_AMBIGUOUS where algorithms differ."""
    waiting = [
        key
        for key in keys
        if key.use is use and key.state is KeyState.NEXT and algorithm in ("", key.algorithm)
    ]
    if not waiting:
        raise KeyRefused(NO_NEXT, use=use.value)
    if len(waiting) > 1:
        found = ", ".join(sorted(key.algorithm for key in waiting))
        raise KeyRefused(NEXT_AMBIGUOUS, use=use.value, algorithms=found)
    return waiting[0]


def rotated(keys: Keys, following: RegisteredKey, at: datetime) -> tuple[RegisteredKey, ...]:
    """What changes when ``following`` becomes current: it, and before it the key it takes over from."""
    before = (
        replace(key, state=KeyState.RETIRED, since=at)
        for key in keys
        if (key.use, key.algorithm, key.state) == (following.use, following.algorithm, KeyState.CURRENT)
    )
    return (*before, replace(following, state=KeyState.CURRENT, since=at))


def retired(key: RegisteredKey, at: datetime) -> RegisteredKey:
    """``key``, which never signs again; NOT_RETIRABLE."""
    if key.state not in (KeyState.CURRENT, KeyState.NEXT):
        raise KeyRefused(NOT_RETIRABLE, key=key.key_id, state=key.state.value)
    return replace(key, state=KeyState.RETIRED, since=at)


def destroyed(key: RegisteredKey, at: datetime) -> RegisteredKey:
    """``key``, whose private half is gone; NOT_DESTRUCTIBLE unless it was retired or never used."""
    if key.state not in (KeyState.RETIRED, KeyState.NEXT):
        raise KeyRefused(NOT_DESTRUCTIBLE, key=key.key_id, state=key.state.value)
    return replace(key, state=KeyState.DESTROYED, since=at)


def current_of(keys: Keys, use: KeyUse) -> tuple[RegisteredKey, ...]:
    """The keys that sign for ``use`` now, one for each algorithm, by algorithm."""
    found = (key for key in keys if key.use is use and key.state is KeyState.CURRENT)
    return tuple(sorted(found, key=lambda key: key.algorithm))
