"""`ca-bridge policy`: every mistake in the policy files, with file, line and both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ca_bridge.services.policy_report import PolicyReport
from ca_bridge.services.printable import printable

_LONGEST = 2048
Inspect = Callable[[], PolicyReport]
Lint = Callable[[Path | None], PolicyReport]


def policy_commands(inspect: Inspect) -> click.Group:
    """The `policy` group; ``inspect`` reads the policies folder of the settings."""

    @click.group(help="Policy files / 策略文件")
    def policy() -> None: ...

    @policy.command(
        short_help="Check every policy file / 检查全部策略文件",
        help="Check every policy file; exit 0 when all can be used, 1 otherwise. / 检查全部策略文件；"
        "全部可用时退出码为 0，否则为 1。",
    )
    def check() -> None:
        report = inspect()
        _say_problems(report)
        for domain, fingerprint, name in report.missing_anchors:
            _say(f"{domain}: not imported yet / 尚未导入: {name} ({fingerprint}); ca-bridge anchors add FILE")
        if report.absent_default:
            _say(f"no default domain / 缺少默认信任域: {report.absent_default} (CA_BRIDGE_DEFAULT_DOMAIN)")
        _end(report)
        click.echo(f"{report.domains} domain(s) can be used / {report.domains} 个信任域可用")

    return policy


def lint_command(lint: Lint) -> click.Command:
    """`policy lint [FOLDER]`; ``lint`` reads that folder, or the one of the settings."""

    @click.command(
        name="lint",
        short_help="Check all documents of a policies folder / 检查策略目录的全部文件",
        help="Check domains, agreements, trust lists, the blocklist and tables of FOLDER together, or of the "
        "configured folder; certificates need not be imported. Exit 0 when nothing is wrong, 1 otherwise, "
        "2 when there is no such folder. / 一并检查目录中的信任域、协议、信任列表、黑名单和各表，缺省为"
        "所配置的目录；无须导入证书。无误时退出码为 0，有误为 1，目录不存在为 2。",
    )
    @click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
    def command(folder: Path | None) -> None:
        report = lint(folder)
        _say_problems(report)
        _end(report)
        click.echo(f"nothing is wrong; {report.domains} domain(s) / 没有问题；{report.domains} 个信任域")

    return command


def _say_problems(report: PolicyReport) -> None:
    for problem in report.problems:
        _say(f"{problem.file}:{problem.line}: {problem.message_en} / {problem.message_zh}")


def _end(report: PolicyReport) -> None:
    """Exit with 1 when anything is wrong."""
    count = len(report.problems)
    if count:
        click.echo(f"{count} problem(s) / {count} 处问题", err=True)
        raise SystemExit(1)


def _say(line: str) -> None:
    """One line: names in files are data and may hold anything."""
    click.echo(printable(line, _LONGEST))
