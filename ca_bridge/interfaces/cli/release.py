"""`ca-bridge release`: the life of a change, step by step, and every look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from ca_bridge.interfaces.cli import release_compare as compare
from ca_bridge.interfaces.cli import release_looks as looks
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_export import EXPORTED, FOLDER, export_release
from ca_bridge.interfaces.cli.release_steps import STEPS, DeskOf, step_command
from ca_bridge.interfaces.cli.release_view import Output, output_options, refusals
from ca_bridge.interfaces.cli.statements import statement_commands

_DIFF_EN = (
    "What release NUMBER changes: documents and values, against its base or release AGAINST (0 = nothing); "
    "who reaches whom, against what is in force or AGAINST (0 = the policies folder)"
)
_DIFF_ZH = (
    "发布版本的变更：文件与值（相对其基础版本，或 AGAINST，0 为空）；"
    "可达关系（相对现行版本，或 AGAINST，0 为策略目录）"
)
_Options = Iterable[Callable[..., Any]]
_LOOKS: tuple[tuple[str, str, str, Callable[..., None], _Options], ...] = (
    ("list", "Releases, newest first", "列出发布版本，从新到旧", looks.look_at_list, looks.LIST_OPTIONS),
    (
        "show",
        "One release",
        "查看一个发布版本",
        looks.look_at_release,
        (
            compare.NUMBER,
            click.option("--documents", is_flag=True, help="With its documents. / 包括其文件。"),
        ),
    ),
    (
        "diff",
        _DIFF_EN,
        _DIFF_ZH,
        compare.look_at_difference,
        (compare.NUMBER, compare.AGAINST, compare.LIMIT),
    ),
    (
        "export",
        "Write the documents of release NUMBER (0 = the policies folder) to a new FOLDER for the next change",
        "将发布版本（0 为策略目录）的文件写入新目录，供编写下一次变更",
        export_release,
        (EXPORTED, FOLDER),
    ),
    (
        "effective",
        "The release in force now or at an instant; 0 = the policies folder",
        "现在或某一时刻生效的版本；0 为策略目录",
        looks.look_at_effective,
        (click.option("--at", help="2026-01-31 or RFC 3339. / 时刻。"),),
    ),
    (
        "trail",
        "The audit trail, and whether its chain of hashes is whole; exit 1 when not",
        "审计记录及哈希链校验；不完整时退出码为 1",
        looks.look_at_trail,
        looks.TRAIL_OPTIONS,
    ),
)


def release_commands(desk_of: DeskOf) -> click.Group:
    """The `release` group; ``desk_of`` opens the desk when a command needs it."""

    @click.group(
        short_help="Life of a change of policy / 策略变更的生命周期",
        help="Life of a change of policy: draft, lint, simulate, submit, approve, in force. Exit codes: "
        "0 done, 1 refused, 2 usage, 3 cannot be known now. / 策略变更：起草、检查、模拟、提交、批准、生效。"
        "退出码：0 完成，1 被拒绝，2 用法错误，3 目前无法确定。",
    )
    def release() -> None: ...

    for step in STEPS:
        release.add_command(step_command(step, desk_of))
    release.add_command(statement_commands(desk_of))
    for name, en, zh, look, options in _LOOKS:
        release.add_command(_look_command(desk_of, name, (en, zh), look, options))
    return release


def _look_command(
    desk_of: DeskOf, name: str, texts: tuple[str, str], look: Callable[..., None], options: _Options
) -> click.Command:
    """A command that only looks: ``look`` gets the desk, how to speak, and the arguments."""

    def callback(*, as_json: bool, speech: Speech, **arguments: Any) -> None:
        out = Output(as_json, speech)
        with refusals(out):
            look(desk_of(), out, **arguments)

    decorated: Callable[..., Any] = output_options(callback)
    for option in reversed(tuple(options)):
        decorated = option(decorated)
    en, zh = texts
    short = f"{en.partition(':')[0]} / {zh.partition('：')[0]}"
    made: click.Command = click.command(name=name, short_help=short, help=f"{en}. / {zh}。")(decorated)
    return made
