"""Which keys sign: those that are current when asked, from the rotation on, without a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.decision_log.live_seal import KeySet, LiveSeal
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey
from ca_bridge.services.signing import SignerUnavailable, SigningKey
from tests.receipts.house import SoftKey, soft_key

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LOG, FIRST, SECOND = soft_key("log", "ed25519"), soft_key("receipt", "p256"), soft_key("receipt", "ed25519")
SOFT = {one.key_id: one for one in (LOG, FIRST, SECOND)}


def row(one: SoftKey, use: KeyUse, state: KeyState = KeyState.CURRENT) -> RegisteredKey:
    return RegisteredKey(
        key_id=one.key_id,
        use=use,
        kind="-",
        algorithm=one.algorithm,
        uri="softkey:",
        spki=one.spki,
        custody="process",
        state=state,
        created=NOW,
        since=NOW,
    )


class Register:
    def __init__(self, *keys: RegisteredKey) -> None:
        self.set, self.reads, self.error = KeySet(1, keys), 0, ""

    def generation(self) -> int:
        return self.set.generation

    def keys(self) -> KeySet:
        self.reads += 1
        if self.error:
            raise ConfigurationError(self.error)
        return self.set

    def change(self, *keys: RegisteredKey) -> None:
        self.set = KeySet(self.set.generation + 1, keys)


def seal_over(register: Register) -> LiveSeal:
    def opened(key: RegisteredKey) -> SigningKey:
        return SOFT[key.key_id]

    return LiveSeal(
        generation=register.generation,
        keys=register.keys,
        opened=opened,
        origin="example.org/log",
        node="node-1",
        clock=SystemClock(),
    )


def test_a_rotation_is_followed_from_the_next_head_on() -> None:
    log = row(LOG, KeyUse.LOG)
    register = Register(log, row(FIRST, KeyUse.RECEIPT), row(SECOND, KeyUse.RECEIPT, KeyState.NEXT))
    seal = seal_over(register)
    assert seal.offered
    assert [one.key_id for one in seal(1, b"r" * 32).signatures] == [FIRST.key_id]
    assert [one.key_id for one in seal(2, b"r" * 32).signatures] == [FIRST.key_id]
    assert register.reads == 1
    register.change(log, row(FIRST, KeyUse.RECEIPT, KeyState.RETIRED), row(SECOND, KeyUse.RECEIPT))
    assert [one.key_id for one in seal(3, b"r" * 32).signatures] == [SECOND.key_id]
    assert seal.key_ids() == (LOG.key_id, SECOND.key_id)


def test_two_current_receipt_keys_sign_both() -> None:
    register = Register(row(LOG, KeyUse.LOG), row(FIRST, KeyUse.RECEIPT), row(SECOND, KeyUse.RECEIPT))
    assert {one.key_id for one in seal_over(register)(1, b"r" * 32).signatures} == {
        FIRST.key_id,
        SECOND.key_id,
    }


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (row(LOG, KeyUse.LOG),),
        (row(FIRST, KeyUse.RECEIPT),),
        (row(LOG, KeyUse.LOG), row(FIRST, KeyUse.RECEIPT, KeyState.RETIRED)),
        (row(LOG, KeyUse.LOG, KeyState.NEXT), row(FIRST, KeyUse.RECEIPT)),
    ],
)
def test_without_current_keys_nothing_is_offered_or_signed(keys: tuple[RegisteredKey, ...]) -> None:
    seal = seal_over(Register(*keys))
    assert not seal.offered
    with pytest.raises(SignerUnavailable, match="no current key"):
        seal(1, b"r" * 32)


def test_keys_that_make_no_receipt_sign_nothing() -> None:
    wrong = replace(row(FIRST, KeyUse.LOG), use=KeyUse.LOG)
    seal = seal_over(Register(wrong, row(SECOND, KeyUse.RECEIPT)))
    with pytest.raises(SignerUnavailable, match="not a key of use log"):
        seal(1, b"r" * 32)


def test_keys_that_cannot_be_read_are_away_and_come_back() -> None:
    register = Register(row(LOG, KeyUse.LOG), row(FIRST, KeyUse.RECEIPT))
    register.error = "the folder is gone"
    seal = seal_over(register)
    with pytest.raises(SignerUnavailable, match="the folder is gone"):
        _ = seal.offered
    register.error = ""
    assert seal(1, b"r" * 32).size == 1
