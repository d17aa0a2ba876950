"""A PIN's file: whose, how it may be read, what it may hold; and that a PIN is never shown."""

from __future__ import annotations

import copy
import os
import pickle
import traceback
from pathlib import Path

import pytest

from hsm.errors import PinRefused, TokenUnavailable
from hsm.pin import Pin, read_pin

SECRET = b"73519-pin"


def _file(folder: Path, content: bytes = SECRET, mode: int = 0o600) -> Path:
    path = folder / "pin"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize(
    ("content", "pin"),
    [
        (SECRET, SECRET),
        (SECRET + b"\n", SECRET),
        (SECRET + b"\r\n", SECRET),
        (b" 1 ", b" 1 "),
        ("口令".encode(), "口令".encode()),
        (b"a" * 256 + b"\n", b"a" * 256),
        (b"a" * 256 + b"\r\n", b"a" * 256),
    ],
)
def test_read(tmp_path: Path, mode: int, content: bytes, pin: bytes) -> None:
    assert read_pin(str(_file(tmp_path, content, mode))).reveal() == pin


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o700, 0o000, 0o4600])
def test_a_file_that_others_might_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path, mode=mode)
    with pytest.raises((PinRefused, TokenUnavailable)) as caught:
        read_pin(str(path))
    if os.geteuid() == 0:
        assert str(caught.value) == f"the PIN file {str(path)!r} has mode {mode:04o}, not 0600 or 0400"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a" * 257, "is longer than 256 bytes"),
        (b"a" * 5000, "is longer than 256 bytes"),
        (SECRET + b"\n\n", "is not one line of UTF-8 text"),
        (SECRET + b"\x00", "is not one line of UTF-8 text"),
        (SECRET + b"\xff", "is not one line of UTF-8 text"),
    ],
)
def test_a_content_that_is_no_pin(tmp_path: Path, content: bytes, cause: str) -> None:
    with pytest.raises(PinRefused) as caught:
        read_pin(str(_file(tmp_path, content)))
    assert cause in str(caught.value)
    assert "73519" not in "".join(traceback.format_exception(caught.value))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TokenUnavailable, match="cannot be read: No such file"):
        read_pin(str(tmp_path / "pin"))


def test_a_path_with_a_nul() -> None:
    with pytest.raises(TokenUnavailable, match="not a path"):
        read_pin("/etc/\0pin")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pin", 0o600)
    with pytest.raises(PinRefused, match="is not a regular file"):
        read_pin(str(tmp_path / "pin"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PinRefused, match="is not a regular file"):
        read_pin(str(tmp_path))


def test_a_link_of_ones_own_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(_file(tmp_path))
    assert read_pin(str(tmp_path / "link")).reveal() == SECRET


def test_a_link_to_a_file_that_others_might_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(_file(tmp_path, mode=0o644))
    with pytest.raises(PinRefused, match="has mode 0644"):
        read_pin(str(tmp_path / "link"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_link_and_file(tmp_path: Path) -> None:
    path = _file(tmp_path)
    (tmp_path / "link").symlink_to(path)
    os.lchown(tmp_path / "link", 12345, 12345)
    with pytest.raises(PinRefused, match="belongs to another user"):
        read_pin(str(tmp_path / "link"))
    os.chown(path, 12345, 12345)
    with pytest.raises(PinRefused, match="belongs to another user"):
        read_pin(str(path))
    (tmp_path / "own").symlink_to(path)
    with pytest.raises(PinRefused, match="belongs to another user"):
        read_pin(str(tmp_path / "own"))


def test_a_pin_hides() -> None:
    pin = Pin(SECRET)
    for shown in (repr(pin), str(pin), f"{pin}", f"{[pin]}"):
        assert "73519" not in shown
    assert not hasattr(pin, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pytest.raises(TypeError):
        copy.deepcopy(pin)


def test_a_wiped_pin_is_gone() -> None:
    pin = Pin(SECRET)
    kept = pin._octets
    pin.wipe()
    pin.wipe()
    assert kept == b""
    with pytest.raises(PinRefused, match="wiped"):
        pin.reveal()
