"""The bridge CA's repository as a folder of files, for whoever serves them or carries them away."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.bridge_ca.repository import CRL_TYPE, Repository
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.issue_cross_certificate.errors import PUBLISHED_CRL_NOT_OLDER, BridgeRefused
from ca_bridge.services.printable import printable

_EVERYBODY_READS = 0o644
_NO_NUMBER = -1


def publish_folder(repository: Repository, folder: Path) -> tuple[str, ...]:
    """Names of the files that were written, in order; files that say the same already are left alone.

    Each file is whole at every moment. Those of members without a certificate are removed; no other file is
    touched. ConfigurationError when the folder cannot be written; PUBLISHED_CRL_NOT_OLDER, before anything is
    written, when a CRL there is not older than the register's.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _held(folder):
            return _published(repository, folder)
    except OSError as error:
        shown = printable(str(folder))
        raise ConfigurationError(f"{shown}: {error.strerror} / 目录无法写入") from error


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """One publisher at a time: none puts back what it read before another wrote. Durable at the end."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _published(repository: Repository, folder: Path) -> tuple[str, ...]:
    names = repository.names()
    for name in names:
        _content(repository, folder, name)
    written = [name for name in names if _wrote(repository, folder, name)]
    for file in folder.iterdir():
        if repository.is_of_member(file.name) and file.name not in names:
            file.unlink(missing_ok=True)
    return tuple(written)


def _wrote(repository: Repository, folder: Path, name: str) -> bool:
    content = _content(repository, folder, name)
    if content is None:
        return False
    descriptor, temporary = tempfile.mkstemp(prefix=".", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), _EVERYBODY_READS)
            os.fsync(stream.fileno())
        Path(temporary).replace(folder / name)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _content(repository: Repository, folder: Path, name: str) -> bytes | None:
    """What ``name`` is to say; None when it says so already, or was revoked since the names were made."""
    file = folder / name
    before, published = file.read_bytes() if file.is_file() else None, repository.published(name)
    if published is None or published[0] == before:
        return None
    content, kind = published
    if kind == CRL_TYPE and before is not None:
        theirs, ours = _crl_number(before), _crl_number(content)
        if theirs >= ours:
            raise BridgeRefused(PUBLISHED_CRL_NOT_OLDER, name=name, published=theirs, number=ours)
    return content


def _crl_number(der: bytes) -> int:
    """-1 of what is no CRL, or has no number."""
    try:
        number = parse_crl(der).extensions.crl_number
    except Malformed:
        return _NO_NUMBER
    return _NO_NUMBER if number is None else number
