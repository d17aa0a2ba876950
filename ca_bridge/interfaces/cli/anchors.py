"""`ca-bridge anchors add FILE`: import a certificate that a domain pins, after a person compared it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.names import Name
from ca_bridge.services.printable import printable

_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorShelf:
    """Where imported anchors lie, and which domains pin which fingerprint."""

    folder: Path
    pinned_by: Mapping[str, tuple[str, ...]]


def anchors_commands(shelf: Callable[[], AnchorShelf]) -> click.Group:
    """The `anchors` group over the shelf of the settings."""

    @click.group(help="Trust anchors / 信任锚")
    def anchors() -> None: ...

    @anchors.command(name="add", help="Import the certificates in FILE. / 导入 FILE 中的证书。")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--yes", is_flag=True, help="Do not ask. / 不再询问。")
    @click.option(
        "--sha256", "expected", help="Import only if the fingerprint is this one. / 仅当指纹一致时导入。"
    )
    def add(file: Path, *, yes: bool, expected: str | None) -> None:
        target = shelf()
        for certificate in _read(file):
            _show(certificate, target)
            _agree(certificate, yes=yes, expected=expected)
            _store(certificate, target.folder)

    @anchors.command(name="list", help="Imported anchors and who pins them. / 已导入的信任锚。")
    def list_() -> None:
        target = shelf()
        for path in sorted(target.folder.glob("*.der")):
            domains = ", ".join(target.pinned_by.get(path.stem, ())) or "-"
            click.echo(f"{path.stem}  {domains}")

    return anchors


def _read(file: Path) -> list[Certificate]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror} / 无法读取") from error
    if len(raw) > _MAX_BYTES:
        raise click.UsageError(f"{file}: larger than {_MAX_BYTES} bytes / 文件过大")
    try:
        found = [parse_certificate(i.der) for i in decode_bundle(raw) if i.kind == "certificate"]
    except Malformed as error:
        reason = error.reason
        raise click.UsageError(f"{file}: {reason.code} (ca-bridge explain {reason.code})") from error
    if not found:
        raise click.UsageError(f"{file}: no certificate in it / 文件中没有证书")
    return found


def _show(certificate: Certificate, shelf: AnchorShelf) -> None:
    domains = shelf.pinned_by.get(certificate.fingerprint, ())
    click.echo(f"subject / 主体   {_shown(certificate.subject)}")
    click.echo(f"issuer / 颁发者  {_shown(certificate.issuer)}")
    click.echo(f"valid / 有效期   {certificate.not_before:%Y-%m-%d} .. {certificate.not_after:%Y-%m-%d}")
    click.echo(f"SHA-256          {certificate.fingerprint}")
    if domains:
        click.echo(f"pinned by / 锁定于 {', '.join(domains)}")
    else:
        click.echo("pinned by no domain: importing it trusts nothing until a domain file pins this SHA-256")
        click.echo("没有信任域锁定它：在某个信任域文件写入该 SHA-256 之前，导入不产生任何信任")


def _shown(name: Name) -> str:
    parts = (f"{a.oid}={a.text}" for rdn in name.rdns for a in rdn)
    return printable(", ".join(parts))


def _agree(certificate: Certificate, *, yes: bool, expected: str | None) -> None:
    if expected is not None and expected.replace(":", "").lower() != certificate.fingerprint:
        raise click.ClickException(
            "the fingerprint differs from --sha256; nothing imported / 指纹不一致，未导入"
        )
    question = "Compared with the CA's own publication; import? / 已与 CA 公布的指纹核对，确认导入？"
    if not yes and expected is None and not click.confirm(question):
        raise click.ClickException("nothing imported / 未导入")


def _store(certificate: Certificate, folder: Path) -> None:
    """Write beside and rename: a reader sees the whole file or none."""
    path = folder / f"{certificate.fingerprint}.der"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
            stream.write(certificate.der)
            stream.flush()
            os.fsync(stream.fileno())
        Path(stream.name).chmod(0o644)
        Path(stream.name).replace(path)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror} / 无法写入") from error
    click.echo(f"imported / 已导入 {path.name}")
