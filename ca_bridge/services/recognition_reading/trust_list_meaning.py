"""What a schema cannot say of a trust list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.policy_oid import is_below
from ca_bridge.core.recognition.trust_list import UndatedHistory
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.conditions_meaning import condition_problems
from ca_bridge.services.recognition_reading.places import Known, Place, interval_problems, repeated

_COMPLETE = frozenset({RecognitionStatus.ACTIVE, RecognitionStatus.SUSPENDED})


def trust_list_problems(place: Place, data: Mapping[str, Any], known: Known) -> Iterator[DocumentProblem]:
    """Everything wrong in one trust list's data beside its name."""
    yield from interval_problems(place, data, "issued", "next_update")
    entries = data.get("entries", ())
    for index in repeated([entry["entry"] for entry in entries]):
        name = entries[index]["entry"]
        yield place.at("entries", index, "entry").problem(
            f"entry {name!r} stands twice", f"条目 {name!r} 重复"
        )
    for index, entry in enumerate(entries):
        where = place.at("entries", index)
        yield from interval_problems(where, entry, "recognised_from", "recognised_until")
        if entry["status"] in _COMPLETE:
            yield from _gaps(where, entry)
        yield from _policy_problems(where, entry)
        yield from _level_problems(where, entry, data["trust_list"], known)
        for row, former in enumerate(entry.get("history", ())):
            yield from _history_problems(where.at("history", row), former)
        yield from condition_problems(where, entry)


def _gaps(place: Place, entry: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """What only a draft or a terminated entry may lack: each is one of its five conditions."""
    for key in ("roots", "issuers"):
        if not entry[key]:
            yield place.at(key).problem(
                f"only a draft or terminated entry can be without {key}", f"仅草案或已终止的条目可缺少 {key}"
            )
    if not entry["type_name"]:
        yield place.at("type_name").problem(
            "only a draft or terminated entry can be without a type name",
            "仅草案或已终止的条目可缺少证书类型名",
        )
    if not entry.get("policy_arcs") and not entry.get("policies"):
        yield place.problem(
            "names neither a policy arc nor a policy", "既没有策略弧（policy_arcs）也没有策略（policies）"
        )


def _policy_problems(place: Place, entry: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    arcs, policies = entry.get("policy_arcs", ()), entry.get("policies", ())
    for index, arc in enumerate(arcs):
        if is_below(arc, ANY_POLICY):
            yield place.at("policy_arcs", index).problem(
                f"anyPolicy lies below the arc {arc}", f"anyPolicy 位于弧 {arc} 之下"
            )
        for other in arcs:
            if is_below(other, arc):
                yield place.at("policy_arcs", index).problem(
                    f"arc {arc} lies below the arc {other} already", f"弧 {arc} 已位于弧 {other} 之下"
                )
    for index, policy in enumerate(policies):
        where = place.at("policies", index)
        if policy == ANY_POLICY:
            yield where.problem("anyPolicy names no policy", "anyPolicy 不指明任何策略")
        for arc in arcs:
            if is_below(arc, policy):
                yield where.problem(
                    f"policy {policy} lies below the arc {arc} already: it pins no version",
                    f"策略 {policy} 已位于弧 {arc} 之下，起不到固定版本的作用",
                )


def _level_problems(
    place: Place, entry: Mapping[str, Any], trust_list: str, known: Known
) -> Iterator[DocumentProblem]:
    """A level counts on the scale of each domain that relies on the list."""
    level = entry.get("level", "")
    for domain in known.relying.get(trust_list, ()) if level else ():
        levels = known.levels[domain]
        if levels is None or level not in levels:
            yield place.at("level").problem(
                f"{level!r} is no level of domain {domain!r}, which relies on this list",
                f"{level!r} 不是依赖本列表的域 {domain!r} 的等级",
            )


def _history_problems(place: Place, former: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    yield from interval_problems(place, former, "since", "until")
    dated = "since" in former and "until" in former
    if dated and "undated" in former:
        yield place.at("undated").problem(
            "both dates are known, so nothing is left to declare", "起止日期均已知，无须声明 undated"
        )
    if not dated and "undated" not in former:
        yield place.problem(
            "since or until is missing: declare undated: refuse or undated: accept",
            "缺少 since 或 until：须声明 undated: refuse 或 undated: accept",
        )
    if former.get("undated") != UndatedHistory.REFUSE and not (former["roots"] and former["issuers"]):
        yield place.problem(
            "only a row that is refused can be without roots or issuers",
            "仅声明拒绝的行可缺少 roots 或 issuers",
        )
