"""A wrong PIN is presented once, whatever keys, URIs and ceremonies there are; mending its file is enough."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.adapters.hsm_workshop import HsmWorkshop
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.signing import SignerUnavailable
from tests.hsm.faults import FaultyModule, faulty_module
from tests.hsm.sdf_shim import PASSWORD, Device
from tests.hsm.softhsm import MODULE, PIN, SoftToken
from tests.keys.key_house import KeyHouse

PROMISED_S = 10.0
WRONG = "999999"


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyModule]:
    module, environment = faulty_module(tmp_path / "faulty", MODULE)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield module
    module.clear()


@pytest.mark.parametrize("noted", [True, False])
def test_two_uris_of_one_token(
    house: KeyHouse, soft_token: SoftToken, faulty: FaultyModule, *, noted: bool
) -> None:
    plain = soft_token.uri(module=faulty.path, label="p256", key_id=b"\x01")
    sealed = soft_token.uri(module=faulty.path, label="sm2", key_id=b"\x02", custody="sealed")
    held = (
        house.made(kind="p-256", uri=plain.text).key,
        house.made(kind="sm2", sealed=True, uri=sealed.text).key,
    )
    soft_token.pin_file.write_text(WRONG)
    before = len(faulty.logins)
    keys = HsmKeys(production=True, run_folder=house.place / "run" if noted else None)
    for key in (*held, *held):
        assert "PinRefused" in keys.health(key).detail
    keys.close()
    assert len(faulty.logins) == before + 1


def test_ceremonies_on_a_device_that_takes_the_pin_late(house: KeyHouse, device: Device) -> None:
    keys = HsmKeys(production=True, run_folder=house.place / "run")
    house.workshop = HsmWorkshop(keys, production=True)
    device.set_pin("wrong")
    for number in (1, 7, 7):
        with pytest.raises(KeyRefused) as caught:
            house.made(kind="sm2", existing=True, uri=device.uri(key_id=bytes((number,))).text, state="next")
        assert "PinRefused" in caught.value.params["cause"]
    assert device.tries == ["1 wrong"]
    device.set_pin(PASSWORD)
    assert house.made(kind="sm2", existing=True, uri=device.uri(key_id=b"\x07").text).key.custody == "token"


def test_a_key_in_use_heals_when_the_pin_file_is_mended(house: KeyHouse, soft_token: SoftToken) -> None:
    held = house.made(kind="p-256", uri=soft_token.uri(label="r", key_id=b"\x01").text).key
    soft_token.pin_file.write_text(WRONG)
    keys = HsmKeys(production=True, run_folder=house.place / "run")
    key = keys.key(held)
    for _ in range(2):
        with pytest.raises(SignerUnavailable, match="PinRefused"):
            key.sign(b"message")
    soft_token.pin_file.write_text(PIN)
    end = time.monotonic() + PROMISED_S
    assert key.sign(b"message")
    assert keys.health(held).usable
    assert time.monotonic() < end
    keys.close()


_CHILD = """
import os, sys, time
from pathlib import Path
from hsm.errors import TokenError
from hsm.lasting import LastingToken
from hsm.open_token import open_token
from hsm.pin_latch import PinLatch
from hsm.token import SignatureAlgorithm
from hsm.uri import parse_key_uri

uri = parse_key_uri(sys.argv[1])
latch = PinLatch(Path(sys.argv[2]), uri)
token = LastingToken(
    lambda: open_token(uri, production=True), attempt=latch.attempt, opening=latch.opening
)
try:
    token.sign(uri.ref, SignatureAlgorithm.ECDSA_SHA256, b"text")
    print("signed", flush=True)
except TokenError as error:
    print(type(error).__name__, flush=True)
    time.sleep(60)
os._exit(0)
"""


def test_a_process_whose_module_hangs_keeps_no_other_from_signing(
    house: KeyHouse, soft_token: SoftToken, faulty: FaultyModule
) -> None:
    uri = soft_token.uri(module=faulty.path, label="r", key_id=b"\x01")
    house.made(kind="p-256", uri=uri.text)
    run, well = house.place / "run", house.place / "well"
    run.mkdir(mode=0o700)
    well.mkdir()
    command = [sys.executable, "-c", _CHILD, uri.text, str(run)]
    faulty.set("hang 50")
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "TokenUnavailable\n"
        second = subprocess.run(
            command,
            env=os.environ | {"PKCS11_FAULTY_FOLDER": str(well)},
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    finally:
        first.kill()
        first.communicate()
    assert second.stdout == "signed\n"
