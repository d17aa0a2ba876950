"""`ca-bridge policy check`: every mistake in the policy files, with file, line and both languages."""

from __future__ import annotations

from collections.abc import Callable

import click

from ca_bridge.services.policy_report import PolicyReport

Inspect = Callable[[], PolicyReport]


def policy_commands(inspect: Inspect) -> click.Group:
    """The `policy` group; ``inspect`` reads the policies folder of the settings."""

    @click.group(help="Policy files / 策略文件")
    def policy() -> None: ...

    @policy.command(
        help="Check every policy file; exit 0 when all can be used, 1 otherwise. / 检查全部策略文件。"
    )
    def check() -> None:
        report = inspect()
        for problem in report.problems:
            click.echo(f"{problem.file}:{problem.line}: {problem.message_en} / {problem.message_zh}")
        for domain, fingerprint, name in report.missing_anchors:
            click.echo(
                f"{domain}: not imported yet / 尚未导入: {name} ({fingerprint}); ca-bridge anchors add FILE"
            )
        if report.problems:
            click.echo(f"{len(report.problems)} problem(s) / 处问题", err=True)
            raise SystemExit(1)
        click.echo(f"{report.domains} domain(s) can be used / 个信任域可用")

    return policy
