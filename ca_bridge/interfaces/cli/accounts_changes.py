"""Options that make a set of accounts: who is added, who goes, and how many approvers a change needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from ca_bridge.interfaces.cli.accounts_secrets import SecretFiles, ask_new_secret, read_new_secret
from ca_bridge.interfaces.cli.release_proof import read_certificate
from ca_bridge.services.manage_recognition.model import Account, AccountSet, ApprovalRules, ChangeKind, Role
from ca_bridge.services.printable import printable

_Command = TypeVar("_Command", bound=Callable[..., Any])
_ROLES, _KINDS = ", ".join(Role), ", ".join(ChangeKind)
_SALTED = ("new_secrets", "secrets")
_COUNT = re.compile("[0-9]{1,3}", re.ASCII)

_FIRST = (
    click.option(
        "--account",
        "accounts",
        multiple=True,
        help=f"NAME=ROLE,ROLE with roles of {_ROLES}; without one of the options below its secret is "
        "asked for. / 账号=角色,角色；未提供以下任一选项时提示输入密钥。",
    ),
    click.option(
        "--new-secret",
        "new_secrets",
        multiple=True,
        help="NAME=FILE: make a secret and write it to FILE, which must not exist. / "
        "账号=文件：生成密钥并写入新文件。",
    ),
    click.option(
        "--account-secret",
        "secrets",
        multiple=True,
        help="NAME=FILE: the secret in FILE, - = standard input. / 账号=文件：文件中的密钥，- 为标准输入。",
    ),
    click.option(
        "--secret-hash",
        "hashes",
        multiple=True,
        help="NAME=HASH as `accounts secret` printed it: only its owner knows the secret. / 账号=密钥散列。",
    ),
    click.option(
        "--account-certificate",
        "certificates",
        multiple=True,
        help="NAME=FILE: the account signs with this certificate. / 账号=证书文件，以证书签名。",
    ),
    click.option(
        "--approvers",
        "approvers",
        multiple=True,
        help=f"KIND=N: approvers beside the authors; kinds are {_KINDS}. / 变更种类=审批人数。",
    ),
)
_FURTHER = (
    click.option("--remove", "removed", multiple=True, help="NAME. / 移除账号。"),
    click.option("--disable", "disabled", multiple=True, help="NAME. / 停用账号。"),
    click.option("--enable", "enabled", multiple=True, help="NAME. / 启用账号。"),
)


def first_options(command: _Command) -> _Command:
    """The options of a first set."""
    return _with(command, _FIRST)


def change_options(command: _Command) -> _Command:
    """The options of a change of a set."""
    return _with(command, (*_FIRST, *_FURTHER))


def _with(command: _Command, options: Sequence[Callable[[_Command], _Command]]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def refuse_salted(arguments: Mapping[str, Any]) -> None:
    """A usage error when a secret would be hashed here: each time anew, so that no signature fits."""
    if any(arguments[name] for name in _SALTED):
        raise click.UsageError(
            "what is signed needs --secret-hash, as `accounts secret` printed it / "
            "签名时须以 --secret-hash 提供 `accounts secret` 输出的散列"
        )


@dataclass(slots=True)
class _Editor:
    rows: dict[str, Account]

    def existing(self, option: str, name: str) -> Account:
        account = self.rows.get(name)
        if account is None:
            shown = printable(name, 64)
            raise click.UsageError(f"{option}: there is no account {shown} / 没有账号 {shown}")
        return account

    def give_roles(self, text: str) -> str:
        """The account gets these roles; one that is new has no proof yet."""
        ((name, roles),) = _pairs("--account", (text,))
        try:
            held = frozenset(Role(role) for role in roles.split(","))
        except ValueError as error:
            raise click.UsageError(f"--account: roles are {_ROLES} / 角色须为 {_ROLES}") from error
        self.rows[name] = replace(self.rows.get(name) or Account(name=name, roles=held), roles=held)
        return name

    def give_secret(self, option: str, name: str, secret: str) -> None:
        self.rows[name] = replace(self.existing(option, name), secret=secret, certificate=b"")

    def give_certificate(self, option: str, name: str, certificate: bytes) -> None:
        self.rows[name] = replace(self.existing(option, name), secret="", certificate=certificate)


def changed_set(current: AccountSet, arguments: Mapping[str, Any], files: SecretFiles) -> AccountSet:
    """``current`` with what the options ask for; a usage error names the one that cannot be used."""
    editor = _Editor({account.name: account for account in current.accounts})
    for name in arguments.get("removed", ()):
        del editor.rows[editor.existing("--remove", name).name]
    named = [editor.give_roles(text) for text in arguments["accounts"]]
    for option, enabled in (("disabled", False), ("enabled", True)):
        for name in arguments.get(option, ()):
            editor.rows[name] = replace(editor.existing(f"--{option[:-1]}", name), enabled=enabled)
    _give_proofs(editor, arguments, files)
    for name in named:
        if not (editor.rows[name].secret or editor.rows[name].certificate):
            editor.give_secret("--account", name, ask_new_secret(name))
    rules = _rules(current.rules, arguments["approvers"])
    return AccountSet(tuple(editor.rows.values()), rules)


def _give_proofs(editor: _Editor, arguments: Mapping[str, Any], files: SecretFiles) -> None:
    for name, path in _pairs("--account-certificate", arguments["certificates"]):
        editor.existing("--account-certificate", name)
        editor.give_certificate("--account-certificate", name, read_certificate(Path(path)))
    for option, key, stored in (
        ("--secret-hash", "hashes", str),
        ("--account-secret", "secrets", lambda text: read_new_secret(Path(text))),
        ("--new-secret", "new_secrets", lambda text: files.make(Path(text))),
    ):
        for name, text in _pairs(option, arguments[key]):
            editor.existing(option, name)
            editor.give_secret(option, name, stored(text))


def _rules(current: ApprovalRules, texts: Sequence[str]) -> ApprovalRules:
    needed = dict(current.required)
    for kind, count in _pairs("--approvers", texts):
        if kind not in list(ChangeKind) or not _COUNT.fullmatch(count):
            raise click.UsageError(f"--approvers: KIND=N, kinds are {_KINDS} / 种类须为 {_KINDS}")
        needed[ChangeKind(kind)] = int(count)
    return ApprovalRules(tuple(needed.items()))


def _pairs(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    if any(not name or not value for name, _, value in pairs):
        raise click.UsageError(f"{option}: NAME=VALUE / {option} 须为 名称=值")
    return [(name, value) for name, _, value in pairs]
