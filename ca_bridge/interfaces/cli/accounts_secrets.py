"""Secrets of accounts at the command line: typed unseen or kept in files, never shown and never arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import click

from ca_bridge.interfaces.cli.release_proof import ask_secret, read_secret
from ca_bridge.services.manage_recognition.credentials import hash_secret, new_secret, usable_secret
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import ReleaseRefused

_SHOWN_DIGITS = 16


@dataclass(slots=True)
class SecretFiles:
    """Files that new secrets were written to."""

    made: list[Path] = field(default_factory=list)

    def make(self, file: Path) -> str:
        """Write a new secret to ``file``, its owner's alone, which must not exist; what is stored of it."""
        secret = new_secret()
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(f"{secret}\n")
        except OSError as error:
            raise click.UsageError(f"{printable(str(file))}: {error.strerror} / 无法写入") from error
        self.made.append(file)
        return hash_secret(secret)


@contextmanager
def secret_files() -> Iterator[SecretFiles]:
    """New secrets; when what they were made for is refused, their files are removed.

    When nobody knows whether it was done they stay: the secrets may be the ones in use.
    """
    files = SecretFiles()
    try:
        yield files
    except (ReleaseRefused, click.UsageError):
        for file in files.made:
            file.unlink(missing_ok=True)
        raise


def read_new_secret(file: Path) -> str:
    """What is stored of the secret in ``file``."""
    return _hashed(read_secret(file))


def ask_new_secret(name: str) -> str:
    """What is stored of a secret that is typed twice."""
    return _hashed(ask_secret(name, twice=True))


def secret_id(stored: str) -> str:
    """By which people compare what is stored of a secret, without seeing it; "" when there is none."""
    return sha256(stored.encode()).hexdigest()[:_SHOWN_DIGITS] if stored else ""


def _hashed(secret: str) -> str:
    if not usable_secret(secret):
        raise click.UsageError("a secret has 16 to 1024 characters / 密钥须为 16 至 1024 个字符")
    return hash_secret(secret)
