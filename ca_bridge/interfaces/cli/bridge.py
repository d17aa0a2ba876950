"""`ca-bridge bridge`: cross-certificates of the bridge CA, their revocation, CRLs, and the repository."""

from __future__ import annotations

import base64
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ca_bridge.interfaces.cli.bridge_view import (
    bridge_refusals,
    say_certificate,
    say_certificates,
    say_crls,
    say_event,
)
from ca_bridge.interfaces.cli.files import read_bytes
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_proof import ask_secret, read_secret
from ca_bridge.interfaces.cli.release_view import Output, draw_table, output_options
from ca_bridge.services.bridge_ca.desk import BridgeDesk
from ca_bridge.services.bridge_ca.model import RevocationReason
from ca_bridge.services.manage_recognition.commands import SecretProof
from ca_bridge.services.printable import printable

BridgeDeskOf = Callable[[], BridgeDesk]
"""Opens the desk; ConfigurationError when no bridge CA is configured."""
_path = click.Path(path_type=Path)
_issuer = click.option(
    "--issuer", default="", help="Label of the issuer; needed if there are several. / 签发者标签。"
)


def bridge_commands(open_desk: BridgeDeskOf) -> click.Group:
    """The `bridge` group; ``open_desk`` opens the desk when a command needs it."""

    @click.group(
        short_help="The bridge CA: cross-certificates and CRLs / 桥接 CA：交叉证书与 CRL",
        help="The bridge CA. What a cross-certificate says follows from an agreement of the release in "
        "force. Exit codes: 0 done, 1 refused, 2 usage, 3 cannot be known now. / 桥接 CA。交叉证书的内容取自"
        "现行发布版本中的协议。退出码：0 完成，1 被拒绝，2 用法错误，3 目前无法确定。",
    )
    def bridge() -> None: ...

    for made in (_issue_command, _list_command, _revoke_command, _crl_command, _publish_command):
        bridge.add_command(made(open_desk))
    return bridge


def _command(name: str, texts: tuple[str, str], callback: Callable[..., Any]) -> click.Command:
    en, zh = texts
    short, long = f"{en} / {zh}", f"{en}. / {zh}。"
    made: click.Command = click.command(name=name, short_help=short, help=long)(callback)
    return made


def _issue_command(open_desk: BridgeDeskOf) -> click.Command:
    def issue(
        *,
        as_json: bool,
        speech: Speech,
        agreement: str,
        member: Path,
        issuer: str,
        file: Path | None,
        **who: Any,
    ) -> None:
        out = Output(as_json, speech)
        material = _read_member(member)
        proof = _proof(**who)
        with bridge_refusals(out):
            issued = open_desk().issue(agreement, material, issuer, proof)
        pem = _pem(issued.certificate or b"")
        if file is not None:
            _write_new(file, pem)
        say_certificate(out, issued, pem)
        out.hint("发布：ca-bridge bridge publish DIR", "publish it: ca-bridge bridge publish DIR")

    agreement = click.option("--agreement", required=True, help="Its identifier. / 协议标识。")
    member = click.option(
        "--member", required=True, type=_path, help="Certificate or PKCS#10 request. / 成员 CA 证书或申请。"
    )
    file = click.option("--out", "file", type=_path, help="New file for the certificate. / 证书输出文件。")
    return _command(
        "issue",
        ("A cross-certificate for a member CA, under an agreement", "按协议为成员 CA 签发交叉证书"),
        agreement(member(_issuer(file(_acting(output_options(issue)))))),
    )


def _list_command(open_desk: BridgeDeskOf) -> click.Command:
    def list_(*, as_json: bool, speech: Speech, issuer: str) -> None:
        out = Output(as_json, speech)
        with bridge_refusals(out):
            say_certificates(out, open_desk().listed(issuer))

    return _command(
        "list", ("Certificates and their status", "列出证书及其状态"), _issuer(output_options(list_))
    )


