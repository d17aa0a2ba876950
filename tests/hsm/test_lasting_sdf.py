"""LastingToken over the GM/T 0018 driver: its device hangs, lies, is unplugged, and wants its PIN late."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hsm.errors import TokenUnavailable
from hsm.lasting import LastingToken
from hsm.open_token import open_token
from hsm.pin_latch import PinLatch
from hsm.token import KeyRef, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.load import in_children, signing
from tests.hsm.sdf_shim import PASSWORD, Device, device_fixture, sdf_library_fixture

__all__ = ["device_fixture", "sdf_library_fixture"]

SM2 = SignatureAlgorithm.SM2_SM3
ONE = KeyRef(key_id=b"\x01")
SEVEN = KeyRef(key_id=b"\x07")
PROMISED_S = 10.0
LIMIT_S = 2.0


@pytest.fixture
def lasting(device: Device) -> Iterator[LastingToken]:
    token = LastingToken(lambda: open_token(device.uri(), production=True))
    yield token
    device.clear()
    token.close()


@pytest.mark.parametrize(
    ("fault", "length_s", "kinds"),
    [
        ("hang 4", 4.0, {"TokenUnavailable"}),
        ("garbage", 2.0, {"TokenUnavailable", "BadSignature"}),
        ("InternalSign_ECC 1000004", 2.0, {"TokenUnavailable"}),
        ("InternalSign_ECC 1000008", 2.0, {"TokenUnavailable"}),
    ],
)
def test_faults_under_load(
    device: Device, lasting: LastingToken, fault: str, length_s: float, kinds: set[str]
) -> None:
    spki = lasting.public_key(ONE)
    with signing(lasting, ONE, SM2, spki) as load:
        time.sleep(0.5)
        device.set(fault)
        start = time.monotonic()
        time.sleep(length_s)
        device.clear()
        mended = time.monotonic()
        healed_s = load.healed_after(mended, within_s=PROMISED_S)
        time.sleep(0.5)
    print(f"{fault}: longest call {load.longest_s:.2f} s, healed after {healed_s:.2f} s")
    assert load.wrong == []
    assert set(load.errors()) == kinds
    assert load.longest_s < LIMIT_S + 1.5
    assert load.good_between(start + 0.5, mended) == 0


def test_a_right_that_was_lost_is_asked_for_once_more(device: Device, lasting: LastingToken) -> None:
    lasting.sign(ONE, SM2, b"text")
    device.set("InternalSign_ECC 1000007")
    with pytest.raises(TokenUnavailable, match="forgotten the access right"):
        lasting.sign(ONE, SM2, b"text")
    device.clear()
    end = time.monotonic() + PROMISED_S
    while lasting.fault:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert lasting.sign(ONE, SM2, b"text")
    assert set(device.tries) == {"1 ok"}


def test_a_right_refused_again_and_again_is_a_refused_pin(device: Device, lasting: LastingToken) -> None:
    """It was given and then refused before it signed anything: trying on could lock the key."""
    spki = lasting.public_key(ONE)
    lasting.sign(ONE, SM2, b"text")
    device.set("InternalSign_ECC 1000007")
    with signing(lasting, ONE, SM2, spki) as load:
        time.sleep(3)
    assert load.good == []
    assert set(load.errors()) == {"TokenUnavailable", "PinRefused"}
    assert device.tries == ["1 ok", "1 ok"]


def test_a_wrong_pin_is_tried_once(device: Device, lasting: LastingToken) -> None:
    device.set_pin("wrong")
    with signing(lasting, ONE, SM2, lasting.public_key(ONE)) as load:
        time.sleep(2.5)
    assert load.good == []
    assert set(load.errors()) == {"PinRefused"}
    assert device.tries == ["1 wrong"]


def test_a_device_unplugged_and_plugged_in_again(device: Device, lasting: LastingToken) -> None:
    """Its library stays loaded; its keys come back with it."""
    spki = lasting.public_key(SEVEN)
    keys = device.folder / "keys"
    with signing(lasting, SEVEN, SM2, spki) as load:
        time.sleep(0.5)
        keys.rename(keys.with_name("away"))
        start = time.monotonic()
        time.sleep(2)
        keys.with_name("away").rename(keys)
        mended = time.monotonic()
        load.healed_after(mended, within_s=PROMISED_S)
        time.sleep(0.5)
    assert load.wrong == []
    assert set(load.errors()) == {"TokenUnavailable"}
    assert load.good_between(start + 0.5, mended) == 0


def test_another_key_in_its_place_is_not_signed_with_unseen(device: Device, lasting: LastingToken) -> None:
    spki = lasting.public_key(ONE)
    lasting.sign(ONE, SM2, b"text")
    device.make_keys(1)
    with pytest.raises(Exception, match="index 1"):
        lasting.sign(ONE, SM2, b"text")
    end = time.monotonic() + PROMISED_S
    while lasting.fault:
        assert time.monotonic() < end
        time.sleep(0.02)
    signature = lasting.sign(ONE, SM2, b"text")
    assert not verify(spki, SM2, b"text", signature)
    assert verify(lasting.public_key(ONE), SM2, b"text", signature)


def latched(device: Device, folder: Path) -> LastingToken:
    uri = device.uri()
    return LastingToken(lambda: open_token(uri, production=True), attempt=PinLatch(folder, uri).attempt)


def answers(device: Device, folder: Path, count: int) -> list[str]:
    token = latched(device, folder)
    return in_children(count, lambda: token.sign(ONE, SM2, b"child"))


def test_a_wrong_pin_is_tried_once_by_four_processes(device: Device, tmp_path: Path) -> None:
    device.set_pin("wrong")
    assert answers(device, tmp_path, 4) == ["PinRefused"] * 4
    assert device.tries == ["1 wrong"]
    assert answers(device, tmp_path, 2) == ["PinRefused"] * 2
    assert device.tries == ["1 wrong"]
    device.set_pin(PASSWORD)
    assert answers(device, tmp_path, 4) == ["signed"] * 4
    assert device.tries == ["1 wrong", *["1 ok"] * 4]


def test_each_process_waits_for_the_one_that_tries(device: Device, tmp_path: Path) -> None:
    """Nobody waits longer than the limit for that."""
    device.set("hang 30")
    start = time.monotonic()
    assert answers(device, tmp_path, 3) == ["TokenUnavailable"] * 3
    assert time.monotonic() - start < LIMIT_S + 10
