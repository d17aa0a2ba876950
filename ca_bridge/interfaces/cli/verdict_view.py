"""A verdict drawn for a person: the answer, the path as a tree, each check, why, and what to do."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.verdict import CertificateStatus, Finding
from ca_bridge.interfaces.cli.checks import checks_of
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.words import ACTORS, INDICATIONS, STATUSES, TRUST_MODELS
from ca_bridge.services.messages import message, remedy
from ca_bridge.services.validate_certificate import Answer

_SHORT = 16
_MAX_REASONS = 10
_MAX_REJECTED = 5


def show_verdict(out: Console, report: dict[str, Any], answer: Answer, speech: Speech) -> None:
    """Print all of it; ``report`` is what ``report_fields`` made of ``answer``."""
    _headline(out, report, answer, speech)
    _path(out, report, answer, speech)
    _recognition(out, answer, speech)
    _checks(out, answer, speech)
    _reasons(out, answer, speech)
    _further(out, report, answer, speech)


def _headline(out: Console, report: dict[str, Any], answer: Answer, speech: Speech) -> None:
    mark, style, words = INDICATIONS[answer.verdict.indication]
    status = " / ".join(filter(None, (report["indication"], report["sub_indication"])))
    out.print(Text.assemble((f"{mark} {speech.say(*words)}", style), (f"  {status}", "dim")))
    if report["subject"]:
        _indented(out, Text(report["subject"]))
    trust = report["domain"] or speech.say("自带信任锚", "the anchors given")
    asked = (
        (speech.say("判定时间", "judged at"), report["validation_time"]),
        (speech.say("信任", "trust"), trust),
        (speech.say("用途", "purpose"), report["purpose"]),
        (speech.say("吊销要求", "revocation"), report["revocation_rule"]),
    )
    _indented(out, Text(" · ".join(f"{name} {value}" for name, value in asked), style="dim"))
    if not answer.trust.anchors and report["subject"]:
        hint = speech.say(
            "该信任域尚未导入任何信任锚：ca-bridge anchors add FILE，或使用 --anchor FILE",
            "no trust anchor is imported here: ca-bridge anchors add FILE, or use --anchor FILE",
        )
        _indented(out, Text(hint, style="yellow"))


def _recognition(out: Console, answer: Answer, speech: Speech) -> None:
    """Which trust model carried the verdict, at which level, resting on what; nothing within one domain."""
    recognition = answer.verdict.recognition
    if recognition is None:
        return
    carried = recognition.carried_by
    if carried is not None and (carried.references or carried.level):
        facts = [speech.say(*TRUST_MODELS[carried.model])]
        if carried.level:
            facts.append(f"{speech.say('保证级别', 'level')} {carried.level} ({carried.scale})")
        facts += carried.references
        _indented(out, Text(f"{speech.say('互认依据', 'recognised by')} {' · '.join(facts)}", style="cyan"))
    if recognition.disagree:
        warning = speech.say(
            "两种信任模式的结论不一致，请告知运营方", "the two trust models disagree: tell the operator"
        )
        _indented(out, Text(warning, style="yellow"))


def _indented(out: Console, text: Text, columns: int = 2) -> None:
    out.print(Padding(text, (0, 0, 0, columns)))


def _path(out: Console, report: dict[str, Any], answer: Answer, speech: Speech) -> None:
    """The anchor at the top, the target at the bottom; of a refusal, the candidate it speaks of."""
    certificates = report["certificates"]
    if not certificates:
        return
    passed = answer.verdict.indication is Indication.TOTAL_PASSED
    out.print()
    out.print(
        Text(
            speech.say("证书路径", "Path")
            if passed
            else speech.say("最接近成立的证书路径", "The path nearest to holding"),
            style="bold",
        )
    )
    statuses = {s.position: s for s in answer.verdict.revocation}
    faults: dict[int | None, list[Finding]] = {}
    for finding in answer.verdict.findings:
        faults.setdefault(finding.position, []).append(finding)
    top, tree = _root(report, faults.get(len(certificates), []), speech)
    for position in range(len(certificates) - 1, -1, -1):
        label = _node(certificates[position], position, statuses.get(position), speech)
        for finding in faults.get(position, ()):
            label.append(f"\n✘ {finding.reason.code}", style="red")
        tree = tree.add(label)
    out.print(Padding(top, (0, 0, 0, 2)))


def _root(report: dict[str, Any], faults: list[Finding], speech: Speech) -> tuple[Tree, Tree]:
    anchor = report["trust_anchor_certificate"]
    title = speech.say("信任锚", "trust anchor")
    if anchor is None:
        top = Tree(Text(f"? {title}: {speech.say('未到达', 'none reached')}", style="yellow"))
    else:
        label = Text.assemble((f"{anchor['subject']}", "bold"), (f"  [{title}]", "cyan"))
        label.append(f"\n{_details(anchor)}", style="dim")
        for finding in faults:
            label.append(f"\n✘ {finding.reason.code}", style="red")
        top = Tree(label)
    return top, top


def _node(
    certificate: dict[str, Any], position: int, status: CertificateStatus | None, speech: Speech
) -> Text:
    if "subject" not in certificate:
        return Text(certificate["fingerprint"][:_SHORT])
    label = Text(certificate["subject"], style="bold" if position == 0 else "")
    if position == 0:
        label.append(f"  [{speech.say('目标', 'target')}]", style="cyan")
    label.append(f"\n{_details(certificate)}", style="dim")
    if status is not None:
        label.append(f" · {speech.say(*STATUSES[status.status])}{_source(status.source)}", style="dim")
    return label


def _details(certificate: dict[str, Any]) -> str:
    period = f"{certificate['not_before'][:10]} … {certificate['not_after'][:10]}"
    return f"{certificate['key']} · {period} · {certificate['fingerprint'][:_SHORT]}…"


def _source(source: str) -> str:
    kind, _, digest = source.partition(":")
    if kind in {"none", ""}:
        return ""
    return f" ({kind.upper()} {digest[:8]}…)" if digest else f" ({kind})"


def _checks(out: Console, answer: Answer, speech: Speech) -> None:
    out.print()
    out.print(Text(speech.say("检查", "Checks"), style="bold"))
    for check in checks_of(answer):
        _indented(out, Text.assemble((check.mark, check.style), f" {speech.say(*check.words)}"))


def _reasons(out: Console, answer: Answer, speech: Speech) -> None:
    """Each reason once, where it was found first; the same one elsewhere is only named."""
    groups: dict[str, list[Finding]] = {}
    for finding in answer.verdict.findings:
        groups.setdefault(finding.reason.code, []).append(finding)
    if not groups:
        return
    out.print()
    out.print(Text(speech.say("原因与办法", "Why, and what to do"), style="bold"))
    for group in list(groups.values())[:_MAX_REASONS]:
        _reason(out, group, speech)
    if len(groups) > _MAX_REASONS:
        _indented(out, Text(f"… +{len(groups) - _MAX_REASONS} (--json)", style="dim"))


def _reason(out: Console, group: list[Finding], speech: Speech) -> None:
    finding, *others = group
    reason = finding.reason
    place = "" if finding.position is None else f" · {_place(finding.position, speech)}"
    _indented(out, Text.assemble((reason.code, "red"), (f"{place} · {reason.clause}", "dim")))
    for language in speech.languages:
        _indented(out, Text(message(finding, language)), 4)
        _indented(out, Text(f"→ {remedy(finding, language)}", style="green"), 4)
    who = f"{speech.say('由谁处理', 'who must act')}: {speech.say(*ACTORS[reason.actor])}"
    _indented(out, Text(who, style="dim"), 4)
    if others:
        places = dict.fromkeys(_place(f.position, speech) for f in others if f.position is not None)
        count = speech.say(f"另有 {len(others)} 处相同", f"the same {len(others)} more time(s)")
        _indented(out, Text(": ".join(filter(None, (count, ", ".join(places)))), style="dim"), 4)


def _place(position: int, speech: Speech) -> str:
    if position == 0:
        return speech.say("目标证书", "the target")
    return speech.say(f"目标之上第 {position} 张", f"{position} above the target")


def _further(out: Console, report: dict[str, Any], answer: Answer, speech: Speech) -> None:
    """Policies, notes, and the candidates that did not hold."""
    policies = report["user_constrained_policy_set"]
    if policies and policies != [ANY_POLICY]:
        out.print(Text(f"\n{speech.say('证书策略', 'Policies')}: {', '.join(policies)}"))
    for note in report["notes"]:
        out.print(
            Text(f"{speech.say('备注', 'Note')}: {note['code']} {note['detail']}".rstrip(), style="yellow")
        )
    passed = answer.verdict.indication is Indication.TOTAL_PASSED
    rejected = [r for r in report["rejected_paths"] if passed or r["path"] != report["path"]]
    if not rejected:
        return
    count = report["rejected_path_count"] - len(report["rejected_paths"]) + len(rejected)
    out.print()
    out.print(Text(speech.say(f"另有 {count} 项未被采纳", f"{count} more not accepted"), style="bold"))
    for path in rejected[:_MAX_REJECTED]:
        codes = ", ".join(dict.fromkeys(r["code"] for r in path["reasons"]))
        ends = path["path"][-1][:_SHORT] if path["path"] else ""
        _indented(out, Text(f"{ends}… ({len(path['path'])}): {codes}", style="dim"))
    if len(rejected) > _MAX_REJECTED:
        out.print(Text(f"  … +{count - _MAX_REJECTED} (--json)", style="dim"))
