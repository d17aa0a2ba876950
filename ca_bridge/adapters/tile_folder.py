"""A folder of files, each replaced whole: what is written is there after a crash, or what was before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ca_bridge.services.audit.tile_paths import MAX_FILE_BYTES
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable

_UNFINISHED = ".part"


class FolderTiles:
    """TileFolder (services/audit/tile_paths.py) below a path; one process writes at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """The file, at most MAX_FILE_BYTES of it; None when there is none."""
        with _said_as_ours(self._folder):
            try:
                with (self._folder / path).open("rb") as stream:
                    return stream.read(MAX_FILE_BYTES)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, path: str, octets: bytes) -> None:
        """The file is there whole, durably, or as it was."""
        file = self._folder / path
        unfinished = file.with_name(file.name + _UNFINISHED)
        with _said_as_ours(self._folder):
            file.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as stream:
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
