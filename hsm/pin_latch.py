"""One try of a PIN for all processes of a machine: a token counts wrong ones whoever presents them.

Workers, commands and restarts would each try a wrong PIN once, and a token locks after a few. A refusal is
written down with what the PIN's file was at that moment (never with anything of the PIN), and nobody tries
again until that file is written anew or touched: that is how somebody says that the cause was seen to.

A success is written down too. Who tries a PIN that nobody knows to be right has to be alone with it; one
that is known to be right is presented without waiting for a process that hangs in its module.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hsm.errors import PinRefused, TokenUnavailable
from hsm.lock_file import LockFile
from hsm.uri import KeyUri

UNKNOWN_S = 2.0
KNOWN_S = 0.5
_MAX_BYTES, _MAX_NOTES = 4096, 16
_REFUSED = "refused"


class PinLatch:
    """For the tokens of one module that one PIN file opens, however a URI names them, and its keys.

    ``folder`` is one that the machine's processes share, and only they write. A folder in memory (/run)
    forgets what was noted when the machine starts.
    """

    def __init__(self, folder: Path, uri: KeyUri) -> None:
        module, pin = os.path.realpath(uri.module_path), os.path.realpath(uri.pin_source)
        name = _digest(uri.scheme, module, pin)
        self._file = folder / f"pin-{name}"
        self._pin_file = uri.pin_source
        self._known = f"ok {_digest(uri.token, uri.serial, uri.manufacturer, uri.model)}"
        self._opening_presents = uri.scheme != "sdf"

    def attempt(self) -> AbstractContextManager[None]:
        """Around what presents the PIN; one process at a time, the others wait, but not for long.

        PinRefused at once where it was refused before; a PinRefused inside is written down and goes on.
        TokenUnavailable when nothing can be written down, or another process has been trying for 2 s a PIN
        that is not known to be right: then nothing is tried.
        """
        return self._attempt(proves=True)

    def opening(self) -> AbstractContextManager[None]:
        """As ``attempt``, around what opens the token. An SDF device takes the PIN later."""
        return self._attempt(proves=self._opening_presents)

    @contextmanager
    def _attempt(self, *, proves: bool) -> Iterator[None]:
        held = LockFile(self._opened())
        try:
            stamp = pin_stamp(self._pin_file)
            notes = self._awaited(held, stamp)
            try:
                yield
            except PinRefused:
                _write(held, [*(note for note in notes if note != self._known), _REFUSED], stamp)
                raise
            if proves and stamp and self._known not in notes:
                _write(held, [*notes, self._known], stamp)
        finally:
            held.close()

    def _awaited(self, held: LockFile, stamp: str) -> list[str]:
        """What is noted of the PIN as it is, once it may be tried; PinRefused, TokenUnavailable."""
        known = self._known in _notes(held, stamp)
        alone = held.lock(KNOWN_S if known else UNKNOWN_S)
        notes = _notes(held, stamp)
        if self._known in notes:
            return notes
        if _REFUSED in notes:
            raise PinRefused(
                f"the PIN in {self._pin_file!r} was refused before, and is not tried again on this "
                "machine until that file is written anew"
            )
        if not alone:
            raise TokenUnavailable(
                f"another process is trying the PIN in {self._pin_file!r}, and has no answer"
            )
        return notes

    def _opened(self) -> int:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise TokenUnavailable(
                f"no try of a PIN can be noted in {self._file}: {error.strerror}"
            ) from None


def pin_stamp(pin_source: str) -> str:
    """What changes with every writing of the PIN's file; empty when there is none."""
    try:
        status = Path(pin_source).stat()
    except OSError:
        return ""
    parts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return " ".join(map(str, parts))


def _notes(held: LockFile, stamp: str) -> list[str]:
    """What is noted of the PIN's file as it is now; of one that is not there nothing is."""
    text = os.pread(held.descriptor, _MAX_BYTES, 0).decode("ascii", "replace")
    end = f" {stamp}"
    return [line.removesuffix(end) for line in text.splitlines() if stamp and line.endswith(end)]


def _write(held: LockFile, notes: list[str], stamp: str) -> None:
    """Whoever reads meanwhile finds a line whole, or not at all. A forked child notes nothing."""
    if not held.is_open:
        return
    lines = "".join(f"{note} {stamp}\n" for note in notes[-_MAX_NOTES:]).encode()
    os.ftruncate(held.descriptor, 0)
    os.pwrite(held.descriptor, lines, 0)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
