"""`ca-bridge trust-list`: see, compare, import and publish the lists of both sides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.core.x509.times import time_text
from ca_bridge.interfaces.cli.files import read_bytes
from ca_bridge.interfaces.cli.terminal import usage_error
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_time
from ca_bridge.services.printable import printable
from ca_bridge.services.trust_list_csv import CsvPage, read_page
from ca_bridge.services.trust_list_exchange.errors import TrustListRefused
from ca_bridge.services.trust_list_exchange.importing import Imported, import_list, import_page
from ca_bridge.services.trust_list_exchange.listed_service import ListedService
from ca_bridge.services.trust_list_exchange.read_list import ReadList

_PIN = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST = 4096
_REFUSED = 1


class ListFormat(StrEnum):
    """Forms of a list."""

    XML = "xml"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustListDesk:
    """What the commands work with; nothing is built before a command needs it.

    ``stored`` gives the list of the policy in force by its identifier; ``publish`` the next issue of a
    list in a form, signed where the form has signatures, and keeps it as the last one.
    """

    now: Callable[[], datetime]
    stored: Callable[[str], TrustList | None]
    read_xml: Callable[[bytes, Collection[str], datetime], ReadList]
    read_json: Callable[[bytes, Collection[str], datetime], TrustList]
    publish: Callable[[TrustList, ListFormat], bytes]


_file = click.argument("file", type=click.Path(path_type=Path))
_signers = click.option(
    "--signer",
    "signers",
    multiple=True,
    callback=lambda _ctx, _param, values: _pins(values),
    help="SHA-256 of a certificate that may sign the list; XML and JSON need one. / 签名者证书。",
)
_identifier = click.option("--list", "identifier", help="The list that FILE has to be. / 应为哪一份列表。")
_out = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write. / 输出文件。",
)
_format = click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ListFormat]),
    callback=lambda _ctx, _param, value: None if value is None else ListFormat(value),
    help="Default: by the file's name. / 默认按文件名判断。",
)


def trust_list_commands(desk: TrustListDesk) -> click.Group:
    """The `trust-list` group over ``desk``."""

    @click.group(name="trust-list", help="Trust lists of both sides / 双方的信任列表")
    def trust_list() -> None: ...

    trust_list.add_command(_show_command(desk))
    trust_list.add_command(_diff_command(desk))
    trust_list.add_command(_import_command(desk))
    trust_list.add_command(_export_command(desk))
    return trust_list


def _show_command(desk: TrustListDesk) -> click.Command:
    @click.command(
        name="show",
        short_help="Services of a signed XML list / 查看列表中的服务",
        help="Services of any TS 119 612 list and their standing at an instant. / 查看 XML 列表。",
    )
    @_file
    @_signers
    @click.option("--at", help="Instant; default now. / 时间，默认为现在。")
    def show(file: Path, signers: tuple[str, ...], at: str | None) -> None:
        now = desk.now()
        with _refusals():
            instant = read_time("validation_time", at) if at else now
            found = desk.read_xml(read_bytes(file), _needed(signers), now)
        for service in found.services:
            _say(_service_line(service, instant))

    return show


def _diff_command(desk: TrustListDesk) -> click.Command:
    @click.command(
        name="diff",
        short_help="What importing FILE would change / 导入将带来的变化",
        help="What importing FILE would change; nothing is written. / 导入将带来的变化；不写入任何内容。",
    )
    @_file
    @_signers
    @_identifier
    @_format
    def diff(file: Path, signers: tuple[str, ...], identifier: str | None, form: ListFormat | None) -> None:
        _show_changes(_import(desk, file, signers, identifier, form))

    return diff


def _import_command(desk: TrustListDesk) -> click.Command:
    @click.command(
        name="import",
        short_help="Verify FILE and write the document to propose / 验证并生成待审批文件",
        help="Verify FILE, show what it changes, and write the policy document to propose in a release. / "
        "验证 FILE，显示变化，并写出供发布审批的策略文件。",
    )
    @_file
    @_signers
    @_identifier
    @_format
    @_out
    def import_(
        file: Path, signers: tuple[str, ...], identifier: str | None, form: ListFormat | None, out: Path
    ) -> None:
        found = _import(desk, file, signers, identifier, form)
        _show_changes(found)
        for data in found.documents.values():
            _write(out, _document(data))

    return import_


def _export_command(desk: TrustListDesk) -> click.Command:
    @click.command(
        name="export",
        short_help="Publish a list / 发布列表",
        help="Publish the list IDENTIFIER in force, also the other side's, as its next issue. / "
        "将现行策略中的列表 IDENTIFIER（含对方的列表）作为新一期发布。",
    )
    @click.argument("identifier")
    @_format
    @_out
    def export(identifier: str, form: ListFormat | None, out: Path) -> None:
        stored = _stored(desk, identifier)
        with _refusals():
            raw = desk.publish(stored, form or _form_of(out))
        _write(out, raw)

    return export


def _import(
    desk: TrustListDesk, file: Path, signers: tuple[str, ...], identifier: str | None, form: ListFormat | None
) -> Imported:
    form, raw, now = form or _form_of(file), read_bytes(file), desk.now()
    with _refusals():
        if form is ListFormat.CSV:
            if identifier is None:
                raise click.UsageError("a page needs --list / CSV 需指明 --list")
            page = read_page(raw)
            _show_problems(page)
            return import_page(page.entries, _stored(desk, identifier), now)
        if form is ListFormat.XML:
            found = desk.read_xml(raw, _needed(signers), now).with_conditions()
        else:
            found = desk.read_json(raw, _needed(signers), now)
        return import_list(found, desk.stored(found.identifier), now, identifier=identifier)


def _stored(desk: TrustListDesk, identifier: str) -> TrustList:
    stored = desk.stored(identifier)
    if stored is None:
        name = printable(identifier)
        raise click.UsageError(f"no trust list {name} in the policy / 策略中没有信任列表 {name}")
    return stored


def _pins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Fingerprints as people copy them: upper case and colons are let be."""
    pins = tuple(value.replace(":", "").lower() for value in values)
    for pin in pins:
        if not _PIN.fullmatch(pin):
            raise click.BadParameter("64 hexadecimal digits are asked / 应为 64 位十六进制 SHA-256")
    return pins


