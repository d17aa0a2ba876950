"""Files named on the command line, read within a bound and split into what they hold."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Pool
from ca_bridge.interfaces.cli.terminal import unreadable
from ca_bridge.services.printable import printable

MAX_FILE_BYTES = 96 << 20
_STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Material:
    """What files hold, as DER, by kind."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The file's bytes ("-" = standard input), at most 96 MiB; a click.UsageError names what went wrong."""
    name = printable(str(path))
    try:
        if path == _STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "unusable name"
        raise click.UsageError(f"{name}: cannot be read: {why} / 文件无法读取") from error
    if len(data) > MAX_FILE_BYTES:
        raise click.UsageError(f"{name}: larger than {MAX_FILE_BYTES} bytes / 文件过大")
    return data


def read_material(paths: Iterable[Path]) -> Material:
    """Everything the files hold, whatever their form; a file that is none of these is a usage error."""
    found: dict[str, list[bytes]] = {"certificate": [], "crl": [], "ocsp": []}
    for path in paths:
        try:
            items = decode_bundle(read_bytes(path))
        except Malformed as error:
            raise unreadable(printable(str(path)), error.reason, error.params) from error
        for item in items:
            found[item.kind].append(item.der)
    return Material(tuple(found["certificate"]), tuple(found["crl"]), tuple(found["ocsp"]))


def split_target(certificates: tuple[bytes, ...], pool: Pool) -> tuple[bytes, tuple[bytes, ...]]:
    """The certificate to judge among those of one file, and the others.

    It is the only one that is no issuer of another by name, wherever it stands; else the first.
    """
    names: dict[bytes, tuple[object, object]] = {}
    for der in certificates:
        try:
            certificate = pool.certificate(der)
        except Malformed:
            continue
        names[der] = (certificate.subject, certificate.issuer)
    leaves = [
        der
        for der, (subject, _) in names.items()
        if not any(other != der and issuer == subject for other, (_, issuer) in names.items())
    ]
    target = leaves[0] if len(leaves) == 1 and len(names) == len(set(certificates)) else certificates[0]
    return target, tuple(der for der in certificates if der != target)
