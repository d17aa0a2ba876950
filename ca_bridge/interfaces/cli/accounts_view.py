"""Accounts, rules of approval and proposals at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.text import Text

from ca_bridge.interfaces.cli.accounts_secrets import secret_id
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_diff import field_changes
from ca_bridge.interfaces.cli.release_view import Data, Draw, Output, Words, draw_fields, draw_table
from ca_bridge.services.manage_recognition.fields import account_fields, account_set_fields
from ca_bridge.services.manage_recognition.model import AccountSet, ProposalState
from ca_bridge.services.printable import printable

_STATES: Mapping[str, str] = MappingProxyType(
    {ProposalState.OPEN: "待批准", ProposalState.APPLIED: "已执行", ProposalState.REJECTED: "已拒绝"}
)
_PROPOSAL: tuple[tuple[str, Words], ...] = (
    ("proposal", ("申请", "proposal")),
    ("version", ("版本", "version")),
    ("state", ("状态", "state")),
    ("author", ("申请人", "author")),
    ("created", ("申请于", "created")),
    ("content_sha256", ("内容", "content")),
)


def say_set(out: Output, accounts: AccountSet, proposals: list[dict[str, Any]]) -> None:
    """Accounts, how many approvers each kind of change needs, and proposals."""
    fields = account_set_fields(accounts) | {"proposals": proposals}
    tables = [draw_table(titles, rows) for titles, rows in _tables(fields, out.speech) if rows]

    def draw(console: Console) -> None:
        for index, table in enumerate(tables):
            if index:
                console.print()
            table(console)

    out.say(fields, draw)


def _tables(fields: Data, speech: Speech) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    say = speech.say
    titles = [say("账号", "account"), say("角色", "roles"), say("凭证", "proof"), ""]
    yield (
        titles,
        [
            (a["account"], ", ".join(a["roles"]), a["proof"], "" if a["enabled"] else say("停用", "disabled"))
            for a in fields["accounts"]
        ],
    )
    titles = [say("变更种类", "kind of change"), say("所需审批人数", "approvers needed")]
    yield titles, list(fields["approvers"].items())
    titles = [say(*words) for words in (("申请", "proposal"), ("状态", "state"), ("版本", "version"))]
    yield (
        [*titles, say("批准", "approved by")],
        [
            (p["proposal"], _state(p["state"], speech), p["version"], ", ".join(p["approvals"]))
            for p in fields["proposals"]
        ],
    )


def say_proposal(out: Output, fields: dict[str, Any]) -> None:
    """A proposal without its content."""
    out.say(fields, _draw_proposal(fields, out.speech))


def say_content(out: Output, fields: dict[str, Any], current: AccountSet, proposed: AccountSet) -> None:
    """A proposal and what it changes of the accounts as they are."""
    changes = [
        {"path": c.path, "before": c.before, "after": c.after}
        for c in field_changes(_comparable(current), _comparable(proposed))
    ]
    shown = fields | account_set_fields(proposed) | {"changes": changes}

    def draw(console: Console) -> None:
        _draw_proposal(fields, out.speech)(console)
        for change in changes:
            before, after = (printable(change[side] or "∅") for side in ("before", "after"))
            console.print(Text(f"  {printable(str(change['path']))}: {before} → {after}"), soft_wrap=True)

    out.say(shown, draw)


def _comparable(accounts: AccountSet) -> dict[str, Any]:
    """The set by names; secrets by ids, so that one that is put in another's place is seen."""
    rows = {
        account.name: account_fields(account) | {"secret_id": secret_id(account.secret)}
        for account in accounts.accounts
    }
    rules = {kind.value: count for kind, count in accounts.rules.required}
    return {"accounts": rows, "approvers": rules}


def _draw_proposal(fields: Data, speech: Speech) -> Draw:
    values = {**fields, "state": _state(fields["state"], speech)}
    rows = [(words, values[name]) for name, words in _PROPOSAL]
    return draw_fields(speech, [*rows, (("批准", "approved by"), ", ".join(fields["approvals"]) or "-")])


def _state(state: str, speech: Speech) -> str:
    return state if speech is Speech.EN else f"{_STATES[state]} {state}"
