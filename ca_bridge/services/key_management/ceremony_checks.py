"""Whether a plan can be held as the register and the tokens' names stand."""

from __future__ import annotations

import json
from datetime import datetime

from ca_bridge.services.key_management.errors import (
    CEREMONY_OPEN,
    PLAN_UNUSABLE,
    UNKNOWN_CEREMONY,
    UNKNOWN_KEY,
)
from ca_bridge.services.key_management.life_cycle import check_newcomer, check_place, destroyed
from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyCeremony,
    KeyPlan,
    KeyWish,
    RegisteredKey,
)
from ca_bridge.services.key_management.plan import plan_of
from ca_bridge.services.key_management.ports import KeyWorkshop, RegisterState
from ca_bridge.services.key_management.refusal import KeyRefused


def check_possible(plan: KeyPlan, state: RegisterState, workshop: KeyWorkshop, at: datetime) -> None:
    """Refuses what the rules of a key's life do not allow (life_cycle.py); the token is not asked."""
    if plan.wish is not None:
        _check_wish(plan.wish, state, workshop)
        return
    destroyed(known_key(state, plan.key_id), at)
    check_left_alone(state, plan.key_id)


def check_left_alone(state: RegisterState, key_id: str) -> None:
    """CEREMONY_OPEN while the key of this name is being destroyed."""
    for ceremony in _open(state):
        if ceremony.key_id == key_id:
            raise KeyRefused(CEREMONY_OPEN, plan=ceremony.plan_sha256)


def wish_of(plan: KeyPlan) -> KeyWish:
    """The key that a ceremony's plan asks for; PLAN_UNUSABLE when it asks for none."""
    if plan.wish is None:
        raise KeyRefused(PLAN_UNUSABLE, cause="key")
    return plan.wish


def known_key(state: RegisterState, key_id: str) -> RegisteredKey:
    """The key of this name; UNKNOWN_KEY."""
    found = state.key(key_id)
    if found is None:
        raise KeyRefused(UNKNOWN_KEY, key=key_id)
    return found


def open_ceremony(state: RegisterState, plan_sha256: str) -> KeyCeremony:
    """The ceremony of this plan, begun and not ended; UNKNOWN_CEREMONY."""
    found = state.ceremony(plan_sha256)
    if found is None or found.state is not CeremonyState.INTENDED:
        raise KeyRefused(UNKNOWN_CEREMONY, plan=plan_sha256)
    return found


def _check_wish(wish: KeyWish, state: RegisterState, workshop: KeyWorkshop) -> None:
    place = workshop.place(wish.uri)
    workshop.check(wish)
    check_newcomer(state.keys, wish.use, wish.algorithm, wish.state)
    for ceremony in _open(state):
        other = plan_of(json.loads(ceremony.plan)).wish
        if other is not None and _rank(other) == _rank(wish):
            raise KeyRefused(CEREMONY_OPEN, plan=ceremony.plan_sha256)
    check_place(state.ceremonies, place)


def _rank(wish: KeyWish) -> tuple[str, str, str]:
    return wish.use.value, wish.algorithm, wish.state.value


def _open(state: RegisterState) -> list[KeyCeremony]:
    return [c for c in state.ceremonies if c.state is CeremonyState.INTENDED]
