"""Writing acts on keys: looked at and written in one go, anew when somebody came between; refusals logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ca_bridge.services.key_management.errors import BUSY, CEREMONY_FAILED
from ca_bridge.services.key_management.model import LogFact, RegisteredKey
from ca_bridge.services.key_management.ports import (
    KeyRegister,
    RegisterChange,
    RegisterMoved,
    RegisterState,
)
from ca_bridge.services.key_management.refusal import KeyRefused

_TRIES = 8
ADMINISTRATION, KEY_USE = "administration", "key_use"
INTENDED, DONE, FAILED, REFUSED = "intended", "done", "failed", "refused"


def written(register: KeyRegister, change_of: Callable[[RegisterState], RegisterChange]) -> RegisterChange:
    """What ``change_of`` made of the state and was written; BUSY when others always come first."""
    for _ in range(_TRIES):
        state = register.state()
        try:
            change = change_of(state)
            register.write(change)
        except RegisterMoved:
            continue
        except KeyRefused:
            if register.generation() == state.generation:
                raise
            continue  # refused by a state that is no more: what is so now may have a better reason
        return change
    raise KeyRefused(BUSY)


def administration(at: datetime, method: str, status: str, members: Mapping[str, Any]) -> LogFact:
    """An act, as the log tells of it: ``status`` intended, done, failed or refused."""
    return LogFact(kind=ADMINISTRATION, time=at, fields={"method": method, "status": status, **members})


def key_use(at: datetime, key: RegisteredKey, purpose: str, custody: str) -> LogFact:
    """A signature of ``key``, made and verified."""
    fields = {
        "method": "sign",
        "status": DONE,
        "key_id": key.key_id,
        "algorithm": key.algorithm,
        "custody": custody,
        "purpose": purpose,
    }
    return LogFact(kind=KEY_USE, time=at, fields=fields)


@contextmanager
def refusals_logged(
    register: KeyRegister, at: datetime, method: str, members: Mapping[str, Any]
) -> Iterator[None]:
    """What is refused inside is a fact for the log as well; a failure has been told of already."""
    try:
        yield
    except KeyRefused as refused:
        if refused.refusal is CEREMONY_FAILED:
            raise
        told = {**members, "result": refused.refusal.code, "params": dict(refused.params)}
        register.record((administration(at, method, REFUSED, told),))
        raise
