"""The register in SQL: what is written comes back, whole or not at all, on both databases."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_keys import SqlKeys
from ca_bridge.adapters.sql_log_rows import append_in
from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyAction,
    KeyCeremony,
    KeyPlace,
    KeyState,
    KeyTranscript,
    KeyUse,
    LogFact,
    RegisteredKey,
    TranscriptSignature,
    key_id_of,
)
from ca_bridge.services.key_management.ports import RegisterChange, RegisterMoved
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from tests.keys.key_house import HOUR, NOON, KeyHouse


def ceremony(number: int, **changes: Any) -> KeyCeremony:
    plan = f'{{"plan":{number}}}'
    values: dict[str, Any] = {
        "plan_sha256": sha256(plan.encode()).hexdigest(),
        "action": KeyAction.CEREMONY,
        "plan": plan,
        "state": CeremonyState.INTENDED,
        "place": KeyPlace(uri="softkey:x", device="softkey:s", label=f"l{number}", identifier=f"{number:02}"),
        "started": NOON,
    }
    return KeyCeremony(**(values | changes))


def key(number: int, **changes: Any) -> RegisteredKey:
    spki = b"spki %d" % number
    values: dict[str, Any] = {
        "key_id": key_id_of(KeyUse.RECEIPT, spki),
        "use": KeyUse.RECEIPT,
        "kind": "p-256",
        "algorithm": "ecdsa-sha256",
        "uri": "softkey:x",
        "spki": spki,
        "custody": "token",
        "state": KeyState.CURRENT,
        "created": NOON,
        "since": NOON,
        "ceremony": ceremony(number).plan_sha256,
        "certificate": b"certificate",
        "csr": b"request",
        "attestation": b"\x00\xff",
        "claims": (("extractable", "false"), ("sensitive", "true")),
    }
    return RegisteredKey(**(values | changes))


def transcript(number: int) -> KeyTranscript:
    return KeyTranscript(
        plan_sha256=ceremony(number).plan_sha256,
        text='{"a":1}',
        signatures=(TranscriptSignature(key_id="receipt-1", algorithm="ed25519", signature=b"\x01\x02"),),
    )


FACT = LogFact(kind="administration", time=NOON, fields={"method": "test", "status": "done"})


def change(register: SqlKeys, **parts: Any) -> RegisterChange:
    return RegisterChange(generation=register.generation(), **({"facts": (FACT,)} | parts))


def test_empty(sql_house: KeyHouse) -> None:
    state = sql_house.register.state()
    assert (state.generation, state.keys, state.ceremonies) == (0, (), ())
    assert sql_house.register.transcript("0" * 64) is None
    assert not sql_house.register.nonce_used("ann", "n" * 16)


def test_what_is_written_comes_back(sql_house: KeyHouse) -> None:
    register = sql_house.register
    register.write(change(register, ceremony=ceremony(1), nonces=(("ann", "n" * 16), ("ben", "n" * 16))))
    assert register.state().ceremonies == (ceremony(1),)
    done = ceremony(1, state=CeremonyState.DONE, ended=NOON + HOUR, key_id=key(1).key_id)
    register.write(change(register, ceremony=done, keys=(key(1),), transcript=transcript(1)))
    bare = key(2, state=KeyState.NEXT, certificate=None, csr=None, attestation=None, claims=())
    register.write(change(register, ceremony=ceremony(2), keys=(bare,)))
    state = register.state()
    assert state.keys == (key(1), bare)
    assert state.ceremonies == (done, ceremony(2))
    assert (state.generation, register.generation()) == (3, 3)
    assert state.key(key(1).key_id) == key(1)
    assert state.ceremony(done.plan_sha256) == done
    assert register.transcript(done.plan_sha256) == transcript(1)
    assert register.nonce_used("ann", "n" * 16)
    assert not register.nonce_used("cho", "n" * 16)
    assert len(sql_house.entries()) == 3


def test_a_key_changes_its_state_and_certificate_alone(sql_house: KeyHouse) -> None:
    register = sql_house.register
    register.write(change(register, ceremony=ceremony(1), keys=(key(1),)))
    later = replace(key(1), state=KeyState.RETIRED, since=NOON + HOUR, certificate=b"another")
    register.write(change(register, keys=(replace(later, uri="pkcs11:", custody="process"),)))
    assert register.state().keys == (later,)


def test_compare_and_set(sql_house: KeyHouse) -> None:
    register = sql_house.register
    stale = change(register, ceremony=ceremony(1))
    register.write(stale)
    before = sql_house.dump()
    with pytest.raises(RegisterMoved):
        register.write(replace(stale, ceremony=ceremony(2)))
    assert sql_house.dump() == before
    assert len(sql_house.entries()) == 1, "and nothing was logged"


@pytest.mark.parametrize(
    "parts",
    [
        {"ceremony": ceremony(2), "keys": (key(2),)},
        {"ceremony": ceremony(2, place=ceremony(1).place)},
        {"ceremony": ceremony(2, place=replace(ceremony(2).place, label="l1"))},
        {"nonces": (("ann", "n" * 16),)},
        {"transcript": transcript(9)},
        {"ceremony": ceremony(2), "keys": (key(2, use=KeyUse.LOG, ceremony="0" * 64),)},
        {"ceremony": ceremony(2, state=CeremonyState.DONE)},
    ],
    ids=["current", "place", "label", "nonce", "no-ceremony", "foreign-ceremony", "no-end"],
)
def test_the_database_itself_refuses(sql_house: KeyHouse, parts: dict[str, Any]) -> None:
    """Rules that hold whatever the code above does; and what broke one leaves no trace."""
    register = sql_house.register
    register.write(change(register, ceremony=ceremony(1), keys=(key(1),), nonces=(("ann", "n" * 16),)))
    before = sql_house.dump()
    with pytest.raises(StoreDamaged):
        register.write(change(register, **parts))
    assert sql_house.dump() == before
    assert len(sql_house.entries()) == 1


def test_a_log_that_fails_takes_the_act_back(sql_house: KeyHouse) -> None:
    def fail(connection: Any, entries: Any) -> None:
        connection.execute(text("SELECT * FROM nowhere"))

    register = SqlKeys(sql_house.database, node="n", append=fail)
    before = sql_house.dump()
    with pytest.raises(StoreUnavailable):
        register.write(change(register, ceremony=ceremony(1)))
    assert sql_house.dump() == before


def test_without_facts_nothing_is_logged(sql_house: KeyHouse) -> None:
    sql_house.register.record(())
    assert sql_house.entries() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signing_keys SET key_id = 'receipt-0000000000000000'",
        "UPDATE key_ceremonies SET plan = '{}'",
        "DELETE FROM key_register",
        "UPDATE signing_keys SET claims = '{'",
    ],
)
def test_what_was_tampered_with(sql_house: KeyHouse, statement: str) -> None:
    register = sql_house.register
    register.write(change(register, ceremony=ceremony(1), keys=(key(1),)))
    with sql_house.database.writing() as connection:
        connection.execute(text(statement))
    with pytest.raises(StoreDamaged):
        register.state()


def test_a_database_without_tables(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(StoreUnavailable):
        SqlKeys(database, node="n", append=append_in).state()
    database.close()
