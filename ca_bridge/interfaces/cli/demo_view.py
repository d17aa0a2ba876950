"""An answer of the REST interface drawn for a person, in both languages, from its JSON alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from ca_bridge.core.reasons.model import Actor, Indication
from ca_bridge.core.verdict import RevocationStatus
from ca_bridge.interfaces.cli.words import ACTORS, INDICATIONS, STATUSES

Document = Mapping[str, Any]


def show_question(out: Console, title: str, question: Document) -> None:
    """What is asked."""
    asked = " · ".join(f"{name}={question[name]}" for name in ("purpose", "validation_time", "revocation"))
    out.print()
    out.print(Text(f"━━ {title}", style="bold"))
    out.print(Text(f"   POST /v1/certificates:validate  {asked}", style="dim"))


def show_answer(out: Console, answer: Document) -> None:
    """The conclusion, the path as a tree with its anchor at the top, and why and what to do."""
    mark, style, (zh, en) = INDICATIONS[Indication(answer["indication"])]
    status = " / ".join(filter(None, (answer["indication"], answer["sub_indication"])))
    out.print(Text.assemble((f"{mark} {zh} / {en}", style), (f"  {status}", "dim")))
    out.print(Padding(_path(answer), (0, 0, 0, 2)))
    policies = ", ".join(answer["user_constrained_policy_set"])
    if policies:
        out.print(Text(f"  证书策略 / policies: {policies}"))
    for reason in answer["reasons"]:
        _reason(out, reason)
    out.print(
        Text(f"  快照 / snapshot {answer['snapshot_id'][:16]}… · {answer['elapsed_us']} µs", style="dim")
    )


def show_receipt(out: Console, receipt: Document, *, holds: bool) -> None:
    """Where the verdict was written down, and whether its signed receipt holds."""
    mark, style = ("✔", "green") if holds else ("✘", "bold red")
    zh, en = ("回执成立", "the receipt holds") if holds else ("回执不成立", "the receipt does not hold")
    log, keys = receipt["log"], ", ".join(one["key_id"] for one in receipt["signatures"])
    where = f" · 日志条目 / log entry {log['index']} · {keys}"
    out.print(Text.assemble("  ", (f"{mark} {zh} / {en}", style), (where, "dim")))


def _path(answer: Document) -> Tree:
    anchor = answer["trust_anchor_certificate"]
    top = tree = Tree(_label(anchor, "信任锚 / trust anchor") if anchor else Text("?", style="yellow"))
    statuses = {s["position"]: RevocationStatus(s["status"]) for s in answer["revocation"]}
    faults = {reason["position"]: reason["code"] for reason in reversed(answer["reasons"])}
    for position, certificate in reversed(list(enumerate(answer["certificates"]))):
        label = _label(certificate, "目标 / target" if position == 0 else "")
        if position in statuses:
            label.append(f" · {' / '.join(STATUSES[statuses[position]])}", style="dim")
        if position in faults:
            label.append(f"\n✘ {faults[position]}", style="red")
        tree = tree.add(label)
    return top


def _label(certificate: Document, role: str) -> Text:
    label = Text(certificate.get("subject", certificate["fingerprint"]), style="bold")
    if role:
        label.append(f"  [{role}]", style="cyan")
    if "key" in certificate:
        period = f"{certificate['not_before'][:10]} … {certificate['not_after'][:10]}"
        label.append(f"\n{certificate['key']} · {period}", style="dim")
    return label


def _reason(out: Console, reason: Document) -> None:
    out.print(Text.assemble("  ", (reason["code"], "red"), (f" · {reason['clause']}", "dim")))
    for language in ("_zh", ""):
        out.print(Padding(Text(reason[f"message{language}"]), (0, 0, 0, 4)))
        out.print(Padding(Text(f"→ {reason[f'remedy{language}']}", style="green"), (0, 0, 0, 4)))
    who = " / ".join(ACTORS[Actor(reason["actor"])])
    out.print(Text(f"    由谁处理 / who must act: {who}", style="dim"))
