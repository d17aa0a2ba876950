"""`ca-bridge policy check`: every mistake in the policy files, with file, line and both languages."""

from __future__ import annotations

from collections.abc import Callable

import click

from ca_bridge.services.policy_report import PolicyReport
from ca_bridge.services.printable import printable

_LONGEST = 2048
Inspect = Callable[[], PolicyReport]


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
        for problem in report.problems:
            _say(f"{problem.file}:{problem.line}: {problem.message_en} / {problem.message_zh}")
        for domain, fingerprint, name in report.missing_anchors:
            _say(f"{domain}: not imported yet / 尚未导入: {name} ({fingerprint}); ca-bridge anchors add FILE")
        if report.absent_default:
            _say(f"no default domain / 缺少默认信任域: {report.absent_default} (CA_BRIDGE_DEFAULT_DOMAIN)")
        count = len(report.problems)
        if count:
            click.echo(f"{count} problem(s) / {count} 处问题", err=True)
            raise SystemExit(1)
        click.echo(f"{report.domains} domain(s) can be used / {report.domains} 个信任域可用")

    return policy


def _say(line: str) -> None:
    """One line: names in files are data and may hold anything."""
    click.echo(printable(line, _LONGEST))
