"""Registered keys on their tokens: custody as the driver says it, and what cannot sign says why."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.services.signing import SignerUnavailable
from hsm.pkcs11 import open_pkcs11
from hsm.token import KeyKind, KeySpec, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.sdf_shim import Device
from tests.hsm.softhsm import SoftToken
from tests.keys.key_house import KeyHouse

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")


def test_a_key(house: KeyHouse) -> None:
    held = house.made(output={"form": "self_signed", "subject": "CN=a", "days": 1})
    key = house.keys.key(held.key)
    assert (key.key_id, key.algorithm, key.custody) == (held.key.key_id, "ecdsa-sha256", "process")
    assert (key.spki, key.certificate) == (held.key.spki, held.key.certificate)
    signature = key.sign(b"message")
    assert verify(
        key.spki, SignatureAlgorithm.ECDSA_SHA256, b"message", signature, signer_id=b"1234567812345678"
    )


def test_custody_that_differs_from_the_register(house: KeyHouse) -> None:
    """A key registered as in a token, which the driver says is in this process: never presented as better."""
    registered = replace(house.made().key, custody="token")
    house.keys = HsmKeys(production=False)
    key = house.keys.key(registered)
    told = "registered with custody token, and the driver says process"
    with pytest.raises(SignerUnavailable, match=told):
        key.sign(b"message")
    with pytest.raises(SignerUnavailable, match=told):
        assert key.custody
    health = house.keys.health(registered)
    assert (health.usable, health.custody) == (False, "")
    assert told in health.detail


def test_a_key_that_was_exchanged(house: KeyHouse) -> None:
    held, other = house.made().key, house.made(state="next").key
    registered = replace(held, uri=other.uri)
    house.keys = HsmKeys(production=False)
    with pytest.raises(SignerUnavailable, match=held.key_id):
        house.keys.key(registered).sign(b"message")
    assert not house.keys.health(registered).usable


def test_a_key_that_is_not_registered_any_more(house: KeyHouse) -> None:
    keys = HsmKeys(production=False, standing=lambda _: None)
    with pytest.raises(SignerUnavailable, match="not registered"):
        keys.key(house.made().key).sign(b"message")
    keys.close()


def test_softkey_in_production(house: KeyHouse) -> None:
    keys = HsmKeys(production=True)
    registered = house.made().key
    with pytest.raises(SignerUnavailable, match="RefusedInProduction"):
        keys.key(registered).sign(b"message")
    assert "RefusedInProduction" in keys.health(registered).detail
    keys.close()


def test_a_uri_that_is_none(house: KeyHouse) -> None:
    registered = replace(house.made().key, uri="http://example.org")
    with pytest.raises(SignerUnavailable, match="UriError"):
        house.keys.key(registered)
    assert "UriError" in house.keys.health(registered).detail


def test_a_store_that_goes_and_comes_back(house: KeyHouse) -> None:
    registered = house.made().key
    key = house.keys.key(registered)
    assert key.sign(b"message")
    aside = house.store.with_name("aside")
    house.store.rename(aside)
    with pytest.raises(SignerUnavailable, match=registered.key_id):
        key.sign(b"message")
    assert not house.keys.health(registered).usable
    aside.rename(house.store)
    house.keys.close()
    assert house.keys.key(registered).sign(b"message")


def test_one_token_for_keys_of_one_uri(house: KeyHouse, soft_token: SoftToken) -> None:
    held = [
        house.made(state=state, uri=soft_token.uri(label=f"k{n}", key_id=bytes((n,))).text).key
        for n, state in ((1, "current"), (2, "next"))
    ]
    assert all(house.keys.health(key).usable for key in held)
    assert len(house.keys._tokens) == 1
    house.keys.close()


def test_a_key_among_hundreds(house: KeyHouse, soft_token: SoftToken) -> None:
    """Opened by its name: the others are not read, which would take longer than a call may."""
    uri = soft_token.uri(label="r", key_id=b"\x01")
    held = house.made(uri=uri.text).key
    token = open_pkcs11(uri.without_key())
    for number in range(230):
        name = number.to_bytes(2, "big")
        token.generate(KeySpec(label=f"other-{number}", key_id=b"\x7f" + name, kind=KeyKind.P256))
    token.close()
    health = house.keys.health(held)
    assert (health.usable, health.custody) == (True, "token")
    house.keys.close()


def test_a_key_at_a_high_index_of_a_device(house: KeyHouse, device: Device) -> None:
    uri = device.uri(key_id=(300).to_bytes(2, "big")).text
    held = house.made(kind="sm2", existing=True, uri=uri).key
    assert house.keys.key(held).sign(b"message")
    house.keys.close()


def test_a_forked_child_opens_for_itself(house: KeyHouse) -> None:
    registered = house.made().key
    assert house.keys.key(registered).sign(b"message")
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if house.keys.key(registered).sign(b"message") else 1)
        except BaseException:  # noqa: BLE001 - the child ends here whatever it was
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert house.keys.key(registered).sign(b"message")
