"""A token's PIN, out of a file that only this user and root can read."""

from __future__ import annotations

import os
import stat
from typing import NoReturn

from hsm.errors import PinRefused, TokenUnavailable

MAX_PIN_BYTES = 256
_MODES = (0o600, 0o400)
_HIDDEN = "Pin(hidden)"


class Pin:
    """A PIN that no text, comparison or pickle of it shows.

    ``wipe`` overwrites the octets kept here. Copies that ``reveal`` gave are Python's, and stay in memory
    until that memory is used again.
    """

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = bytearray(octets)

    def reveal(self) -> bytes:
        """The PIN; for the call that logs in, and nothing else. PinRefused after ``wipe``."""
        if not self._octets:
            raise PinRefused("the PIN was wiped from memory")
        return bytes(self._octets)

    def wipe(self) -> None:
        """Forgets it; harmless when done twice."""
        self._octets[:] = bytes(len(self._octets))
        self._octets.clear()

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is not pickled or copied")


def read_pin(path: str) -> Pin:
    """The PIN in the file at ``path``; one line end after it is not part of it.

    The file is a regular one of this user or root with mode 0600 or 0400, and a symbolic link to it is
    theirs too: another user's link could make this process send some other secret to a token. PinRefused
    when that is not so, or the content is no PIN; TokenUnavailable when the file is not there.
    """
    try:
        _check_owner(path, os.lstat(path))
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            _check_file(path, os.fstat(descriptor))
            # One read of a regular file of this size is whole; two more octets are an allowed line end.
            octets = os.read(descriptor, MAX_PIN_BYTES + 3)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "not a path"
        raise TokenUnavailable(f"the PIN file {path!r} cannot be read: {cause}") from None
    return Pin(_checked(path, octets.removesuffix(b"\n").removesuffix(b"\r")))


def _check_owner(path: str, status: os.stat_result) -> None:
    if status.st_uid not in (os.geteuid(), 0):
        raise PinRefused(f"the PIN file {path!r}, or the link to it, belongs to another user")


def _check_file(path: str, status: os.stat_result) -> None:
    """Checks of the opened file itself, which no one can exchange any more."""
    if not stat.S_ISREG(status.st_mode):
        raise PinRefused(f"the PIN file {path!r} is not a regular file")
    _check_owner(path, status)
    if stat.S_IMODE(status.st_mode) not in _MODES:
        raise PinRefused(
            f"the PIN file {path!r} has mode {stat.S_IMODE(status.st_mode):04o}, not 0600 or 0400"
        )


def _checked(path: str, octets: bytes) -> bytes:
    """The octets if they can be a PIN (PKCS#11: UTF-8 text)."""
    if not octets:
        raise PinRefused(f"the PIN file {path!r} is empty")
    if len(octets) > MAX_PIN_BYTES:
        raise PinRefused(f"the PIN file {path!r} is longer than {MAX_PIN_BYTES} bytes")
    try:
        printable = octets.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        printable = False
    if not printable:
        raise PinRefused(f"the PIN file {path!r} is not one line of UTF-8 text")
    return octets