def _revoke_command(open_desk: BridgeDeskOf) -> click.Command:
    def revoke(*, as_json: bool, speech: Speech, serial: str, reason: str, issuer: str, **who: Any) -> None:
        out = Output(as_json, speech)
        proof = _proof(**who)
        with bridge_refusals(out):
            event = open_desk().revoke(serial, RevocationReason(reason), issuer, proof)
        say_event(out, event)
        out.hint(
            "尚需签发并发布：ca-bridge bridge crl --if-due",
            "now issue a CRL: ca-bridge bridge crl --if-due",
        )

    serial = click.argument("serial")
    reason = click.option(
        "--reason",
        required=True,
        type=click.Choice([reason.value for reason in RevocationReason]),
        help="CRLReason; remove_from_crl lifts a hold. / 撤销原因；remove_from_crl 解除暂停。",
    )
    return _command(
        "revoke",
        ("Revoke or hold a certificate, or lift a hold", "撤销或暂停证书，或解除暂停"),
        serial(reason(_issuer(_acting(output_options(revoke))))),
    )


def _crl_command(open_desk: BridgeDeskOf) -> click.Command:
    def crl(*, as_json: bool, speech: Speech, delta: bool, if_due: bool, issuer: str) -> None:
        if delta and if_due:
            raise click.UsageError("--delta or --if-due, not both / --delta 与 --if-due 只能选一个")
        out = Output(as_json, speech)
        with bridge_refusals(out):
            desk = open_desk()
            made = desk.issue_due_crls(issuer) if if_due else desk.issue_crls(issuer, delta=delta)
        say_crls(out, made)
        if not made:
            out.hint("目前无需签发", "none is due now")

    only = click.option("--delta", is_flag=True, help="A delta alone. / 仅增量 CRL。")
    due = click.option(
        "--if-due",
        is_flag=True,
        help="Those that are near their end or lack a revocation; for timers. / 仅签发到期或有变更者。",
    )
    return _command(
        "crl",
        ("A complete CRL with its delta, or a delta alone", "签发完整 CRL 及其增量，或仅增量 CRL"),
        only(due(_issuer(output_options(crl)))),
    )


def _publish_command(open_desk: BridgeDeskOf) -> click.Command:
    def publish(*, as_json: bool, speech: Speech, folder: Path) -> None:
        out = Output(as_json, speech)
        with bridge_refusals(out):
            written = open_desk().publish(folder)
        out.say({"written": list(written)}, draw_table(("",), [[name] for name in written]))
        if not written:
            out.hint("目录已是最新", "everything there is up to date")

    folder = click.argument("folder", metavar="DIR", type=_path)
    return _command(
        "publish",
        ("Write the repository's files into a folder", "将资料库文件写入目录"),
        folder(output_options(publish)),
    )


def _acting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who acts; _proof() reads them."""
    account = click.option("--as", "account", required=True, help="Account that acts. / 操作账号。")
    secret = click.option(
        "--secret-file",
        type=_path,
        help="File of the account's secret, - = standard input; without it the secret is asked for. / "
        "密钥文件，- 为标准输入；缺省时提示输入。",
    )
    return account(secret(command))


def _proof(*, account: str, secret_file: Path | None) -> SecretProof:
    return SecretProof(account, ask_secret(account) if secret_file is None else read_secret(secret_file))


def _read_member(member: Path) -> bytes:
    """The file's content, if it is a regular file: a pipe or a device might never end."""
    if not member.is_file():
        raise click.UsageError(f"{printable(str(member))}: no regular file / 不是普通文件")
    return read_bytes(member)


def _pem(der: bytes) -> str:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def _write_new(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)
    except OSError as error:
        # The certificate is in the register all the same: `bridge publish` and `bridge list` have it.
        raise click.UsageError(f"{printable(str(file))}: {error.strerror} / 无法写入") from error
