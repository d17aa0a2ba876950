"""`ca-bridge release`: each step once, with the options it has and the command they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ca_bridge.interfaces.cli.release_attempts import check_attempts
from ca_bridge.interfaces.cli.release_draw import draw_release, hint_next
from ca_bridge.interfaces.cli.release_given import Given
from ca_bridge.interfaces.cli.release_proof import proof_options, read_signing
from ca_bridge.interfaces.cli.release_view import HIGHEST, Output, output_options, refusals
from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    ApproveRelease,
    DraftRelease,
    LintRelease,
    RejectRelease,
    ReleaseCommand,
    RollBack,
    SimulateRelease,
    SubmitRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.fields import release_fields
from ca_bridge.services.manage_recognition.model import Release
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.release_desk import ReleaseDesk

DeskOf = Callable[[], ReleaseDesk]
"""Opens the desk; ConfigurationError when no database is configured."""

_number = click.argument("number", type=click.IntRange(1, HIGHEST))
_seen = click.option(
    "--seen",
    type=click.IntRange(0, HIGHEST),
    help="Version that was seen; default: the signed one, else the present one. / 所见版本，默认为当前版本。",
)
_decided = click.option(
    "--seen",
    type=click.IntRange(0, HIGHEST),
    help="Version that was looked at, needed unless it is signed. / 所查看的版本，未签名时必须指明。",
)
_folder = click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_base = click.option(
    "--base",
    type=click.IntRange(0, HIGHEST),
    help="Release the change is made from; default: the newest approved. / 所基于的版本。",
)
_note = click.option("--note", help="What the change is for. / 备注。")
_why = click.option("--why", "note", help="Reason, needed unless it is signed. / 理由，未签名时必须提供。")
_start = click.option(
    "--effective-from",
    "start",
    help="2026-01-31 or RFC 3339; default: as soon as approved. / 生效时间，默认批准后立即生效。",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, texts, options, and the command they make."""

    name: str
    en: str
    zh: str
    options: tuple[Callable[[Any], Any], ...]
    command: Callable[[Given], ReleaseCommand]
    take: Callable[[ManageReleases, Any], Release]

    def click_command(self, callback: Callable[..., Any]) -> click.Command:
        """``callback`` as the command of this step, with its options."""
        for option in reversed(self.options):
            callback = option(callback)
        made: click.Command = click.command(
            name=self.name, short_help=f"{self.en} / {self.zh}", help=f"{self.en}. / {self.zh}。"
        )(callback)
        return made


STEPS = (
    Step(
        "draft",
        "Lay down a draft of FOLDER's documents (default: the configured folder)",
        "以目录（默认为所配置的目录）中的文件起草",
        (_folder, _base, _note),
        lambda g: DraftRelease(proof=g.proof, **g.content()),
        ManageReleases.draft,
    ),
    Step(
        "amend",
        "Put FOLDER's documents in draft NUMBER",
        "以目录中的文件更新草案",
        (_number, _folder, _base, _note, _seen),
        lambda g: AmendRelease(**g.seen(), **g.content()),
        ManageReleases.amend,
    ),
    Step(
        "lint",
        "Check the documents of draft NUMBER",
        "检查草案的文件",
        (_number, _seen),
        lambda g: LintRelease(**g.seen()),
        ManageReleases.lint,
    ),
    Step(
        "simulate",
        "Find out what draft NUMBER would change",
        "模拟草案的影响",
        (_number, _seen),
        lambda g: SimulateRelease(**g.seen()),
        ManageReleases.simulate,
    ),
    Step(
        "submit",
        "Ask for approval of draft NUMBER",
        "提请批准",
        (_number, _start, _seen),
        lambda g: SubmitRelease(**g.seen_content(), effective_from=g.start()),
        ManageReleases.submit,
    ),
    Step(
        "approve",
        "Say yes to release NUMBER as it was seen",
        "批准所见内容",
        (_number, _decided),
        lambda g: ApproveRelease(**g.decided()),
        ManageReleases.approve,
    ),
    Step(
        "reject",
        "Say no to release NUMBER as it was seen",
        "拒绝所见内容",
        (_number, _decided, _why),
        lambda g: RejectRelease(**g.decided(), note=g.why()),
        ManageReleases.reject,
    ),
    Step(
        "withdraw",
        "Take back release NUMBER before it is in force",
        "撤回尚未生效的变更",
        (_number, _note, _seen),
        lambda g: WithdrawRelease(**g.seen_content(), note=g.note()),
        ManageReleases.withdraw,
    ),
    Step(
        "rollback",
        "Submit a new release with the content of NUMBER, which was in force before",
        "以曾生效的版本的内容提请回退",
        (_number, _start, _note),
        lambda g: RollBack(proof=g.proof, to=g.number(), effective_from=g.start(), note=g.note()),
        ManageReleases.roll_back,
    ),
)


def step_command(step: Step, desk_of: DeskOf) -> click.Command:
    """The command that takes ``step``."""

    def take(**arguments: Any) -> None:
        out = Output(arguments.pop("as_json"), arguments.pop("speech"))
        signing = read_signing(arguments)
        with refusals(out):
            desk = desk_of()
            check_attempts(desk, signing.proof)
            made = step.take(desk.releases, step.command(Given(desk, signing, arguments)))
        fields = release_fields(made)
        out.say(fields, draw_release(fields, out.speech))
        hint_next(fields, out)

    return step.click_command(proof_options(output_options(take)))
