"""Stored requests as JSON lines in a folder: a file for each day and process, private, expiring, bounded.

Durability is that of an aid to analysis, not of an audit trail: each request is handed to the system at
once, and forced to the disk every few seconds and when a file is closed.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from threading import Lock
from typing import Any

from ca_bridge.core.x509.identity_key import PersonalDigest
from ca_bridge.services.impact.journal_port import JournalContents, JournalFailed
from ca_bridge.services.impact.record_data import MAX_RECORD_BYTES

_PATTERN = "requests-*.jsonl"
_KEY = "digest.key"
_KEY_BYTES = 32
_CERTIFICATE = b'{"certificate":'
_MAX_CERTIFICATES = 100_000
_SYNC_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLimits:
    """How long and how much is kept; a file is closed at ``segment_bytes`` or at the end of the day (UTC)."""

    keep_days: int = 30
    max_bytes: int = 2 << 30
    segment_bytes: int = 64 << 20


@dataclass(slots=True)
class _Segment:
    """The file that ``process`` writes, and the certificates that are in it."""

    process: int
    day: date
    file: int
    synced: datetime
    written: int
    certificates: set[str]


class RequestJournalFolder:
    """A RequestJournal in ``folder``, which is made when it is missing (0700, its files 0600)."""

    def __init__(self, folder: Path, limits: JournalLimits | None = None) -> None:
        self._folder = folder
        self._limits = limits or JournalLimits()
        self._lock = Lock()
        self._segment: _Segment | None = None
        self._personal: PersonalDigest | None = None

    def digest(self, text: str) -> str:
        """HMAC-SM3 under the folder's own key, which is made when it is missing."""
        if self._personal is None:
            try:
                self._personal = PersonalDigest(self._key())
            except (OSError, ValueError) as error:
                raise JournalFailed(f"{self._folder / _KEY}: {error}") from error
        return self._personal(text)

    def append(self, time: datetime, record: Mapping[str, Any], certificates: Mapping[str, bytes]) -> None:
        """One line, after those of the certificates that this file lacks; JournalFailed."""
        line = json.dumps(record, separators=(",", ":")).encode()
        if len(line) > MAX_RECORD_BYTES:
            raise JournalFailed(f"a request of {len(line)} bytes is not kept")
        with self._lock:
            try:
                self._write(time, line, certificates)
            except OSError as error:
                self._forget()  # a line that was cut short ends its file
                raise _failed(self._folder, error) from error

    def contents(self) -> JournalContents:
        """All requests that are there; JournalFailed, at once or on the way, when they cannot be read."""
        try:
            certificates: dict[str, bytes] = {}
            count = 0
            for line in self._lines():
                if not line.startswith(_CERTIFICATE):
                    count += 1
                elif len(certificates) < _MAX_CERTIFICATES:
                    der = _certificate(line)
                    certificates[sha256(der).hexdigest()] = der
        except OSError as error:
            raise _failed(self._folder, error) from error
        return JournalContents(certificates, count, self._requests())

    def expire(self, today: date) -> None:
        """Remove files of days that are no longer kept, then the oldest until the rest and a new one fit.

        Happens before a file is begun; called by those who read, it keeps the promise where nobody writes.
        """
        first = (today - timedelta(days=self._limits.keep_days - 1)).isoformat()
        kept: list[tuple[Path, int]] = []
        for path in self._files():
            if path.name[len("requests-") :][:10] < first:
                path.unlink(missing_ok=True)
            else:
                with suppress(FileNotFoundError):  # another process was quicker
                    kept.append((path, path.stat().st_size))
        total = sum(size for _, size in kept)
        for path, size in kept:
            if total <= self._limits.max_bytes - self._limits.segment_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size

    def close(self) -> None:
        """Force what was written to the disk."""
        with self._lock:
            self._close()

    def _write(self, time: datetime, line: bytes, certificates: Mapping[str, bytes]) -> None:
        segment = self._segment_for(time)
        fresh = {f: der for f, der in certificates.items() if f not in segment.certificates}
        known = b"".join(_CERTIFICATE + b'"' + b64encode(der) + b'"}\n' for der in fresh.values())
        data = known + line + b"\n"
        _write_all(segment.file, data)
        segment.certificates.update(fresh)
        segment.written += len(data)
        if time - segment.synced >= _SYNC_EVERY:
            os.fsync(segment.file)
            segment.synced = time

    def _segment_for(self, time: datetime) -> _Segment:
        segment = self._segment
        if segment is not None and segment.process == os.getpid():
            if segment.day == time.date() and segment.written < self._limits.segment_bytes:
                return segment
            self._close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.expire(time.date())
        path = self._folder / f"requests-{time:%Y-%m-%dT%H%M%S}-{token_hex(8)}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._segment = _Segment(os.getpid(), time.date(), file, time, 0, set())
        return self._segment

    def _close(self) -> None:
        segment = self._segment
        if segment is not None and segment.process == os.getpid():
            os.fsync(segment.file)
            self._forget()

    def _forget(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            with suppress(OSError):
                os.close(segment.file)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(_PATTERN))

    def _lines(self) -> Iterator[bytes]:
        """Whole lines, at most ``MAX_RECORD_BYTES`` of each; a line that was cut short is a line."""
        for path in self._files():
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                continue  # expired meanwhile
            with stream:
                while line := stream.readline(MAX_RECORD_BYTES + 2):
                    yield line.rstrip(b"\n")

    def _requests(self) -> Iterator[bytes]:
        try:
            yield from (line for line in self._lines() if not line.startswith(_CERTIFICATE))
        except OSError as error:
            raise _failed(self._folder, error) from error

    def _key(self) -> bytes:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, new = self._folder / _KEY, self._folder / f"{_KEY}.{token_hex(8)}"
        if not path.exists():
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(token_bytes(_KEY_BYTES))
                stream.flush()
                os.fsync(stream.fileno())
            with suppress(FileExistsError):
                os.link(new, path)  # whole or not at all; the first process wins
            new.unlink()
        return path.read_bytes()


def _failed(folder: Path, error: OSError) -> JournalFailed:
    return JournalFailed(f"{folder}: {error.strerror or error}")


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _certificate(line: bytes) -> bytes:
    """DER of a certificate's line; b"" when it is broken."""
    try:
        return b64decode(line[len(_CERTIFICATE) + 1 : -2], validate=True)
    except ValueError:
        return b""
