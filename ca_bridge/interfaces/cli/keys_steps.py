"""`ca-bridge keys rotate`, `retire`, `certify`, `abandon`: steps of one operator, by secret or signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ca_bridge.interfaces.cli.keys_ceremony import KeyDeskOf
from ca_bridge.interfaces.cli.keys_view import draw_lines, key_refusals, say_key, say_keys
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_proof import proof_options, read_certificate, read_signing
from ca_bridge.interfaces.cli.release_view import Output, output_options
from ca_bridge.interfaces.cli.statements import new_nonce, statement_options, write_statement
from ca_bridge.services.key_management.desk import KeyDesk
from ca_bridge.services.key_management.model import ALGORITHM_OF_KIND, KeyAction, KeyUse
from ca_bridge.services.manage_recognition.commands import Proof

_use = click.argument("use", type=click.Choice([use.value for use in KeyUse]))
_algorithm = click.option(
    "--key-algorithm",
    type=click.Choice(sorted(set(ALGORITHM_OF_KIND.values()))),
    help="Which, where keys of several algorithms are next. / 有多种算法的后备密钥时指明。",
)
_key = click.argument("key", metavar="KEY")
_file = click.argument("file_of_certificate", metavar="FILE", type=click.Path(path_type=Path))
_ceremony = click.argument("plan", metavar="PLAN_SHA256")


@dataclass(frozen=True, slots=True)
class _About:
    """What a step is about: a key's name or a plan's hash, and the certificate that a key is to have."""

    subject: str
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class _Step:
    """``about`` takes what the step is about out of the arguments; ``take`` says what came of it."""

    name: str
    action: KeyAction
    en: str
    zh: str
    options: tuple[Callable[[Any], Any], ...]
    about: Callable[[KeyDesk, dict[str, Any]], _About]
    take: Callable[[Output, KeyDesk, _About, Proof], None]

    def click_command(self, callback: Callable[..., Any]) -> click.Command:
        """``callback`` as the command of this step."""
        for option in reversed(self.options):
            callback = option(callback)
        made: click.Command = click.command(
            name=self.name, short_help=f"{self.en} / {self.zh}", help=f"{self.en}. / {self.zh}。"
        )(callback)
        return made


def _following(desk: KeyDesk, arguments: dict[str, Any]) -> _About:
    algorithm = arguments.pop("key_algorithm") or ""
    return _About(desk.steps.following(KeyUse(arguments.pop("use")), algorithm).key_id)


def _certificate(desk: KeyDesk, arguments: dict[str, Any]) -> _About:
    certificate = read_certificate(arguments.pop("file_of_certificate"))
    return _About(desk.steps.known(arguments.pop("key")).key_id, certificate)


def _abandon(out: Output, desk: KeyDesk, about: _About, proof: Proof) -> None:
    desk.steps.abandon(about.subject, proof)
    out.say({"plan_sha256": about.subject, "state": "failed"}, draw_lines([(about.subject, "failed")]))


_STEPS = (
    _Step(
        "rotate",
        KeyAction.ROTATION,
        "Make the key that is next for USE current, and retire the one before it",
        "将后备密钥设为当前密钥，原密钥退役",
        (_use, _algorithm),
        _following,
        lambda out, desk, about, proof: say_keys(out, desk.steps.rotate(about.subject, proof)),
    ),
    _Step(
        "retire",
        KeyAction.RETIREMENT,
        "Retire KEY: it never signs again",
        "令密钥退役，不再签名",
        (_key,),
        lambda desk, arguments: _About(desk.steps.known(arguments.pop("key")).key_id),
        lambda out, desk, about, proof: say_keys(out, (desk.steps.retire(about.subject, proof),)),
    ),
    _Step(
        "certify",
        KeyAction.CERTIFICATION,
        "Register the certificate in FILE, which a CA issued for KEY's request",
        "登记 CA 依据密钥请求签发的证书",
        (_key, _file),
        _certificate,
        lambda out, desk, about, proof: say_key(
            out, desk.steps.certify(about.subject, about.certificate, proof)
        ),
    ),
    _Step(
        "abandon",
        KeyAction.ABANDONMENT,
        "Close a ceremony that broke off, by its plan's SHA-256",
        "按计划 SHA-256 关闭中断的仪式",
        (_ceremony,),
        lambda _desk, arguments: _About(str(arguments.pop("plan"))),
        _abandon,
    ),
)


def step_commands(desk_of: KeyDeskOf) -> tuple[click.Command, ...]:
    """The steps, and `statement STEP` for who signs one."""
    return (*(_step_command(step, desk_of) for step in _STEPS), _statement_group(desk_of))


def _step_command(step: _Step, desk_of: KeyDeskOf) -> click.Command:
    def take(*, as_json: bool, speech: Speech, **arguments: Any) -> None:
        out = Output(as_json, speech)
        signing = read_signing(arguments)
        with key_refusals(out):
            desk = desk_of()
            step.take(out, desk, step.about(desk, arguments), signing.proof)

    return step.click_command(proof_options(output_options(take)))


def _statement_group(desk_of: KeyDeskOf) -> click.Group:
    @click.group(
        short_help="Write what to sign for a step / 写出待签名的声明",
        help="Write the bytes to be signed for a step on keys. / 写出密钥步骤待签名的字节。",
    )
    def statement() -> None: ...

    for step in _STEPS:
        statement.add_command(_statement_command(step, desk_of))
    return statement


def _statement_command(step: _Step, desk_of: KeyDeskOf) -> click.Command:
    def write(*, as_json: bool, speech: Speech, account: str, file: Path, **arguments: Any) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            desk = desk_of()
            about = step.about(desk, arguments)
            asked = desk.steps.statement(step.action, about.subject, about.certificate)
        write_statement(file, asked.signed_by(account, new_nonce()), out)

    return step.click_command(statement_options(output_options(write)))
