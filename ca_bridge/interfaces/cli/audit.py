"""`ca-bridge audit`: the log of everything that was decided, changed and signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from ca_bridge.interfaces.cli import audit_check as check
from ca_bridge.interfaces.cli import audit_looks as looks
from ca_bridge.interfaces.cli.audit_view import audit_refusals
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_view import Output, output_options
from ca_bridge.services.audit.desk import AuditDesk

DeskOf = Callable[[], AuditDesk]
_Options = Iterable[Callable[..., Any]]
_COMMANDS: tuple[tuple[str, str, str, Callable[..., None], _Options], ...] = (
    (
        "verify",
        "Check the whole log: every entry, hash and checkpoint; faults are named, exit 1",
        "校验整个日志：逐条核对条目、散列与检查点；指出问题所在，退出码为 1",
        check.verify,
        check.VERIFY_OPTIONS,
    ),
    (
        "export",
        "Write the log up to its last checkpoint to FOLDER as tiles; again: only what is new",
        "将日志（至最近检查点）以分片形式写入目录；再次运行只写入新增部分",
        check.export,
        (check.FOLDER,),
    ),
    (
        "checkpoint",
        "Sign the log as it is and print the checkpoint: keep it elsewhere, for --witness",
        "对日志现状签名并输出检查点：请保存在别处，供 --witness 使用",
        check.checkpoint,
        (check.STORED,),
    ),
    ("show", "Entries of the log", "查看日志条目", looks.show, looks.SHOW_OPTIONS),
    (
        "prove",
        "Proof that entry INDEX is in the log (RFC 9162 2.1.3)",
        "证明条目 INDEX 在日志中（RFC 9162 2.1.3）",
        looks.prove,
        looks.PROVE_OPTIONS,
    ),
    (
        "consistency",
        "Proof that the log of SECOND entries adds to that of FIRST (RFC 9162 2.1.4)",
        "证明 SECOND 条的日志是 FIRST 条的日志的延续（RFC 9162 2.1.4）",
        looks.consistency,
        looks.CONSISTENCY_OPTIONS,
    ),
)


def audit_commands(open_desk: DeskOf) -> click.Group:
    """The `audit` group; ``open_desk`` opens the desk when a command needs it."""

    @click.group(
        short_help="The audit log: check, prove, export / 审计日志",
        help="The audit log: check, prove, export. Exit codes: 0 as signed, 1 not so, or refused, 2 usage, "
        "3 cannot be known now. / 审计日志：校验、证明、导出。"
        "退出码：0 与签名一致，1 不一致或被拒绝，2 用法错误，3 目前无法确定。",
    )
    def audit() -> None: ...

    for name, en, zh, work, options in _COMMANDS:
        audit.add_command(_command(open_desk, name, (en, zh), work, options))
    return audit


def _command(
    open_desk: DeskOf, name: str, texts: tuple[str, str], work: Callable[..., None], options: _Options
) -> click.Command:
    def callback(*, as_json: bool, speech: Speech, **arguments: Any) -> None:
        out = Output(as_json, speech)
        with audit_refusals(out):
            work(open_desk(), out, **arguments)

    decorated: Callable[..., Any] = output_options(callback)
    for option in reversed(tuple(options)):
        decorated = option(decorated)
    en, zh = texts
    short = f"{en.partition(':')[0]} / {zh.partition('：')[0]}"
    made: click.Command = click.command(name=name, short_help=short, help=f"{en}. / {zh}。")(decorated)
    return made