def _needed(signers: tuple[str, ...]) -> tuple[str, ...]:
    if not signers:
        raise click.UsageError("--signer is needed / 需指明 --signer")
    return signers


def _form_of(path: Path) -> ListFormat:
    try:
        return ListFormat(path.suffix.removeprefix(".").lower())
    except ValueError as error:
        raise click.UsageError("--format is needed for this name / 请指明 --format") from error


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal ends the command with its code and both texts; exit 1."""
    try:
        yield
    except TrustListRefused as error:
        click.echo(f"{error.code}: {error.message_zh} / {error.message_en}", err=True)
        raise SystemExit(_REFUSED) from error
    except UnusableQuestion as error:
        raise usage_error(error) from error


def _show_problems(page: CsvPage) -> None:
    for problem in page.problems:
        _say(f"row / 行 {problem.number}: {problem.message_zh} / {problem.message_en}")


def _show_changes(found: Imported) -> None:
    for change in found.changes:
        _say(f"{change.message_zh} / {change.message_en}")
    if not found.changes:
        _say("没有变化 / nothing changes")


def _service_line(service: ListedService, instant: datetime) -> str:
    period = service.period_at(instant) or service.current
    provider, name = service.provider[0][1], period.names[0][1]
    unknown = (
        f" (critical / 关键扩展: {', '.join(service.unknown_critical)})" if service.unknown_critical else ""
    )
    standing = service.status_at(instant).value
    return f"{standing}{unknown}: {provider}: {name}: {period.status} since / 自 {time_text(period.since)}"


def _document(data: Mapping[str, Any]) -> bytes:
    """The policy document in JSON, which is YAML as well."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise click.UsageError(f"{printable(str(path))}: {error.strerror} / 无法写入") from error


def _say(line: str) -> None:
    click.echo(printable(line, _LONGEST))
