"""A key signs when its ceremony's transcript, which it signed, says of it what the register says."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update

from ca_bridge.adapters import sql_keys_tables as tables
from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.services.key_management.model import (
    KeyTranscript,
    RegisteredKey,
    TranscriptSignature,
    key_id_of,
)
from ca_bridge.services.key_management.vouching import doubt_of
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from ca_bridge.services.signing import SignerUnavailable
from hsm.token import KeyKind
from tests.hsm.soft_store import made, open_store
from tests.hsm.softhsm import SoftToken
from tests.keys.key_house import KeyHouse
from tests.keys.own_transcript import own_transcript

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")


def edited(house: KeyHouse, **values: Any) -> RegisteredKey:
    """The key after somebody has written to the database."""
    with house.database.writing() as connection:
        connection.execute(update(tables.signing_keys).values(**values))
    (key,) = house.register.state().keys
    return key


def refused(house: KeyHouse, key: RegisteredKey, told: str) -> None:
    with pytest.raises(SignerUnavailable, match=told):
        house.keys.key(key)
    assert told in house.keys.health(key).detail
    (health,) = house.desk.healths()
    assert (health.usable, health.custody) == (False, "")
    assert told in health.detail


def test_a_key_of_a_ceremony(house: KeyHouse) -> None:
    key = house.made().key
    assert house.keys.key(key).sign(b"message")
    assert house.desk.healths()[0].usable


def test_without_its_transcript(house: KeyHouse) -> None:
    key = house.made().key
    with house.database.writing() as connection:
        connection.execute(delete(tables.key_transcripts))
    refused(house, key, "there is no transcript of its ceremony")


def test_a_key_put_into_the_register(house: KeyHouse) -> None:
    """Another key in the place of the one that was made."""
    house.made()
    other = made(open_store(house.store), KeyKind.P256, "rogue", b"\x66")
    uri = f"softkey:object=rogue;id=%66?x-store={house.store}"
    with house.database.writing() as connection:
        key_id = key_id_of(house.register.state().keys[0].use, other.spki)
        connection.execute(update(tables.signing_keys).values(spki=other.spki, key_id=key_id, uri=uri))
    refused(house, house.register.state().keys[0], "the transcript of its ceremony is not signed by it")


def test_custody_said_better_than_it_was(house: KeyHouse) -> None:
    house.made()
    refused(house, edited(house, custody="token"), "the transcript of its ceremony says otherwise: custody")


def test_a_module_written_into_the_register_is_not_loaded(house: KeyHouse, soft_token: SoftToken) -> None:
    """It would be code of whoever can write the database."""
    uri = soft_token.uri(label="r", key_id=b"\x01")
    house.made(uri=uri.text)
    elsewhere = replace(uri, module_path=str(house.place / "missing.so")).text
    refused(house, edited(house, uri=elsewhere), "the transcript of its ceremony says otherwise: uri")


def test_a_store_that_cannot_say(house: KeyHouse) -> None:
    def damaged(_: str) -> KeyTranscript | None:
        raise StoreDamaged("transcript")

    key = house.made().key
    keys = HsmKeys(production=False, transcript=damaged)
    assert keys.health(key).detail == f"{key.key_id}: transcript"
    keys.close()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"action":"key_ceremony","key":1}', "[" * 100_000],
    ids=["nothing", "list", "empty", "key", "deep"],
)
def test_a_transcript_that_is_none(house: KeyHouse, text: str) -> None:
    held = house.made()
    told = doubt_of(held.key, replace(held.transcript, text=text), lambda *_: True)
    assert told.startswith("the transcript of its ceremony says otherwise: key_id")


def test_the_transcript_of_another_act_or_name(house: KeyHouse) -> None:
    held = house.made()
    data = json.loads(held.transcript.text)
    other = replace(held.transcript, text=json.dumps(data | {"action": "key_destruction"}))
    assert "says otherwise" in doubt_of(held.key, other, lambda *_: True)
    key = replace(held.key, key_id="receipt-0000000000000000")
    with closing(open_store(house.store)) as token:
        named = own_transcript(token, key)
    assert doubt_of(key, named, lambda *_: True) == "the transcript of its ceremony says otherwise: key_id"


def test_a_public_key_of_no_kind(house: KeyHouse) -> None:
    use = house.made().key.use
    key = edited(house, spki=b"0", key_id=key_id_of(use, b"0"))
    signature = TranscriptSignature(key_id=key.key_id, algorithm=key.algorithm, signature=b"0")
    keys = HsmKeys(
        production=False,
        transcript=lambda plan: KeyTranscript(plan_sha256=plan, text="{}", signatures=(signature,)),
    )
    assert "is not signed by it" in keys.health(key).detail
    keys.close()
