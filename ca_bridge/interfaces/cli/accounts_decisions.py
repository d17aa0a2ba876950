"""Decisions on proposals of accounts, and what is signed for steps on accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ca_bridge.interfaces.cli.accounts_changes import change_options, changed_set, refuse_salted
from ca_bridge.interfaces.cli.accounts_secrets import SecretFiles
from ca_bridge.interfaces.cli.accounts_view import say_proposal
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_attempts import check_attempts
from ca_bridge.interfaces.cli.release_proof import SignedStep, Signing, proof_options, read_signing
from ca_bridge.interfaces.cli.release_steps import DeskOf
from ca_bridge.interfaces.cli.release_view import HIGHEST, Output, output_options, refusals
from ca_bridge.interfaces.cli.statements import new_nonce, statement_options, write_statement
from ca_bridge.services.manage_recognition.account_text import accounts_sha256
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import DecideAccounts, SecretProof
from ca_bridge.services.manage_recognition.fields import proposal_fields
from ca_bridge.services.manage_recognition.model import AccountProposal, Action
from ca_bridge.services.manage_recognition.statement import Statement
from ca_bridge.services.release_errors import UNKNOWN_PROPOSAL, ReleaseRefused

NUMBER = click.argument("number", type=click.IntRange(1, HIGHEST))
_seen = click.option(
    "--seen",
    type=click.IntRange(0, HIGHEST),
    help="Version that was looked at, needed unless it is signed. / 所查看的版本，未签名时必须指明。",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: its name, texts, and the step it is."""

    name: str
    en: str
    zh: str
    action: Action
    take: Callable[[ManageAccounts, DecideAccounts], AccountProposal]

    def click_command(self, callback: Callable[..., Any]) -> click.Command:
        """``callback`` as the command of this decision."""
        short, long = f"{self.en} / {self.zh}", f"{self.en}. / {self.zh}。"
        made: click.Command = click.command(name=self.name, short_help=short, help=long)(callback)
        return made


DECISIONS = (
    Decision(
        "approve",
        "Approve proposal NUMBER as it was seen",
        "批准所见申请",
        Action.APPROVE_ACCOUNTS,
        ManageAccounts.approve,
    ),
    Decision(
        "reject",
        "Reject proposal NUMBER as it was seen",
        "拒绝所见申请",
        Action.REJECT_ACCOUNTS,
        ManageAccounts.reject,
    ),
)


def decide_command(desk_of: DeskOf, decision: Decision) -> click.Command:
    """`accounts approve` or `accounts reject`."""

    def decide(*, as_json: bool, speech: Speech, number: int, seen: int | None, **arguments: Any) -> None:
        out = Output(as_json, speech)
        signing = read_signing(arguments)
        with refusals(out):
            desk = desk_of()
            check_attempts(desk, signing.proof)
            try:
                found = known_proposal(desk.accounts, number)
            except ReleaseRefused:
                found = None  # the step itself is refused then, which the audit trail tells of
            command = _decide(signing, number, seen, found)
            proposal = decision.take(desk.accounts, command)
        say_proposal(out, proposal_fields(proposal))

    return decision.click_command(NUMBER(_seen(proof_options(output_options(decide)))))


def _decide(signing: Signing, number: int, seen: int | None, found: AccountProposal | None) -> DecideAccounts:
    """The decision on the proposal as seen; a usage error when nothing says which version that was."""
    version = signing.signed.number("version") if seen is None else seen
    if version is None:
        raise click.UsageError(
            f"--seen is needed: the version that `ca-bridge accounts show {number}` told / "
            f"须以 --seen 指明 `ca-bridge accounts show {number}` 所示的版本"
        )
    content = signing.signed.text("content_sha256") or (found.content_sha256 if found else "")
    return DecideAccounts(proof=signing.proof, number=number, version=version, content_sha256=content)


def known_proposal(accounts: ManageAccounts, number: int) -> AccountProposal:
    """The proposal of this number; UNKNOWN_PROPOSAL."""
    found = next((row for row in accounts.proposals() if row.number == number), None)
    if found is None:
        raise ReleaseRefused(UNKNOWN_PROPOSAL, proposal=number)
    return found


def statement_group(desk_of: DeskOf) -> click.Group:
    """`accounts statement STEP`."""

    @click.group(
        short_help="Write what to sign for a step / 写出待签名的声明",
        help="Write the bytes to be signed for a step on accounts. / 写出账号变更步骤待签名的字节。",
    )
    def statement() -> None: ...

    for decision in DECISIONS:
        statement.add_command(_decision_statement(desk_of, decision))
    statement.add_command(_proposal_statement(desk_of))
    return statement


def _decision_statement(desk_of: DeskOf, decision: Decision) -> click.Command:
    def write(
        *, as_json: bool, speech: Speech, number: int, seen: int | None, account: str, file: Path
    ) -> None:
        out = Output(as_json, speech)
        with refusals(out):
            found = known_proposal(desk_of().accounts, number)
            asked = _decide(Signing(SecretProof(account, ""), SignedStep({})), number, seen, found)
        made = _statement(decision.action, asked.content_sha256, release=asked.number, version=asked.version)
        write_statement(file, made.signed_by(account, new_nonce()), out)

    return decision.click_command(NUMBER(_seen(statement_options(output_options(write)))))


def _proposal_statement(desk_of: DeskOf) -> click.Command:
    def write(*, as_json: bool, speech: Speech, account: str, file: Path, **arguments: Any) -> None:
        out = Output(as_json, speech)
        refuse_salted(arguments)
        with refusals(out):
            made = changed_set(desk_of().accounts.accounts(), arguments, SecretFiles())
        proposed = _statement(Action.PROPOSE_ACCOUNTS, accounts_sha256(made))
        write_statement(file, proposed.signed_by(account, new_nonce()), out)

    made: click.Command = click.command(
        name="propose",
        short_help="Propose a change of accounts or rules / 申请变更账号或规则",
        help="Propose a change of accounts or rules. / 申请变更账号或规则。",
    )(change_options(statement_options(output_options(write))))
    return made


def _statement(action: Action, content_sha256: str, *, release: int = 0, version: int = 0) -> Statement:
    return Statement(
        action=action,
        release=release,
        version=version,
        content_sha256=content_sha256,
        base=0,
        effective_from=None,
    )
