"""`ca-bridge keys ceremony`, `destroy` and `approval`: what several people have to agree to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click

from ca_bridge.interfaces.cli.files import read_bytes
from ca_bridge.interfaces.cli.keys_files import make_folder, write_new, write_results, write_statements
from ca_bridge.interfaces.cli.keys_view import draw_lines, key_refusals, say_key, say_plan
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_proof import ALGORITHMS, read_signing
from ca_bridge.interfaces.cli.release_view import Output, output_options
from ca_bridge.interfaces.cli.statements import new_nonce
from ca_bridge.services.key_management.approval import (
    KeyApproval,
    approval_text,
    read_approval,
    read_statement,
)
from ca_bridge.services.key_management.ceremony import KeyCeremonies
from ca_bridge.services.key_management.ceremony_values import Held
from ca_bridge.services.key_management.desk import KeyDesk
from ca_bridge.services.key_management.model import KeyAction, KeyPlan
from ca_bridge.services.manage_recognition.commands import SignatureProof

KeyDeskOf = Callable[[], KeyDesk]
"""Opens the desk; ConfigurationError when no database is configured."""

_path = click.Path(path_type=Path)
_plan = click.argument("plan_file", metavar="PLAN", type=_path)
_approval = click.option(
    "--approval", "approvals", type=_path, multiple=True, help="An approval, as often as needed. / 批准文件。"
)
_out = click.option(
    "--out", "folder", type=_path, help="Folder for the statements, or for what was made. / 输出目录。"
)


@dataclass(frozen=True, slots=True)
class _Act:
    name: str
    action: KeyAction
    en: str
    zh: str
    hold: Callable[[KeyCeremonies, KeyPlan, tuple[KeyApproval, ...]], Held]


_ACTS = (
    _Act(
        "ceremony",
        KeyAction.CEREMONY,
        "Make a key as PLAN says; without --approval: show the plan and what each approver signs",
        "按计划生成密钥；未提供 --approval 时显示计划及各批准人待签名的声明",
        KeyCeremonies.make,
    ),
    _Act(
        "destroy",
        KeyAction.DESTRUCTION,
        "Destroy a key as PLAN says; without --approval: show the plan and what each approver signs",
        "按计划销毁密钥；未提供 --approval 时显示计划及各批准人待签名的声明",
        KeyCeremonies.destroy,
    ),
)


def ceremony_commands(desk_of: KeyDeskOf) -> tuple[click.Command, ...]:
    """The commands."""
    return (*(_command(act, desk_of) for act in _ACTS), _approval_command())


def _command(act: _Act, desk_of: KeyDeskOf) -> click.Command:
    def run(
        *, as_json: bool, speech: Speech, plan_file: Path, approvals: tuple[Path, ...], folder: Path | None
    ) -> None:
        out = Output(as_json, speech)
        if folder is not None:
            make_folder(folder)
        with key_refusals(out):
            desk = desk_of()
            plan = desk.read_plan(plan_file)
            if not approvals:
                _show(out, act, desk, plan, folder)
                return
            given = tuple(read_approval(read_bytes(file)) for file in approvals)
            held = act.hold(desk.ceremonies, plan, given)
        files = [] if folder is None else write_results(folder, held.key, held.transcript)
        say_key(out, held.key, {"files": list(map(str, files))})

    made: click.Command = click.command(
        name=act.name, short_help=f"{act.en} / {act.zh}", help=f"{act.en}. / {act.zh}。"
    )(_plan(_approval(_out(output_options(run)))))
    return made


def _show(out: Output, act: _Act, desk: KeyDesk, plan: KeyPlan, folder: Path | None) -> None:
    statements = desk.ceremonies.statements(plan, act.action, new_nonce)
    files = (
        [None] * len(statements)
        if folder is None
        else [*map(str, write_statements(folder, plan, statements))]
    )
    rows = [
        {"account": account, "statement": statement.decode(), "file": file}
        for (account, statement), file in zip(statements, files, strict=True)
    ]
    say_plan(out, plan, {"plan": json.loads(plan.text), "plan_sha256": plan.sha256, "statements": rows})
    if folder is None:
        out.hint("--out 目录：写出声明文件", "--out FOLDER writes the statements to files")
    else:
        out.hint("签名后：ca-bridge keys approval --help", "once signed: ca-bridge keys approval --help")


def _approval_command() -> click.Command:
    def write(*, as_json: bool, speech: Speech, file: Path, **arguments: Any) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            statement = read_bytes(arguments["statement"])
            said = read_statement(statement)
            signing = read_signing(arguments | {"account": said["account"], "secret_file": None})
            proof = cast("SignatureProof", signing.proof)  # click asks for every part of one
            text = approval_text(statement, proof).encode()
            read_approval(text)
        write_new(file, text)
        rows = [("file", str(file)), *said.items()]
        out.say({"file": str(file), "statement": said}, draw_lines(rows))

    option = click.option
    options = (
        option("--statement", type=_path, required=True, help="The statement, as written. / 声明文件。"),
        option("--signature", type=_path, required=True, help="Signature over it. / 对声明的签名。"),
        option("--certificate", type=_path, required=True, help="The approver's. / 批准人的证书。"),
        option(
            "--algorithm",
            type=click.Choice(sorted(ALGORITHMS)),
            help="Of the signature; default by the certificate's key. / 签名算法。",
        ),
        option(
            "--evidence", "evidence_files", type=_path, multiple=True, help="CRLs and alike. / 证据文件。"
        ),
        option("--out", "file", type=_path, required=True, help="File to write. / 输出文件。"),
    )
    command = output_options(write)
    for one in reversed(options):
        command = one(command)
    made: click.Command = click.command(
        name="approval",
        short_help="Put a signed statement into an approval file / 由已签名声明生成批准文件",
        help="Put a signed statement into an approval file. / 由已签名声明生成批准文件。",
    )(command)
    return made
