"""One try of a PIN for all processes of a machine: a token counts wrong ones whoever presents them.

Workers, commands and restarts would each try a wrong PIN once, and a token locks after a few. A refusal is
written down with what the PIN's file was at that moment (never with anything of the PIN), and nobody tries
again until that file is written anew or touched: that is how somebody says that the cause was seen to.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hsm.errors import PinRefused, TokenUnavailable
from hsm.uri import KeyUri

_MAX_BYTES = 256


class PinLatch:
    """For one token and PIN file. ``folder`` is one that the machine's processes share, and only they write.

    A folder in memory (/run) forgets refusals when the machine starts.
    """

    def __init__(self, folder: Path, uri: KeyUri) -> None:
        name = hashlib.sha256(uri.without_key().text.encode()).hexdigest()
        self._file = folder / f"pin-{name[:32]}"
        self._pin_file = uri.pin_source

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around whatever may present the PIN; one process at a time, the others wait.

        PinRefused at once where it was refused before; a PinRefused inside is written down and goes on.
        TokenUnavailable when nothing can be written down: then nothing is tried.
        """
        descriptor = self._opened()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            stamp = self._stamp()
            if stamp and os.pread(descriptor, _MAX_BYTES, 0) == stamp:
                raise PinRefused(
                    f"the PIN in {self._pin_file!r} was refused before, and is not tried again on this "
                    "machine until that file is written anew"
                )
            try:
                yield
            except PinRefused:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, stamp, 0)
                raise
        finally:
            os.close(descriptor)

    def _opened(self) -> int:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise TokenUnavailable(
                f"no try of a PIN can be noted in {self._file}: {error.strerror}"
            ) from None

    def _stamp(self) -> bytes:
        """What changes with every writing of the PIN's file; empty when there is none."""
        try:
            status = Path(self._pin_file).stat()
        except OSError:
            return b""
        parts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return " ".join(map(str, parts)).encode()
