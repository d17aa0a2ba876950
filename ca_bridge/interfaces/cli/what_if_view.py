"""A minimal fix drawn for a person: numbered steps, who makes each, and what to be careful of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ca_bridge.core.reasons.model import Indication
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.words import INDICATIONS, Words
from ca_bridge.services.minimal_fix.model import FixKind

Data = Mapping[str, Any]
_MAX_FIXES = 5
_MAX_VALUE = 160
_KINDS: Mapping[str, Words] = {
    FixKind.POLICY.value: ("策略", "policy"),
    FixKind.EVIDENCE.value: ("证据", "evidence"),
    FixKind.REQUEST.value: ("请求", "request"),
}
_OUTCOMES: Mapping[str, Words] = {
    "passes": ("无须变更：已可信赖", "Nothing to change: it passes"),
    "beyond_repair": ("没有可建议的变更能使其通过", "There is no change to propose that would let it pass"),
    "undecided": ("未能确定", "Undecided"),
}


def draw_minimal_fix(out: Console, data: Data, speech: Speech) -> None:
    """Print all of it; ``data`` is what ``minimal_fix_data`` made."""
    _headline(out, data, speech)
    fixes = data["fixes"]
    if fixes:
        count, size = len(fixes), len(fixes[0]["changes"])
        title = speech.say(
            f"最小修复：{size} 项变更，{count} 种方案",
            f"Smallest fix: {size} change(s), {count} way(s)",
        )
        out.print(Text(f"\n{title}", style="bold"))
        for number, fix in enumerate(fixes[:_MAX_FIXES], start=1):
            _draw_fix(out, number, fix, speech)
        if count > _MAX_FIXES:
            _say(out, f"… +{count - _MAX_FIXES} (--json)", "dim")
    else:
        out.print(Text(f"\n{speech.say(*_OUTCOMES[data['outcome']])}", style="bold"))
    _draw_barred(out, data, speech)
    _draw_wanted(out, data, speech)
    _draw_end(out, data, speech)


def _headline(out: Console, data: Data, speech: Speech) -> None:
    mark, style, words = INDICATIONS[Indication(data["indication"])]
    out.print(Text(f"{mark} {speech.say(*words)}", style=style))
    asked = (
        (speech.say("信任", "trust"), data["domain"]),
        (speech.say("判定时间", "judged at"), data["validation_time"]),
        (speech.say("用途", "purpose"), data["purpose"]),
    )
    _say(out, " · ".join(f"{name} {value}" for name, value in asked), "dim")
    for reason in data["reasons"]:
        _say(out, reason["code"], "red")
        for language in speech.languages:
            _say(out, reason["message" if language.value == "en" else "message_zh"], "", 4)


def _draw_fix(out: Console, number: int, fix: Data, speech: Speech) -> None:
    out.print(Text(f"\n{speech.say(f'方案 {number}', f'Way {number}')}", style="bold cyan"))
    for step, change in enumerate(fix["changes"], start=1):
        _draw_change(out, step, change, speech)
    recognition = fix["recognition"]
    if recognition is not None and recognition["carried_by"] is not None:
        basis = " · ".join(filter(None, (recognition["level"], *recognition["references"])))
        result = speech.say("结果：可信赖", "Result: it passes")
        _say(out, f"→ {result}{f' ({basis})' if basis else ''}", "green")
    if fix["release_kinds"]:
        kinds = ", ".join(fix["release_kinds"])
        _say(
            out,
            speech.say(f"经版本起草与审批（{kinds}）", f"by a release, drafted and approved ({kinds})"),
            "dim",
        )


def _draw_change(out: Console, step: int, change: Data, speech: Speech) -> None:
    kind = speech.say(*_KINDS[change["kind"]])
    for index, language in enumerate(speech.languages):
        lead = f"{step}. [{kind}] " if index == 0 else ""
        _say(out, f"{lead}{change['what'][language.value]}", "", 2 if index == 0 else 5)
    for edit in change["edits"]:
        place = f"{edit['document']} {edit['place']}".rstrip()
        _say(out, f"{place}: {_value(edit['before'])} → {_value(edit['after'])}", "dim", 5)
    if not change["edits"] and change["kind"] == FixKind.REQUEST.value:
        _say(out, f"{change['where']}: {_value(change['before'])} → {_value(change['after'])}", "dim", 5)
    for language in speech.languages:
        names = " → ".join(party["name"][language.value] for party in change["parties"])
        who = "由谁" if language.value == "zh" else "who"
        _say(out, f"{who}: {names}", "", 5)
    for caution in change["cautions"]:
        for language in speech.languages:
            _say(out, f"! {caution['text'][language.value]}", "yellow", 5)


def _draw_barred(out: Console, data: Data, speech: Speech) -> None:
    for barred in data["barred"]:
        _say(out, f"✘ {barred['reason']['code']}", "red")
        for language in speech.languages:
            _say(out, barred["why"]["text"][language.value], "", 4)


def _draw_wanted(out: Console, data: Data, speech: Speech) -> None:
    for wanted in data["wanted"]:
        key = f" ({wanted['sha256'] or wanted['key_identifier']})".replace(" ()", "")
        if wanted["sha256"]:
            what = speech.say(
                "须先由运营方决定是否导入该根证书", "First the operator decides on importing the root"
            )
        else:
            what = speech.say("须先取得颁发者的证书", "First get the certificate of the issuer")
        _say(out, f"? {what}: {wanted['issuer']}{key}", "yellow")
        for source in wanted["sources"]:
            _say(out, source, "dim", 4)


def _draw_end(out: Console, data: Data, speech: Speech) -> None:
    if not data["complete"]:
        count = data["judgements"]
        cut = speech.say(
            f"搜索在 {count} 次判定后中止：可能还有其他方案",
            f"The search stopped after {count} judgements: there may be other ways",
        )
        out.print(Text(f"\n{cut}", style="yellow"))


def _say(out: Console, text: str, style: str, columns: int = 2) -> None:
    out.print(Padding(Text(text, style=style), (0, 0, 0, columns)))


def _value(text: str) -> str:
    if not text:
        return "-"
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
