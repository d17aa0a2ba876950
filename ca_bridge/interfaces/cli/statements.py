"""What a person signs to take a step, written to a file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from ca_bridge.interfaces.cli.release_given import Given
from ca_bridge.interfaces.cli.release_proof import SignedStep, Signing
from ca_bridge.interfaces.cli.release_steps import STEPS, DeskOf, Step
from ca_bridge.interfaces.cli.release_view import Output, draw_table, output_options, refusals
from ca_bridge.services.manage_recognition.commands import SecretProof
from ca_bridge.services.printable import printable

_NONCE_BYTES = 24


def statement_commands(desk_of: DeskOf) -> click.Group:
    """`release statement STEP`: the bytes to be signed for each step."""

    @click.group(
        short_help="Write what to sign for a step / 写出待签名的声明",
        help="Write the bytes to be signed for a step; then take the step with --statement, --signature and "
        "--certificate. / 写出某一步骤待签名的字节；签名后以 --statement、--signature、--certificate "
        "执行该步骤。",
    )
    def statement() -> None: ...

    for step in STEPS:
        statement.add_command(_statement_command(step, desk_of))
    return statement


def _statement_command(step: Step, desk_of: DeskOf) -> click.Command:
    def write(**arguments: Any) -> None:
        out = Output(arguments.pop("as_json"), arguments.pop("speech"))
        account, file = arguments.pop("account"), arguments.pop("file")
        with refusals(out):
            desk = desk_of()
            signing = Signing(SecretProof(account, ""), SignedStep({}))
            given = Given(desk, signing, arguments, to_sign=True)
            raw = desk.releases.statement(step.command(given), new_nonce())
        write_statement(file, raw, out)

    return step.click_command(statement_options(output_options(write)))


def statement_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as and --out; the command gets ``account`` and ``file``."""
    account = click.option("--as", "account", required=True, help="Account that signs. / 签名账号。")
    out = click.option(
        "--out", "file", required=True, type=click.Path(path_type=Path), help="File to write. / 输出文件。"
    )
    return account(out(command))


def new_nonce() -> str:
    """A nonce that is used once."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def write_statement(file: Path, raw: bytes, out: Output) -> None:
    """Write the statement and say what was written."""
    try:
        file.write_bytes(raw)
    except OSError as error:
        raise click.UsageError(f"{printable(str(file))}: {error.strerror} / 无法写入") from error
    statement = json.loads(raw)
    fields = {"file": str(file), "sha256": sha256(raw).hexdigest(), "statement": statement}
    rows = [("file", str(file)), ("SHA-256", fields["sha256"]), *statement.items()]
    out.say(fields, draw_table(("", ""), rows))
