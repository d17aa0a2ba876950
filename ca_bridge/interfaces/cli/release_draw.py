"""One release at the terminal, and what can be done with it next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_view import LONGEST, Data, Draw, Output
from ca_bridge.services.manage_recognition.model import ReleaseState
from ca_bridge.services.printable import printable

_STATE = ReleaseState
STATES: Mapping[str, str] = MappingProxyType(
    {
        _STATE.DRAFT: "草案",
        _STATE.LINTED: "已检查",
        _STATE.SIMULATED: "已模拟",
        _STATE.SUBMITTED: "待批准",
        _STATE.APPROVED: "已批准",
        _STATE.EFFECTIVE: "生效中",
        _STATE.SUPERSEDED: "已被取代",
        _STATE.ROLLED_BACK: "已回退",
        _STATE.REJECTED: "已拒绝",
        _STATE.WITHDRAWN: "已撤回",
    }
)
_MOST_SIMULATION = 4 * LONGEST


def state_text(state: str, speech: Speech) -> str:
    """The state's own name, after its Chinese one where Chinese is spoken."""
    return state if speech is Speech.EN else f"{STATES[state]} {state}"


def draw_release(fields: Data, speech: Speech) -> Draw:
    """One release, everything but its documents."""

    def draw(out: Console) -> None:
        number, version = fields["release"], fields["version"]
        title = speech.say(f"发布版本 {number}", f"release {number}")
        seen = speech.say(f"版本 {version}", f"version {version}")
        out.print(Text.assemble((title, "bold"), f"  {state_text(fields['state'], speech)}  {seen}"))
        for zh, en, text in _rows(fields, speech):
            line = Text.assemble((f"  {speech.say(zh, en)}: ", "dim"), printable(text, _MOST_SIMULATION))
            out.print(line, soft_wrap=True)

    return draw


def _rows(fields: Data, speech: Speech) -> Iterator[tuple[str, str, str]]:
    yield "内容", "content", fields["content_sha256"]
    yield "基于", "base", str(fields["base"])
    if fields["rolls_back_to"] is not None:
        yield "回退到", "rolls back to", str(fields["rolls_back_to"])
    yield "作者", "authors", ", ".join(fields["authors"])
    yield "起草于", "created", fields["created"]
    if fields["note"]:
        yield "备注", "note", fields["note"]
    if fields["effective_from"]:
        yield "生效", "effective from", fields["effective_from"]
    if fields["simulation"] is not None:
        yield "模拟", "simulation", _simulated(fields["simulation"], speech)
    for approval in fields["approvals"]:
        yield "批准", "approved by", f"{approval['account']} {approval['time']}"
    if "approvers_needed" in fields:
        yield "所需审批人数", "approvers needed", str(fields["approvers_needed"])


def _simulated(simulation: Data, speech: Speech) -> str:
    """In one line; all of it is in the JSON."""
    if simulation.keys() != {"impact", "reach", "conflicts"}:
        return json.dumps(simulation, ensure_ascii=False)
    impact, conflicts = simulation["impact"], simulation["conflicts"]
    changes = impact["changes"]
    refused, passed = changes.get("passed_to_refused", 0), changes.get("refused_to_passed", 0)
    cells = ", ".join(f"{count} {kind}" for kind, count in simulation["reach"]["counts"].items()) or "0"
    return speech.say(
        f"重判请求 {impact['requests']} 条，{refused} 条由通过变为拒绝，{passed} 条由拒绝变为通过；"
        f"可达关系变化：{cells}；新增冲突 {conflicts['new']} 处（--json 查看详情）",
        f"of {impact['requests']} request(s) {refused} would turn to refused, {passed} to passed; "
        f"reach: {cells}; {conflicts['new']} new conflict(s) (--json has them)",
    )


def hint_next(fields: Data, out: Output) -> None:
    """The step that usually follows, as a command."""
    number, version = fields["release"], fields["version"]
    steps: Mapping[str, tuple[str, str, str]] = {
        _STATE.DRAFT: ("检查", "check it", f"lint {number}"),
        _STATE.LINTED: ("模拟", "see what it would change", f"simulate {number}"),
        _STATE.SIMULATED: ("提请批准", "ask for approval", f"submit {number}"),
        _STATE.SUBMITTED: (
            "由其他审批人查看并批准",
            "other approvers look at it and approve",
            f"diff {number}; ca-bridge release approve {number} --seen {version}",
        ),
    }
    step = steps.get(fields["state"])
    if step is not None:
        zh, en, command = step
        out.hint(f"下一步，{zh}：ca-bridge release {command}", f"next, {en}: ca-bridge release {command}")
