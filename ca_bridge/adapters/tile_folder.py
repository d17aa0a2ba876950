"""A folder of files, each replaced whole: what is written is there after a crash, or what was before.

The folder may be one that others can write to. No link at a file's own place is followed, and nothing but
a regular file is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ca_bridge.services.audit.tile_paths import MAX_FILE_BYTES
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable

_UNFINISHED = ".part"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o666
"""As the process's umask has it: an exported log is for others to read."""


class FolderTiles:
    """TileFolder (services/audit/tile_paths.py) below a path; one process writes at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """The file, at most MAX_FILE_BYTES of it; None when there is none."""
        with _said_as_ours(self._folder):
            try:
                handle = os.open(self._folder / path, _READ)
            except (FileNotFoundError, NotADirectoryError):
                return None
            with os.fdopen(handle, "rb") as stream:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise StoreUnavailable(f"{self._folder / path}: 不是普通文件 / not a regular file")
                return stream.read(MAX_FILE_BYTES)

    def write(self, path: str, octets: bytes) -> None:
        """The file is there whole, durably, or as it was."""
        file = self._folder / path
        unfinished = file.with_name(file.name + _UNFINISHED)
        with _said_as_ours(self._folder):
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)  # left by a crash, or a link put there
            with os.fdopen(os.open(unfinished, _MAKE, _MODE), "wb") as stream:
                stream.write(octets)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(file)
            _sync(file.parent)

    def delete(self, path: str) -> None:
        """The file is gone, and its folder when that is empty."""
        file = self._folder / path
        with _said_as_ours(self._folder):
            file.unlink(missing_ok=True)
            with suppress(OSError):
                file.parent.rmdir()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _said_as_ours(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{folder}: {error.strerror}") from error
