"""What a schema cannot say of a trust domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ca_bridge.core.request import ANY_POLICY
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.places import Known, Place, interval_problems, repeated

_LEGACY = "legacy"


def domain_problems(place: Place, data: Mapping[str, Any], known: Known) -> Iterator[DocumentProblem]:
    """Everything wrong in one domain's data beside its name."""
    if known.profiles is not None:
        yield from profile_problems(place, data, known.profiles)
    yield from anchor_problems(place, data)
    for index, name in enumerate(data.get("trust_lists", ())):
        if name not in known.trust_lists:
            yield place.at("trust_lists", index).problem(
                f"there is no trust list {name!r}", f"没有名为 {name!r} 的信任列表"
            )
    if "assurance" in data:
        yield from _grading_problems(place.at("assurance"), data["assurance"])
    authorities = data.get("authorities", ())
    for index in repeated([row["identifier"] for row in authorities]):
        yield place.at("authorities", index, "identifier").problem(
            f"authority {authorities[index]['identifier']!r} stands twice",
            f"认证机构 {authorities[index]['identifier']!r} 重复",
        )
    yield from _authority_problems(place.at("authorities"), authorities)


def profile_problems(
    place: Place, data: Mapping[str, Any], profiles: Collection[str]
) -> Iterator[DocumentProblem]:
    """An algorithm profile that is not there, or that no domain can use."""
    profile = data.get("algorithm_profile", "default")
    if profile == _LEGACY or profile not in profiles:
        allowed = ", ".join(sorted(set(profiles) - {_LEGACY}))
        yield place.at("algorithm_profile").problem(
            f"{profile!r} is not a profile a domain can use ({allowed})",
            f"信任域不可使用算法配置 {profile!r}（可用：{allowed}）",
        )


def anchor_problems(place: Place, data: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """Anchors that stand twice."""
    for index in repeated([row["sha256"] for row in data["anchors"]]):
        yield place.at("anchors", index).problem("the same anchor twice", "信任锚重复")


def _grading_problems(place: Place, assurance: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    graded: dict[str, str] = {}
    for index, row in enumerate(assurance.get("policies", ())):
        policy, level, where = row["policy"], row["level"], place.at("policies", index)
        if level not in assurance["levels"]:
            scale = assurance["scale"]
            yield where.at("level").problem(
                f"{level!r} is no level of the scale {scale!r}", f"{level!r} 不是等级体系 {scale!r} 中的等级"
            )
        if policy == ANY_POLICY:
            yield where.at("policy").problem("anyPolicy has no level", "anyPolicy 不能定级")
        before = graded.setdefault(policy, level)
        if before != level:
            yield where.problem(
                f"policy {policy} is graded {before!r} and {level!r}",
                f"策略 {policy} 同时定为 {before!r} 与 {level!r} 两级",
            )
    for index in repeated([(row["policy"], row["level"]) for row in assurance.get("policies", ())]):
        yield place.at("policies", index).problem("the same row twice", "与前面的行重复")


def _authority_problems(
    place: Place, authorities: Collection[Mapping[str, Any]]
) -> Iterator[DocumentProblem]:
    for index, row in enumerate(authorities):
        where = place.at(index)
        if not row.get("certificates") and not row.get("keys"):
            yield where.problem(
                "an authority is known by certificates or keys, and has neither here",
                "认证机构须以证书或公钥标识，此处两者皆无",
            )
        if "licence" in row:
            yield from interval_problems(where.at("licence"), row["licence"], "not_before", "not_after")


def pin_problems(domains: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[DocumentProblem]:
    """Certificates and keys pinned by two authorities, whose domain could not be told then."""
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    for name, data in domains:
        for index, row in enumerate(data.get("authorities", ())):
            here = (data["domain"], row["identifier"])
            for key in ("certificates", "keys"):
                for at, pin in enumerate(row.get(key, ())):
                    owner = owners.setdefault((key, pin), here)
                    if owner != here:
                        domain, authority = owner
                        yield (
                            Place(name)
                            .at("authorities", index, key, at)
                            .problem(
                                f"is pinned by authority {authority!r} of domain {domain!r} already",
                                f"域 {domain!r} 的认证机构 {authority!r} 已固定了同一项",
                            )
                        )
