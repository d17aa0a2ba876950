"""One try of a PIN for all processes: what is written down, and what lets another try through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hsm.errors import PinRefused, TokenUnavailable
from hsm.pin_latch import PinLatch
from hsm.uri import KeyUri, parse_key_uri

PIN = "a secret PIN"


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text(PIN)
    return path


@pytest.fixture
def uri(pin_file: Path) -> KeyUri:
    return parse_key_uri(
        f"pkcs11:token=gw;object=receipt?module-path=/lib/module.so&pin-source=file:{pin_file}"
    )


def refuse(latch: PinLatch) -> None:
    with pytest.raises(PinRefused, match="by the token"), latch.attempt():
        raise PinRefused("by the token")


def test_a_success_leaves_nothing(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    for _ in range(2):
        with latch.attempt():
            pass
    (file,) = tmp_path.glob("pin-*")
    assert file.read_bytes() == b""
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_refusal_stands_for_every_key_and_object(tmp_path: Path, uri: KeyUri, pin_file: Path) -> None:
    refuse(PinLatch(tmp_path, uri))
    for other in (PinLatch(tmp_path, uri), PinLatch(tmp_path, uri.without_key())):
        with pytest.raises(PinRefused, match="is not tried again on this machine"), other.attempt():
            pytest.fail("it was tried")
    (file,) = tmp_path.glob("pin-*")
    assert PIN.encode() not in file.read_bytes()


@pytest.mark.parametrize("how", ["written anew", "touched", "replaced"])
def test_a_pin_file_that_somebody_saw_to_is_tried_once_more(
    tmp_path: Path, uri: KeyUri, pin_file: Path, how: str
) -> None:
    latch = PinLatch(tmp_path, uri)
    refuse(latch)
    if how == "written anew":
        pin_file.write_text("another PIN")
    elif how == "touched":
        os.utime(pin_file)
    else:
        (tmp_path / "new").write_text(PIN)
        (tmp_path / "new").replace(pin_file)
    refuse(latch)
    with pytest.raises(PinRefused, match="refused before"), latch.attempt():
        pytest.fail("it was tried")


def test_another_token_is_another_matter(tmp_path: Path, uri: KeyUri, pin_file: Path) -> None:
    refuse(PinLatch(tmp_path, uri))
    other = parse_key_uri(f"pkcs11:token=other?module-path=/lib/module.so&pin-source=file:{pin_file}")
    with PinLatch(tmp_path, other).attempt():
        pass


def test_other_errors_are_no_refusal(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    with pytest.raises(TokenUnavailable), latch.attempt():
        raise TokenUnavailable("gone")
    with latch.attempt():
        pass


def test_without_a_pin_file_nothing_stands(tmp_path: Path, uri: KeyUri, pin_file: Path) -> None:
    pin_file.unlink()
    latch = PinLatch(tmp_path, uri)
    refuse(latch)
    refuse(latch)


def test_where_nothing_can_be_noted_nothing_is_tried(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path / "missing", uri)
    with pytest.raises(TokenUnavailable, match="No such file"), latch.attempt():
        pytest.fail("it was tried")


def test_a_link_in_its_place_is_not_followed(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    refuse(latch)
    (file,) = tmp_path.glob("pin-*")
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TokenUnavailable), latch.attempt():
        pytest.fail("it was tried")
    assert not (tmp_path / "elsewhere").exists()
