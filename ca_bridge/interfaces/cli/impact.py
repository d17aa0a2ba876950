"""`ca-bridge impact`: which answers a draft of the policy would change, before anybody signs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import click

from ca_bridge.core.request import Parameters, Purpose, RevocationRule
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.impact_input import certificate_questions
from ca_bridge.interfaces.cli.impact_view import draw_impact
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.progress import counted
from ca_bridge.interfaces.cli.terminal import show, usage_error
from ca_bridge.services.batch import read_lines
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import SentComparer
from ca_bridge.services.impact.comparison import Impact, Line, Tally
from ca_bridge.services.impact.impact_data import impact_data
from ca_bridge.services.impact.journal_port import JournalFailed, RequestJournal
from ca_bridge.services.impact.simulate import journal_comparer
from ca_bridge.services.printable import printable
from ca_bridge.services.question import read_parameters

FolderGateway = Callable[[Path], Gateway]
ReleaseGateway = Callable[[int], Gateway]
JournalSource = Callable[[], RequestJournal | None]
_FLIPS = 1
_MAX_SAMPLES = 100_000
_DATE_LENGTH = len("2026-01-31")
_PATH = click.Path(path_type=Path, exists=True)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


def impact_command(
    draft_gateway: FolderGateway, journal: JournalSource, release_gateway: ReleaseGateway
) -> click.Command:
    """The command.

    ``draft_gateway`` compiles another policies folder, ``release_gateway`` a release of the configured
    database by its number, both beside the settings' own gateway; ``journal`` is the settings' own.
    """

    @click.command(
        short_help="What a draft policy would change / 草案的影响分析",
        help="Judge the same requests under the policies in force and under a draft, and count whose answers "
        "change. Exit 0: none turns from passed to refused or back; 1: some do. / "
        "用现行策略与草案分别判定同一批请求，统计结果的变化；没有翻转时退出码为 0，有翻转时为 1。",
    )
    @click.option("--draft", type=_FOLDER, help="Policies folder of the draft. / 草案的策略目录。")
    @click.option(
        "--release", type=click.IntRange(1), help="Number of a release instead. / 或者：发布版本的编号。"
    )
    @click.option(
        "--requests", type=_PATH, help="Questions, one JSON object a line (docs/batch.md). / 批量请求文件。"
    )
    @click.option("--certificates", type=_PATH, help="A file or folder of certificates. / 证书文件或目录。")
    @click.option("--journal", "stored", is_flag=True, help="The stored requests. / 已留存的请求。")
    @click.option("--domain", help="Trust domain of --certificates. / --certificates 的信任域。")
    @click.option("--purpose", type=click.Choice([p.value for p in Purpose]), help="Default any. / 用途。")
    @click.option(
        "--at", help="Time of --certificates: 2026-01-31 or RFC 3339; default now. / 判定时间，默认为现在。"
    )
    @click.option(
        "--samples",
        type=click.IntRange(0, _MAX_SAMPLES),
        default=20,
        show_default=True,
        help="How many changed answers to show. / 显示多少条变化。",
    )
    @click.option("--json", "as_json", is_flag=True, help="As JSON. / 以 JSON 输出。")
    @language_option
    @click.pass_context
    def impact(context: click.Context, /, speech: Speech, **options: Any) -> None:
        composition: Composition = context.obj
        _check(options)
        draft = (
            release_gateway(options["release"])
            if options["draft"] is None
            else draft_gateway(options["draft"])
        )
        found = _compare(composition.built_gateway(), draft, journal, options)
        if options["as_json"]:
            click.echo(json.dumps(impact_data(found), ensure_ascii=False, indent=2))
        else:
            show(lambda out: draw_impact(out, found, speech))
        context.exit(_FLIPS if found.flips else 0)

    return impact


def _check(options: dict[str, Any]) -> None:
    if (options["draft"] is None) == (options["release"] is None):
        raise click.UsageError("one of --draft, --release / 请在 --draft、--release 中选一个")
    if sum(bool(options[name]) for name in ("requests", "certificates", "stored")) != 1:
        raise click.UsageError(
            "one of --requests, --certificates, --journal / "
            "请在 --requests、--certificates、--journal 中选一个"
        )
    if options["certificates"] is None and any(options[n] is not None for n in ("domain", "purpose", "at")):
        raise click.UsageError(
            "--domain, --purpose and --at belong to --certificates / "
            "--domain、--purpose、--at 仅用于 --certificates"
        )


def _compare(live: Gateway, draft: Gateway, journal: JournalSource, options: dict[str, Any]) -> Impact:
    if options["stored"]:
        return _compare_stored(live, draft, journal(), options["samples"])
    comparer = SentComparer(live, draft)
    if options["certificates"]:
        parameters = _parameters(live, options)
        found = certificate_questions(
            options["certificates"], parameters, options["domain"], live.engine.pool
        )
        lines = chain(repeat(Line(None), found.unreadable), map(comparer.compare, found.questions))
        return _tally(lines, found.unreadable + len(found.questions), options["samples"])
    path: Path = options["requests"]
    try:
        with path.open("rb") as stream:
            return _tally(map(comparer.compare_line, read_lines(stream)), None, options["samples"])
    except OSError as error:
        raise click.UsageError(f"{printable(str(path))}: {error.strerror} / 文件无法读取") from error


def _compare_stored(live: Gateway, draft: Gateway, journal: RequestJournal | None, samples: int) -> Impact:
    if journal is None:
        raise click.UsageError(
            "no requests are stored here: set CA_BRIDGE_REQUEST_JOURNAL (docs/impact.md) / "
            "此处未留存请求：请设置 CA_BRIDGE_REQUEST_JOURNAL（docs/impact.md）"
        )
    try:
        comparer, contents = journal_comparer(live.domains, draft.domains, journal)
        return _tally(map(comparer.compare_line, contents.lines), contents.count, samples)
    except JournalFailed as error:
        raise click.UsageError(f"{printable(str(error))} / 留存的请求无法读取") from error


def _tally(lines: Iterable[Line], total: int | None, samples: int) -> Impact:
    tally = Tally(max_samples=samples)
    for line in counted(lines, total):
        tally.add_line(line)
    return tally.impact()


def _parameters(live: Gateway, options: dict[str, Any]) -> Parameters:
    at = options["at"]
    full = f"{at}T00:00:00Z" if at is not None and len(at) == _DATE_LENGTH else at
    fields = {
        "validation_time": full,
        "purpose": options["purpose"],
        "revocation": RevocationRule.IF_AVAILABLE.value,
    }
    try:
        return read_parameters(fields, live.clock.now())
    except UnusableQuestion as error:
        raise usage_error(error) from error
