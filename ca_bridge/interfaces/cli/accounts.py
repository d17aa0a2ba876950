"""`ca-bridge accounts`: who may write, decide and look; changed by proposal and approval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ca_bridge.interfaces.cli.accounts_changes import (
    change_options,
    changed_set,
    first_options,
    refuse_salted,
)
from ca_bridge.interfaces.cli.accounts_decisions import (
    DECISIONS,
    NUMBER,
    decide_command,
    known_proposal,
    statement_group,
)
from ca_bridge.interfaces.cli.accounts_secrets import (
    ask_new_secret,
    read_new_secret,
    secret_files,
    secret_id,
)
from ca_bridge.interfaces.cli.accounts_view import say_content, say_proposal, say_set
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_attempts import check_attempts
from ca_bridge.interfaces.cli.release_proof import proof_options, read_signing
from ca_bridge.interfaces.cli.release_steps import DeskOf
from ca_bridge.interfaces.cli.release_view import Output, output_options, refusals
from ca_bridge.services.manage_recognition.account_text import accounts_sha256, read_accounts
from ca_bridge.services.manage_recognition.commands import ProposeAccounts, SecretProof
from ca_bridge.services.manage_recognition.fields import proposal_fields
from ca_bridge.services.manage_recognition.model import AccountSet


def accounts_commands(desk_of: DeskOf) -> click.Group:
    """The `accounts` group; ``desk_of`` opens the desk when a command needs it."""

    @click.group(
        short_help="Who may write, approve and look / 账号与审批规则",
        help="Accounts and rules of approval; a change is proposed and approved by others. Exit codes: "
        "0 done, 1 refused, 2 usage, 3 cannot be known now. / 账号与审批规则；变更须由他人批准。"
        "退出码：0 完成，1 被拒绝，2 用法错误，3 目前无法确定。",
    )
    def accounts() -> None: ...

    for made in (_establish_command, _list_command, _show_command, _propose_command):
        accounts.add_command(made(desk_of))
    accounts.add_command(_secret_command())
    for decision in DECISIONS:
        accounts.add_command(decide_command(desk_of, decision))
    accounts.add_command(statement_group(desk_of))
    return accounts


def _command(name: str, texts: tuple[str, str], callback: Callable[..., Any]) -> click.Command:
    en, zh = texts
    short, long = f"{en} / {zh}", f"{en}. / {zh}。"
    made: click.Command = click.command(name=name, short_help=short, help=long)(callback)
    return made


def _establish_command(desk_of: DeskOf) -> click.Command:
    def establish(*, as_json: bool, speech: Speech, **arguments: Any) -> None:
        out = Output(as_json, speech)
        with refusals(out), secret_files() as files:
            accounts = desk_of().accounts
            made = accounts.establish(changed_set(AccountSet(), arguments, files))
        say_set(out, made, [])

    return _command(
        "establish",
        ("The first accounts, once", "建立首批账号（仅一次）"),
        first_options(output_options(establish)),
    )


def _list_command(desk_of: DeskOf) -> click.Command:
    def list_(*, as_json: bool, speech: Speech) -> None:
        out = Output(as_json, speech)
        with refusals(out):
            accounts = desk_of().accounts
            current = accounts.accounts()
            say_set(out, current, [proposal_fields(found) for found in accounts.proposals()])
        if not current.accounts:
            out.hint(
                "尚无账号：ca-bridge accounts establish --help",
                "there are no accounts yet: ca-bridge accounts establish --help",
            )

    return _command("list", ("Accounts, rules and proposals", "列出账号、规则与申请"), output_options(list_))


def _show_command(desk_of: DeskOf) -> click.Command:
    def show(*, as_json: bool, speech: Speech, number: int) -> None:
        out = Output(as_json, speech)
        with refusals(out):
            accounts = desk_of().accounts
            found = known_proposal(accounts, number)
            say_content(out, proposal_fields(found), accounts.accounts(), read_accounts(found.content))

    return _command(
        "show",
        ("What proposal NUMBER changes of the accounts as they are", "查看申请对现有账号的变更"),
        NUMBER(output_options(show)),
    )


def _secret_command() -> click.Command:
    def secret(*, as_json: bool, speech: Speech, new: Path | None, file: Path | None) -> None:
        if new is not None and file is not None:
            raise click.UsageError("--new or --file, not both / --new 与 --file 只能选一个")
        with secret_files() as files:
            if new is not None:
                stored = files.make(new)
            else:
                stored = ask_new_secret("-") if file is None else read_new_secret(file)
        fields = {"secret_hash": stored, "secret_id": secret_id(stored)}
        rows = (("密钥散列", "hash", stored), ("核对编号", "id to compare", fields["secret_id"]))

        def draw(out: Console) -> None:
            for zh, en, value in rows:
                out.print(f"{speech.say(zh, en)}: {value}", soft_wrap=True)  # to be copied whole

        Output(as_json, speech).say(fields, draw)

    path = click.Path(path_type=Path)
    file = click.option("--file", type=path, help="The secret's file, - = standard input. / 密钥文件。")
    new = click.option("--new", type=path, help="Make one, in this new file. / 生成密钥并写入新文件。")
    return _command(
        "secret",
        (
            "The hash of a secret, for who proposes; without a file it is asked for",
            "密钥的散列，供申请人使用；未指定文件时提示输入",
        ),
        new(file(output_options(secret))),
    )


def _propose_command(desk_of: DeskOf) -> click.Command:
    def propose(*, as_json: bool, speech: Speech, **arguments: Any) -> None:
        out = Output(as_json, speech)
        signing = read_signing(arguments)
        if not isinstance(signing.proof, SecretProof):
            refuse_salted(arguments)
        with refusals(out), secret_files() as files:
            desk = desk_of()
            check_attempts(desk, signing.proof)
            current = desk.accounts.accounts()
            command = ProposeAccounts(
                proof=signing.proof,
                accounts=changed_set(current, arguments, files),
                base_sha256=accounts_sha256(current),
            )
            proposal = desk.accounts.propose(command)
        say_proposal(out, proposal_fields(proposal))

    return _command(
        "propose",
        ("Propose a change of accounts or rules", "申请变更账号或规则"),
        change_options(proof_options(output_options(propose))),
    )
