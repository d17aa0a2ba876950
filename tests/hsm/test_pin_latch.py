"""One try of a PIN for all processes: what is written down, and what lets another try through."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hsm.errors import PinRefused, TokenUnavailable
from hsm.pin_latch import KNOWN_S, UNKNOWN_S, PinLatch
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


def succeed(latch: PinLatch, folder: Path) -> bytes:
    """What is noted then."""
    with latch.attempt():
        pass
    (file,) = folder.glob("pin-*")
    return file.read_bytes()


def refuse(latch: PinLatch) -> None:
    with pytest.raises(PinRefused, match="by the token"), latch.attempt():
        raise PinRefused("by the token")


def test_a_success_is_noted_once(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    (noted,) = {succeed(latch, tmp_path) for _ in range(2)}
    assert noted.startswith(b"ok ")
    assert noted.count(b"\n") == 1
    assert PIN.encode() not in noted
    (file,) = tmp_path.glob("pin-*")
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_latch_for_all_ways_to_name_a_token(tmp_path: Path, uri: KeyUri, pin_file: Path) -> None:
    (tmp_path / "link").symlink_to(pin_file)
    refuse(PinLatch(tmp_path, uri))
    for other in (
        replace(uri, label="sm2", vendor=(("x-custody", "sealed"),)),
        replace(uri, vendor=(("x-sm2-profile", "shim"),)),
        replace(uri, serial="0123"),
        replace(uri, pin_source=str(tmp_path / "link")),
    ):
        with pytest.raises(PinRefused, match="refused before"), PinLatch(tmp_path, other).attempt():
            pytest.fail("it was tried")


def test_a_refusal_after_successes_is_noted(tmp_path: Path, uri: KeyUri) -> None:
    """The token's PIN was changed, and the file was not."""
    latch = PinLatch(tmp_path, uri)
    succeed(latch, tmp_path)
    refuse(latch)
    with pytest.raises(PinRefused, match="refused before"), latch.attempt():
        pytest.fail("it was tried")


def test_another_token_s_success_is_none_of_this_one(tmp_path: Path, uri: KeyUri) -> None:
    other = replace(uri, token="other")  # noqa: S106 - a label
    succeed(PinLatch(tmp_path, other), tmp_path)
    refuse(PinLatch(tmp_path, uri))
    with pytest.raises(PinRefused, match="refused before"), PinLatch(tmp_path, uri).attempt():
        pytest.fail("it was tried")
    with PinLatch(tmp_path, other).attempt():
        pass


def test_opening_an_sdf_device_proves_no_pin(tmp_path: Path, pin_file: Path) -> None:
    latch = PinLatch(tmp_path, parse_key_uri(f"sdf:id=%01?module-path=/s.so&pin-source=file:{pin_file}"))
    with latch.opening():
        pass
    (file,) = tmp_path.glob("pin-*")
    assert file.read_bytes() == b""
    assert succeed(latch, tmp_path).startswith(b"ok ")


@contextmanager
def hanging(latch: PinLatch) -> Iterator[None]:
    """Another process is inside an attempt, and does not come out of it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with latch.attempt():
            os.write(write, b".")
            time.sleep(60)
        os._exit(0)
    try:
        assert os.read(read, 1) == b"."
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


def test_a_process_that_hangs_holds_up_nobody_when_the_pin_is_known(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    succeed(latch, tmp_path)
    with hanging(latch):
        start = time.monotonic()
        succeed(latch, tmp_path)
        assert time.monotonic() - start < KNOWN_S + 0.5
        refuse(latch)
        with pytest.raises(PinRefused, match="refused before"), latch.attempt():
            pytest.fail("it was tried")


def test_a_pin_not_known_is_not_tried_beside_a_process_that_hangs(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    with hanging(latch):
        start = time.monotonic()
        with pytest.raises(TokenUnavailable, match="another process"), latch.attempt():
            pytest.fail("it was tried")
        assert time.monotonic() - start < UNKNOWN_S + 0.5
    succeed(latch, tmp_path)


def test_a_forked_child_holds_no_lock_of_its_parent_s(tmp_path: Path, uri: KeyUri) -> None:
    latch = PinLatch(tmp_path, uri)
    read, write = os.pipe()
    with latch.attempt():
        child = os.fork()
        if child == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
    start = time.monotonic()
    succeed(latch, tmp_path)
    assert time.monotonic() - start < KNOWN_S / 2
    os.close(write)
    os.waitpid(child, 0)
    os.close(read)


def test_what_a_forked_child_finds_out_is_not_written_to_a_file_that_is_not_its_own(
    tmp_path: Path, uri: KeyUri
) -> None:
    latch = PinLatch(tmp_path, uri)
    child = 0
    with latch.attempt():
        child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    (file,) = tmp_path.glob("pin-*")
    assert file.read_bytes().count(b"\n") == 1


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


def test_another_module_or_pin_file_is_another_matter(tmp_path: Path, uri: KeyUri) -> None:
    (tmp_path / "pin-of-other").write_text(PIN)
    refuse(PinLatch(tmp_path / ".", uri))
    for other in (
        replace(uri, module_path="/lib/other.so"),
        replace(uri, pin_source=str(tmp_path / "pin-of-other")),
    ):
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
