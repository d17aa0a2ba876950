"""What a schema cannot say of an agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ca_bridge.core.recognition.agreement import AgreementKind
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.conditions_meaning import condition_problems
from ca_bridge.services.recognition_reading.places import Known, Place, interval_problems, repeated

_PARTIES = ("issuer_domain", "subject_domain")


def agreement_problems(place: Place, data: Mapping[str, Any], known: Known) -> Iterator[DocumentProblem]:
    """Everything wrong in one agreement's data beside its name."""
    yield from _party_problems(place, data, known)
    yield from interval_problems(place, data, "effective_from", "effective_until")
    yield from _mapping_problems(place, data, "mappings", known.levels.get(data["issuer_domain"]))
    if data["kind"] == AgreementKind.MUTUAL:
        levels = known.levels.get(data["subject_domain"])
        yield from _mapping_problems(place, data, "reverse_mappings", levels)
    elif "reverse_mappings" in data:
        yield place.at("reverse_mappings").problem(
            "only a mutual agreement maps the other way too", "仅双向协议可有反向映射"
        )
    yield from condition_problems(place, data)


def _party_problems(place: Place, data: Mapping[str, Any], known: Known) -> Iterator[DocumentProblem]:
    for key in _PARTIES:
        name = data[key]
        if name in known.unread or known.levels.get(name) is not None:
            continue
        if name in known.levels:
            yield place.at(key).problem(
                f"domain {name!r} has no assurance and cannot be a party",
                f"域 {name!r} 没有保证等级，不能作为一方",
            )
        else:
            yield place.at(key).problem(f"there is no domain {name!r}", f"没有名为 {name!r} 的域")
    if data["issuer_domain"] == data["subject_domain"]:
        yield place.at("subject_domain").problem("a domain cannot recognise itself", "域不能承认自身")


def _mapping_problems(
    place: Place, data: Mapping[str, Any], key: str, levels: tuple[str, ...] | None
) -> Iterator[DocumentProblem]:
    mappings = data.get(key, ())
    for index, row in enumerate(mappings):
        where = place.at(key, index)
        for policy in ("issuer_domain_policy", "subject_domain_policy"):
            if row[policy] == ANY_POLICY:
                yield where.at(policy).problem(
                    "anyPolicy cannot be mapped (RFC 5280 §4.2.1.5)",
                    "anyPolicy 不可映射（RFC 5280 §4.2.1.5）",
                )
        if levels is not None and row["level"] not in levels:
            allowed = ", ".join(levels)
            yield where.at("level").problem(
                f"{row['level']!r} is no level of the relying domain ({allowed})",
                f"{row['level']!r} 不是依赖方域的等级（可用：{allowed}）",
            )
    pairs = [(row["issuer_domain_policy"], row["subject_domain_policy"]) for row in mappings]
    for index in repeated(pairs):
        yield place.at(key, index).problem("the same mapping twice", "映射重复")
