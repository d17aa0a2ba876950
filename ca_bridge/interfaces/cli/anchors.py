"""`ca-bridge anchors add FILE`: import a certificate that a domain pins, after a person compared it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.times import time_text
from ca_bridge.interfaces.cli.files import read_material
from ca_bridge.interfaces.cli.terminal import unreadable
from ca_bridge.services.describe import name_text
from ca_bridge.services.printable import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorShelf:
    """Where imported anchors lie, what lies there (SHA-256 to DER), and which domains pin what."""

    folder: Path
    pinned_by: Mapping[str, tuple[str, ...]]
    imported: Callable[[], Mapping[str, bytes]]


def anchors_commands(shelf: Callable[[], AnchorShelf]) -> click.Group:
    """The `anchors` group over the shelf of the settings."""

    @click.group(help="Trust anchors / 信任锚")
    def anchors() -> None: ...

    @anchors.command(
        name="add",
        short_help="Import the certificates in FILE / 导入证书",
        help="Import the certificates in FILE. / 导入 FILE 中的证书。",
    )
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--yes", is_flag=True, help="Do not ask. / 不再询问。")
    @click.option(
        "--sha256",
        "expected",
        help="Import the certificate with this fingerprint and no other. / 仅导入指纹与此一致的证书。",
    )
    def add(file: Path, *, yes: bool, expected: str | None) -> None:
        target = shelf()
        imported = 0
        for certificate in _chosen(_read(file), expected):
            _show(certificate, target)
            if yes or expected is not None or click.confirm(_QUESTION):
                _store(certificate, target.folder)
                imported += 1
        if not imported:
            raise click.ClickException("nothing imported / 未导入")

    @anchors.command(
        name="list",
        short_help="Imported anchors / 已导入的信任锚",
        help="Imported anchors and who pins them. / 已导入的信任锚及登记它们的信任域。",
    )
    def list_() -> None:
        target = shelf()
        imported = target.imported()
        if not imported:
            click.echo("nothing imported yet / 尚未导入任何信任锚", err=True)
        for fingerprint, der in sorted(imported.items()):
            domains = ", ".join(target.pinned_by.get(fingerprint, ())) or "-"
            click.echo(f"{fingerprint}  {domains}  {_subject(der)}")

    return anchors


_QUESTION = "Compared with the CA's own publication; import? / 已与 CA 公布的指纹核对，确认导入？"


def _read(file: Path) -> list[Certificate]:
    """The certificates of the file, each once; click.UsageError when it holds none or cannot be read."""
    shown = printable(str(file))
    try:
        found = [parse_certificate(der) for der in dict.fromkeys(read_material((file,)).certificates)]
    except Malformed as error:
        raise unreadable(shown, error.reason, error.params) from error
    if not found:
        raise click.UsageError(f"{shown}: no certificate in it / 文件中没有证书")
    return found


def _chosen(found: list[Certificate], expected: str | None) -> list[Certificate]:
    if expected is None:
        return found
    wanted = "".join(expected.replace(":", "").split()).lower()
    chosen = [certificate for certificate in found if certificate.fingerprint == wanted]
    if not chosen:
        raise click.ClickException(
            "no certificate in the file has the fingerprint of --sha256; nothing imported / "
            "文件中没有指纹与 --sha256 一致的证书，未导入"
        )
    return chosen


def _show(certificate: Certificate, shelf: AnchorShelf) -> None:
    domains = shelf.pinned_by.get(certificate.fingerprint, ())
    click.echo(f"subject / 主体   {name_text(certificate.subject)}")
    click.echo(f"issuer / 颁发者  {name_text(certificate.issuer)}")
    click.echo(f"valid / 有效期   {time_text(certificate.not_before)} .. {time_text(certificate.not_after)}")
    click.echo(f"SHA-256          {certificate.fingerprint}")
    if domains:
        click.echo(f"pinned by / 登记于 {', '.join(domains)}")
    else:
        click.echo("pinned by no domain: importing it trusts nothing until a domain file pins this SHA-256")
        click.echo("没有信任域登记它：在某个信任域文件写入该 SHA-256 之前，导入不产生任何信任")


def _subject(der: bytes) -> str:
    try:
        return name_text(parse_certificate(der).subject)
    except Malformed as error:
        return f"({error.reason.code})"


def _store(certificate: Certificate, folder: Path) -> None:
    """Write beside and rename: a reader sees the whole file or none."""
    path = folder / f"{certificate.fingerprint}.der"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            fresh = Path(beside) / "new"
            with fresh.open("wb") as stream:
                stream.write(certificate.der)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(path)
    except OSError as error:
        raise click.ClickException(f"{printable(str(folder))}: {error.strerror} / 无法写入") from error
    click.echo(f"imported / 已导入 {path.name}")
