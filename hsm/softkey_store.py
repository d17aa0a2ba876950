"""The folder of the development driver: one PKCS#8 file a key, and an index of keys and of names ever used.

Safe for threads and processes: changes are made one at a time under a lock on a file, the index is
exchanged whole by a rename, a key's file is created or not at all, and stands before the index names it.
A key is destroyed the other way round, so the index never names less than what can sign.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from hsm.errors import KeyExists, KeyNotFound, TokenUnavailable
from hsm.softkey_crypto import MAX_PEM_BYTES
from hsm.token import KeyKind, KeySpec

_INDEX = "index.json"
_NEW_INDEX = ".index.new"
_LOCK = ".lock"
_MAX_INDEX_BYTES = 4 * 1024 * 1024
_FORMAT = 1

Stamp = tuple[int, int, int, int]
"""Device, inode, time of change in ns, and size: what tells one content of a file from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key that is there."""

    label: str
    key_id: bytes
    kind: KeyKind
    spki: bytes

    @property
    def file(self) -> str:
        """Name of its file in the folder."""
        return f"{self.key_id.hex()}.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Keys that are there, and the labels and identifiers (in hex) of all that ever were."""

    keys: tuple[Entry, ...] = ()
    labels: tuple[str, ...] = ()
    key_ids: tuple[str, ...] = ()


class Store:
    """A folder of this user with mode 0700; every method raises TokenUnavailable when it is not so."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._read: tuple[Stamp, Index] | None = None

    def index(self) -> Index:
        """What is in the index's file now; read again only when the file changed."""
        with self._reporting():
            self._check_folder()
            # A store not yet used has neither. With keys, there is an index: it came before the first key,
            # perhaps after the first look.
            return self._index() or self._no_keys() or self._index() or self._lost()

    def stamp(self, entry: Entry) -> Stamp:
        """The stamp of a key's file as it is now."""
        with self._reporting():
            return _stamp((self._folder / entry.file).lstat())

    def pem(self, entry: Entry) -> tuple[bytes, Stamp]:
        """A key's file, and the stamp of what was read."""
        with self._reporting():
            return self._content(entry.file, MAX_PEM_BYTES)

    def check_unused(self, spec: KeySpec) -> None:
        """KeyExists when a key had this label or identifier at any time."""
        index = self.index()
        if spec.label in index.labels:
            raise KeyExists(f"the label {spec.label!r} is taken, or was")
        if spec.key_id.hex() in index.key_ids:
            raise KeyExists(f"the identifier {spec.key_id.hex()} is taken, or was")

    def add(self, spec: KeySpec, pem: bytes, spki: bytes) -> Entry:
        """Keeps a new key; KeyExists when its label or identifier was ever used."""
        entry = Entry(label=spec.label, key_id=spec.key_id, kind=spec.kind, spki=spki)
        with self._reporting(), self._locked():
            self.check_unused(spec)
            index = self.index()
            if not index.labels:
                self._exchange(index)
            try:
                self._create(entry.file, pem)
            except FileExistsError:
                raise KeyExists(f"the identifier {spec.key_id.hex()} has a file already") from None
            self._exchange(
                Index(
                    keys=(*index.keys, entry),
                    labels=(*index.labels, entry.label),
                    key_ids=(*index.key_ids, entry.key_id.hex()),
                )
            )
        return entry

    def remove(self, entry: Entry) -> None:
        """Zeroes and removes a key's file, then its row; its names stay used. KeyNotFound."""
        with self._reporting(), self._locked():
            index = self.index()
            if entry not in index.keys:
                raise KeyNotFound(f"key {entry.label!r} is destroyed already")
            with suppress(FileNotFoundError):
                self._erase(entry.file)
            self._exchange(replace(index, keys=tuple(one for one in index.keys if one != entry)))

    def _check_folder(self) -> None:
        status = self._folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or not _is_private(status):
            raise TokenUnavailable(f"{self._folder} is not a folder of this user with mode 0700")

    def _index(self) -> Index | None:
        """The index; None when it has no file."""
        kept = self._read
        try:
            if kept and kept[0] == _stamp((self._folder / _INDEX).lstat()):
                return kept[1]
            octets, stamp = self._content(_INDEX, _MAX_INDEX_BYTES)
        except FileNotFoundError:
            return None
        index = _decoded(octets)
        self._read = stamp, index
        return index

    def _no_keys(self) -> Index | None:
        return None if any(path.suffix == ".pem" for path in self._folder.iterdir()) else Index()

    def _lost(self) -> NoReturn:
        raise TokenUnavailable(f"{self._folder} has keys, but its {_INDEX} is gone")

    def _content(self, name: str, most: int) -> tuple[bytes, Stamp]:
        descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or not _is_private(status):
                raise TokenUnavailable(f"{name} is not a file of this user with mode 0600")
            octets = file.read(most + 1)
        if len(octets) > most:
            raise TokenUnavailable(f"{name} is longer than {most} bytes")
        return octets, _stamp(status)

    def _create(self, name: str, octets: bytes) -> None:
        """A new file, whole and on the disk; FileExistsError when there is one."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._folder / name, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(descriptor)
        except OSError:
            (self._folder / name).unlink()
            raise

    def _exchange(self, index: Index) -> None:
        (self._folder / _NEW_INDEX).unlink(missing_ok=True)
        self._create(_NEW_INDEX, _encoded(index))
        (self._folder / _NEW_INDEX).replace(self._folder / _INDEX)
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _erase(self, name: str) -> None:
        """Zeros over the file before it goes; a file system that copies on write keeps the old blocks."""
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(os.fstat(descriptor).st_size))
            file.flush()
            os.fsync(descriptor)
        (self._folder / name).unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of all threads and processes: each opens the file for itself."""
        self._check_folder()
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._folder / _LOCK, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """What the system refuses, as TokenUnavailable."""
        try:
            yield
        except OSError as error:
            raise TokenUnavailable(f"the store {self._folder}: {error.strerror}") from None


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _is_private(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _encoded(index: Index) -> bytes:
    rows = [
        {
            "label": entry.label,
            "id": entry.key_id.hex(),
            "kind": entry.kind,
            "spki": base64.b64encode(entry.spki).decode("ascii"),
        }
        for entry in index.keys
    ]
    content = {"format": _FORMAT, "keys": rows, "used_labels": index.labels, "used_ids": index.key_ids}
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def _decoded(octets: bytes) -> Index:
    try:
        content: Any = json.loads(octets)
        if content["format"] != _FORMAT:
            raise TokenUnavailable(f"{_INDEX} is of another format")
        return Index(
            keys=tuple(_entry(row) for row in content["keys"]),
            labels=tuple(map(str, content["used_labels"])),
            key_ids=tuple(map(str, content["used_ids"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TokenUnavailable(f"{_INDEX} cannot be read") from None


def _entry(row: Any) -> Entry:
    return Entry(
        label=str(row["label"]),
        key_id=bytes.fromhex(row["id"]),
        kind=KeyKind(row["kind"]),
        spki=base64.b64decode(row["spki"], validate=True),
    )
