"""The rules of a key's life: what may follow what, one current key, names used once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.receipt.keys import key_id_of as verifiers_key_id
from ca_bridge.services.key_management import life_cycle
from ca_bridge.services.key_management.model import (
    ALGORITHM_OF_KIND,
    CeremonyState,
    KeyAction,
    KeyCeremony,
    KeyPlace,
    KeyState,
    KeyUse,
    RegisteredKey,
    key_id_of,
)
from ca_bridge.services.key_management.refusal import KeyRefused
from hsm.token import KeyKind
from hsm.verifying import default_algorithm

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def key(
    number: int, state: KeyState, use: KeyUse = KeyUse.RECEIPT, algorithm: str = "ecdsa-sha256"
) -> RegisteredKey:
    spki = b"spki %d" % number
    return RegisteredKey(
        key_id=key_id_of(use, spki),
        use=use,
        kind="p-256",
        algorithm=algorithm,
        uri="softkey:",
        spki=spki,
        custody="process",
        state=state,
        created=NOON,
        since=NOON,
    )


def ceremony(label: str, device: str, identifier: str) -> KeyCeremony:
    return KeyCeremony(
        plan_sha256="0" * 64,
        action=KeyAction.CEREMONY,
        plan="{}",
        state=CeremonyState.FAILED,
        place=KeyPlace(uri="softkey:", device=device, label=label, identifier=identifier),
        started=NOON,
    )


def code(act: object) -> str:
    with pytest.raises(KeyRefused) as caught:
        act()  # type: ignore[operator]
    return caught.value.refusal.code


def test_the_one_algorithm_of_each_kind_is_the_driver_s() -> None:
    assert {kind.value: default_algorithm(kind).value for kind in KeyKind} == ALGORITHM_OF_KIND


def test_rotation() -> None:
    old, new = key(1, KeyState.CURRENT), key(2, KeyState.NEXT)
    other = key(3, KeyState.CURRENT, KeyUse.LOG)
    sm2 = key(4, KeyState.CURRENT, algorithm="sm2-sm3")
    assert life_cycle.rotated((old, other, sm2, new), new, LATER) == (
        replace(old, state=KeyState.RETIRED, since=LATER),
        replace(new, state=KeyState.CURRENT, since=LATER),
    )
    assert life_cycle.rotated((new,), new, LATER) == (replace(new, state=KeyState.CURRENT, since=LATER),)


@pytest.mark.parametrize(
    ("state", "retires", "goes"),
    [
        (KeyState.NEXT, True, True),
        (KeyState.CURRENT, True, False),
        (KeyState.RETIRED, False, True),
        (KeyState.DESTROYED, False, False),
    ],
)
def test_what_follows_what(state: KeyState, *, retires: bool, goes: bool) -> None:
    one = key(1, state)
    if retires:
        assert life_cycle.retired(one, LATER) == replace(one, state=KeyState.RETIRED, since=LATER)
    else:
        assert code(lambda: life_cycle.retired(one, LATER)) == "KEY_NOT_RETIRABLE"
    if goes:
        assert life_cycle.destroyed(one, LATER) == replace(one, state=KeyState.DESTROYED, since=LATER)
    else:
        assert code(lambda: life_cycle.destroyed(one, LATER)) == "KEY_NOT_DESTRUCTIBLE"


def test_next_of() -> None:
    ecdsa, sm2 = key(1, KeyState.NEXT), key(2, KeyState.NEXT, algorithm="sm2-sm3")
    assert life_cycle.next_of((ecdsa, key(3, KeyState.CURRENT)), KeyUse.RECEIPT) == ecdsa
    assert code(lambda: life_cycle.next_of((ecdsa,), KeyUse.LOG)) == "KEY_NO_NEXT"
    assert code(lambda: life_cycle.next_of((ecdsa, sm2), KeyUse.RECEIPT)) == "KEY_NEXT_AMBIGUOUS"
    assert life_cycle.next_of((ecdsa, sm2), KeyUse.RECEIPT, "sm2-sm3") == sm2


def test_current_of() -> None:
    ecdsa, sm2 = key(1, KeyState.CURRENT), key(2, KeyState.CURRENT, algorithm="sm2-sm3")
    found = life_cycle.current_of((sm2, ecdsa, key(3, KeyState.NEXT)), KeyUse.RECEIPT)
    assert found == (ecdsa, sm2)


def test_names_are_used_once() -> None:
    taken = (ceremony("one", "pkcs11:a", "01"), ceremony("", "sdf:b", "07"), ceremony("", "", ""))
    for place in (
        KeyPlace(uri="", device="pkcs11:b", label="one", identifier="02"),
        KeyPlace(uri="", device="pkcs11:a", label="two", identifier="01"),
        KeyPlace(uri="", device="sdf:b", label="", identifier="07"),
    ):
        assert code(lambda place=place: life_cycle.check_place(taken, place)) == "KEY_PLACE_TAKEN"
    life_cycle.check_place(taken, KeyPlace(uri="", device="pkcs11:b", label="two", identifier="01"))
    life_cycle.check_place(taken, KeyPlace(uri="", device="sdf:b", label="", identifier="08"))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["new", "rotate", "retire", "destroy"]),
        st.sampled_from(list(KeyUse)),
        st.sampled_from(["ecdsa-sha256", "sm2-sm3"]),
        st.sampled_from([KeyState.NEXT, KeyState.CURRENT]),
        st.integers(0, 9),
    ),
    max_size=40,
)


@given(ACTS)
def test_whatever_is_done_the_rules_hold(acts: list[tuple[str, KeyUse, str, KeyState, int]]) -> None:
    keys: dict[str, RegisteredKey] = {}
    for number, (act, use, algorithm, state, chosen) in enumerate(acts):
        before = dict(keys)
        try:
            if act == "new":
                life_cycle.check_newcomer(keys.values(), use, algorithm, state)
                changed: tuple[RegisteredKey, ...] = (key(number, state, use, algorithm),)
            elif act == "rotate":
                changed = life_cycle.rotated(
                    keys.values(), life_cycle.next_of(keys.values(), use, algorithm), LATER
                )
            elif keys:
                one = list(keys.values())[chosen % len(keys)]
                changed = (
                    life_cycle.retired(one, LATER) if act == "retire" else life_cycle.destroyed(one, LATER),
                )
            else:
                continue
        except KeyRefused:
            continue
        keys |= {one.key_id: one for one in changed}
        for state_of in (KeyState.CURRENT, KeyState.NEXT):
            ranks = [(k.use, k.algorithm) for k in keys.values() if k.state is state_of]
            assert len(ranks) == len(set(ranks))
        for name, was in before.items():
            now = keys[name].state
            if was.state is KeyState.RETIRED:
                assert now in (KeyState.RETIRED, KeyState.DESTROYED)
            if now is KeyState.DESTROYED:
                assert was.state is not KeyState.CURRENT


def test_names_of_keys_are_those_that_verifiers_make() -> None:
    for use in (KeyUse.RECEIPT, KeyUse.LOG):
        assert key_id_of(use, b"spki") == verifiers_key_id(use.value, b"spki")
