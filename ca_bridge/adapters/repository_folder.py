"""The bridge CA's repository as a folder of files, for whoever serves them or carries them away."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ca_bridge.services.bridge_ca.names import FILE_NAME, MEMBER_MARK
from ca_bridge.services.bridge_ca.repository import Repository
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.printable import printable

_EVERYBODY_READS = 0o644


def publish_folder(repository: Repository, folder: Path) -> tuple[str, ...]:
    """Names of the files that were written, in order; files that say the same already are left alone.

    Each file is whole at every moment. Those of members without a certificate are removed; no other file is
    touched. ConfigurationError when the folder cannot be written.
    """
    names = repository.names()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [name for name in names if _wrote(repository, folder, name)]
        for file in folder.iterdir():
            stale = FILE_NAME.fullmatch(file.name) and MEMBER_MARK in file.name and file.name not in names
            if stale:
                file.unlink(missing_ok=True)
        _sync(folder)
    except OSError as error:
        shown = printable(str(folder))
        raise ConfigurationError(f"{shown}: {error.strerror} / 目录无法写入") from error
    return tuple(written)


def _wrote(repository: Repository, folder: Path, name: str) -> bool:
    published = repository.published(name)
    if published is None:
        return False  # revoked since the names were made
    file = folder / name
    if file.is_file() and file.read_bytes() == published[0]:
        return False
    descriptor, temporary = tempfile.mkstemp(prefix=".", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(published[0])
            stream.flush()
            os.fchmod(stream.fileno(), _EVERYBODY_READS)
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
