"""Files that the commands of keys write: statements to sign, and what came of a ceremony."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ca_bridge.interfaces.cli.keys_view import pem
from ca_bridge.services.key_management.model import KeyPlan, KeyTranscript, RegisteredKey
from ca_bridge.services.key_management.transcript import transcript_fields
from ca_bridge.services.printable import printable

_SHOWN_DIGITS = 8


def make_folder(folder: Path) -> None:
    """The folder is there; a usage error otherwise, before anything was done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_new(file: Path, content: bytes) -> None:
    """A file that was not there before; a usage error when it was, for somebody may be signing it."""
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise _unwritable(file, error) from error


def write_statements(folder: Path, plan: KeyPlan, statements: Sequence[tuple[str, bytes]]) -> list[Path]:
    """One file for each approver, named by the plan's hash and the account."""
    make_folder(folder)
    files = []
    for account, statement in statements:
        file = folder / f"statement-{plan.sha256[:_SHOWN_DIGITS]}-{account}.json"
        write_new(file, statement)
        files.append(file)
    return files


def write_results(folder: Path, key: RegisteredKey, transcript: KeyTranscript | None) -> list[Path]:
    """The transcript with its signatures, and certificate, request and attestation where there are some."""
    make_folder(folder)
    contents: list[tuple[str, bytes]] = []
    if transcript is not None:
        text = json.dumps(transcript_fields(transcript), ensure_ascii=False, indent=2)
        contents.append((f"{transcript.plan_sha256[:_SHOWN_DIGITS]}-transcript.json", f"{text}\n".encode()))
    if key.certificate is not None:
        contents.append(("certificate.pem", pem("CERTIFICATE", key.certificate).encode()))
    if key.csr is not None:
        contents.append(("request.pem", pem("CERTIFICATE REQUEST", key.csr).encode()))
    if key.attestation is not None:
        contents.append(("attestation.bin", key.attestation))
    files = [folder / f"{key.key_id}-{name}" for name, _ in contents]
    for file, (_, content) in zip(files, contents, strict=True):
        try:
            file.write_bytes(content)
        except OSError as error:
            raise _unwritable(file, error) from error
    return files


def _unwritable(file: Path, error: OSError) -> click.UsageError:
    return click.UsageError(f"{printable(str(file))}: {error.strerror} / 无法写入")
