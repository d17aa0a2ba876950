"""Plans: plain data that the schema has passed, made a value and judged as such."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_time
from ca_bridge.services.key_management.errors import (
    OTHER_INSTALLATION,
    PLAN_EXECUTED,
    PLAN_FLOOR,
    PLAN_OTHER_ACTION,
    PLAN_OUT_OF_TIME,
    PLAN_UNUSABLE,
)
from ca_bridge.services.key_management.model import (
    KeyAction,
    KeyOutput,
    KeyPlan,
    KeyState,
    KeyUse,
    KeyWish,
    OutputForm,
)
from ca_bridge.services.key_management.ports import RegisterState
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.policy_documents import canonical_json


def plan_of(data: Mapping[str, Any]) -> KeyPlan:
    """The plan that ``data``, which the schema passed, lays down; PLAN_UNUSABLE."""
    approvers = tuple(data["approvers"])
    plan = KeyPlan(
        action=KeyAction(data["action"]),
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        installation=data["installation"],
        approvals=data["approvals"],
        approvers=approvers,
        not_before=_time("not_before", data),
        not_after=_time("not_after", data),
        text=canonical_json(data),
        wish=_wish(data["key"]) if "key" in data else None,
        key_id=data.get("key_id", ""),
    )
    if len(approvers) < plan.approvals:
        raise KeyRefused(PLAN_UNUSABLE, cause=f"approvers: {len(approvers)} < approvals: {plan.approvals}")
    if plan.not_after <= plan.not_before:
        raise KeyRefused(PLAN_UNUSABLE, cause="not_after <= not_before")
    return plan


def _wish(key: Mapping[str, Any]) -> KeyWish:
    output = key["output"]
    return KeyWish(
        use=KeyUse(key["use"]),
        uri=key["uri"],
        kind=key["kind"],
        sealed=key.get("sealed", False),
        existing=key.get("existing", False),
        state=KeyState(key["state"]),
        output=KeyOutput(
            form=OutputForm(output["form"]), subject=output.get("subject", ""), days=output.get("days", 0)
        ),
    )


def _time(name: str, data: Mapping[str, Any]) -> datetime:
    try:
        return read_time(name, data[name])
    except UnusableQuestion as error:
        raise KeyRefused(PLAN_UNUSABLE, cause=f"{name}: {data[name]}") from error


def check_plan(plan: KeyPlan, action: KeyAction, installation: str, floor: int, at: datetime) -> None:
    """Refuses a plan of another action, another installation, another time or of too few approvals."""
    if plan.action is not action:
        raise KeyRefused(PLAN_OTHER_ACTION, planned=plan.action.value, asked=action.value)
    if plan.installation != installation:
        raise KeyRefused(OTHER_INSTALLATION, named=plan.installation, installation=installation)
    if plan.approvals < floor:
        raise KeyRefused(PLAN_FLOOR, approvals=plan.approvals, floor=floor)
    if not plan.not_before <= at <= plan.not_after:
        raise KeyRefused(
            PLAN_OUT_OF_TIME,
            not_before=rfc3339(plan.not_before),
            not_after=rfc3339(plan.not_after),
            now=rfc3339(at),
        )


def check_unexecuted(plan: KeyPlan, state: RegisterState) -> None:
    """PLAN_EXECUTED when the plan was begun before, whatever came of it."""
    before = state.ceremony(plan.sha256)
    if before is not None:
        raise KeyRefused(PLAN_EXECUTED, started=rfc3339(before.started), state=before.state.value)
