"""Walks of several mappings that raise a level, and which of them are reported."""

from __future__ import annotations

import pytest

from ca_bridge.core.recognition.agreement import Agreement
from ca_bridge.core.recognition.analysis.conflict import Conflict, ConflictKind
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.core.recognition.domain import PkiDomain
from ca_bridge.core.recognition.policy import RecognitionPolicy
from tests.recognition.big_policy import AT, agreement, domain, mapping

HIGH, LOW, MIDDLE, LOOSE = "2.999.1", "2.999.2", "2.999.3", "2.999.4"
EVERY = KnownFacts(bridge_domains=frozenset({"x", "y", "bridge"}))


def way(issuer: str, subject: str, policies: tuple[str, str], level: str) -> Agreement:
    return agreement(f"{issuer}-{subject}-{policies[1]}", issuer, subject, (mapping(*policies, level),))


def raising(domains: tuple[PkiDomain, ...], *ways: Agreement) -> list[Conflict]:
    found = find_conflicts(RecognitionPolicy(domains=domains, agreements=ways), AT, EVERY)
    kinds = {ConflictKind.MAPPING_CYCLE_RAISES_LEVEL, ConflictKind.LEVEL_RAISED_BY_MAPPING}
    return [c for c in found if c.kind in kinds]


X = domain("x", {HIGH: "high", LOW: "low"}, scale="one")
Y = domain("y", {HIGH: "high", LOW: "low"}, scale="one")
BRIDGE = domain("bridge", {MIDDLE: "medium"})


def test_raised_across_a_domain_of_another_scale() -> None:
    (conflict,) = raising(
        (X, Y, BRIDGE),
        way("x", "bridge", (HIGH, MIDDLE), "high"),
        way("bridge", "y", (MIDDLE, LOW), "medium"),
    )
    assert conflict.kind == "level_raised_by_mapping"
    assert conflict.where == (f"x-bridge-{MIDDLE}", f"bridge-y-{LOW}")
    assert dict(conflict.params) == {
        "granted_level": "high",
        "issuer_domain": "x",
        "own_level": "low",
        "subject_domain": "y",
        "subject_policy": LOW,
    }


def test_a_way_back_home_is_a_cycle_and_not_also_a_raise() -> None:
    conflicts = raising(
        (X, Y, BRIDGE),
        way("x", "bridge", (HIGH, MIDDLE), "high"),
        way("bridge", "x", (MIDDLE, LOW), "medium"),
        way("bridge", "y", (MIDDLE, LOW), "medium"),
    )
    assert [(c.kind.value, len(c.witness)) for c in conflicts] == [
        ("mapping_cycle_raises_level", 2),
        ("level_raised_by_mapping", 2),
    ]
    assert conflicts[1].where[1] == f"bridge-y-{LOW}"


def test_the_inner_of_two_cycles_is_the_one_reported() -> None:
    # y -> x -> bridge -> x -> y: what is wrong is that x raises its own LOW to HIGH.
    other = domain("y", {HIGH: "high", LOW: "low"})
    conflicts = raising(
        (X, other, BRIDGE),
        way("y", "x", (HIGH, HIGH), "high"),
        way("x", "bridge", (HIGH, MIDDLE), "high"),
        way("bridge", "x", (MIDDLE, LOW), "medium"),
        way("x", "y", (LOW, LOW), "low"),
    )
    assert [(c.kind.value, c.where) for c in conflicts] == [("mapping_cycle_raises_level", ("x",))]


def test_a_cycle_on_one_scale_is_told_by_its_raising_mapping_too() -> None:
    mid = domain("y", {MIDDLE: "medium"}, scale="one")
    conflicts = raising(
        (X, mid), way("x", "y", (HIGH, MIDDLE), "high"), way("y", "x", (MIDDLE, LOW), "medium")
    )
    kinds = [c.kind.value for c in conflicts]
    assert kinds == ["mapping_cycle_raises_level", "level_raised_by_mapping", "level_raised_by_mapping"]


@pytest.mark.parametrize(("level", "lengths"), [("high", [2]), ("low", [])])
def test_a_policy_nobody_grades_is_carried_by_the_highest_level_alone(level: str, lengths: list[int]) -> None:
    # Home is passed once by an ungraded policy: mapped onward at less, it lifts nothing.
    conflicts = raising(
        (X, BRIDGE),
        way("x", "bridge", (HIGH, MIDDLE), "high"),
        way("bridge", "x", (MIDDLE, LOOSE), "medium"),
        way("x", "bridge", (LOOSE, LOOSE), level),
        way("bridge", "x", (LOOSE, LOW), level),
    )
    assert [len(c.witness) for c in conflicts] == lengths
