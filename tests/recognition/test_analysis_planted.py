"""Eight conflicts planted in a clean scheme: each found with its counter-example, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ca_bridge.core.recognition.agreement import Agreement
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.conflict import ConflictKind as Kind
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.facts import CaRef, CrossCertificate, KnownFacts
from ca_bridge.core.recognition.domain import PkiDomain, PolicyLevel
from ca_bridge.core.recognition.policy import RecognitionPolicy
from tests.recognition.big_policy import (
    AT,
    BIG_BRIDGES,
    BRIDGES,
    UNTIL,
    agreement,
    big_policy,
    bridge_scheme,
    domain,
    mapping,
    oid,
)

P = "2.999.1."
FACTS = KnownFacts(
    bridge_domains=BRIDGES | {"hub"},
    cross_certificates=(
        CrossCertificate(
            issuer_ca=CaRef("shenzhen", "shenzhen-ca0"),
            subject_ca=CaRef("hub", "hub-ca"),
            policies=(P + "51",),
            mappings=((P + "51", P + "52"),),
            inhibit_policy_mapping=0,
            not_after=UNTIL,
        ),
        CrossCertificate(
            issuer_ca=CaRef("hub", "hub-ca"),
            subject_ca=CaRef("huizhou", "huizhou-ca"),
            policies=(P + "52",),
            mappings=((P + "52", P + "53"),),
            not_after=UNTIL,
        ),
    ),
)


def grading(policy: RecognitionPolicy, name: str, *rows: tuple[str, str]) -> RecognitionPolicy:
    """``policy`` with further (policy, level) rows of one domain."""
    more = tuple(PolicyLevel(policy=p, level=level) for p, level in rows)
    domains = (replace(d, policies=d.policies + more) if d.name == name else d for d in policy.domains)
    return replace(policy, domains=tuple(domains))


def adding(policy: RecognitionPolicy, *parts: PkiDomain | Agreement) -> RecognitionPolicy:
    return replace(
        policy,
        domains=policy.domains + tuple(p for p in parts if isinstance(p, PkiDomain)),
        agreements=policy.agreements + tuple(p for p in parts if isinstance(p, Agreement)),
    )


def cycle(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(
        grading(policy, "guangdong", (P + "11", "high"), (P + "13", "low")),
        domain("isle", {P + "12": "medium"}),
        agreement("gd-isle", "guangdong", "isle", (mapping(P + "11", P + "12", "high"),)),
        agreement("isle-gd", "isle", "guangdong", (mapping(P + "12", P + "13", "medium"),)),
    )


def raised(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(
        grading(policy, "hong-kong", (P + "21", "high")),
        domain("lantau", {P + "22": "low"}, scale="scale of hong-kong"),
        agreement("hk-lantau", "hong-kong", "lantau", (mapping(P + "21", P + "22", "high"),)),
    )


def transitive(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(
        grading(policy, "macau", (P + "31", "high")),
        domain("zhuhai", {P + "32": "medium"}),
        domain("jiangmen", {P + "33": "medium"}),
        agreement("mo-zhuhai", "macau", "zhuhai", (mapping(P + "31", P + "32", "medium"),)),
        agreement("zhuhai-jiangmen", "zhuhai", "jiangmen", (mapping(P + "32", P + "33", "medium"),)),
    )


def dead(policy: RecognitionPolicy) -> RecognitionPolicy:
    gone = mapping(oid("guangdong", "high"), P + "41", "high")
    changed = (
        replace(a, mappings=(*a.mappings, gone)) if a.identifier == "guangdong-bridge-rsa" else a
        for a in policy.agreements
    )
    return replace(policy, agreements=tuple(changed))


def inhibited(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(
        grading(policy, "shenzhen", (P + "51", "high")),
        domain("hub", {P + "52": "high"}),
        domain("huizhou", {P + "53": "high"}),
        agreement("sz-hub", "shenzhen", "hub", (mapping(P + "51", P + "52", "high"),)),
        agreement("hub-huizhou", "hub", "huizhou", (mapping(P + "52", P + "53", "high"),)),
    )


def two_levels(policy: RecognitionPolicy) -> RecognitionPolicy:
    return grading(policy, "macau", (P + "61", "low"), (P + "61", "medium"))


def unreachable(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(policy, domain("island", {P + "71": "high"}))


def overlap(policy: RecognitionPolicy) -> RecognitionPolicy:
    return adding(
        grading(policy, "guangdong", (P + "81", "high"), (P + "82", "medium")),
        domain("foshan", {P + "83": "high"}),
        agreement("gd-foshan-1", "guangdong", "foshan", (mapping(P + "81", P + "83", "high"),)),
        agreement("gd-foshan-2", "guangdong", "foshan", (mapping(P + "82", P + "83", "medium"),)),
    )


PLANTED = {
    cycle: (Kind.MAPPING_CYCLE_RAISES_LEVEL, ("guangdong",), ("gd-isle", "isle-gd")),
    raised: (Kind.LEVEL_RAISED_BY_MAPPING, ("hk-lantau",), ("hk-lantau",)),
    transitive: (Kind.TRANSITIVE_TRUST, ("macau", "jiangmen"), ("mo-zhuhai", "zhuhai-jiangmen")),
    dead: (Kind.DEAD_MAPPING, ("guangdong-bridge-rsa",), ("guangdong-bridge-rsa",)),
    inhibited: (Kind.MAPPING_INHIBITED, ("hub-huizhou",), ("sz-hub", "hub-huizhou")),
    two_levels: (Kind.POLICY_AT_TWO_LEVELS, ("macau",), ()),
    unreachable: (Kind.UNREACHABLE_ANCHOR, ("island",), ()),
    overlap: (
        Kind.AGREEMENTS_OVERLAP_DISAGREE,
        ("gd-foshan-1", "gd-foshan-2"),
        ("gd-foshan-1", "gd-foshan-2"),
    ),
}


def shown(conflicts: tuple[Conflict, ...]) -> list[tuple[Kind, tuple[str, ...], tuple[str, ...]]]:
    return [(c.kind, c.where, tuple(step.agreement for step in c.witness)) for c in conflicts]


def test_all_eight_and_nothing_else() -> None:
    policy = bridge_scheme()
    for plant in PLANTED:
        policy = plant(policy)
    found = shown(find_conflicts(policy, AT, FACTS))
    assert len(found) == len(PLANTED)
    assert set(found) == set(PLANTED.values())


@pytest.mark.parametrize("plant", PLANTED, ids=lambda p: p.__name__)
def test_each_alone(plant: object) -> None:
    policy = plant(bridge_scheme())  # type: ignore[operator]
    facts = FACTS if plant is inhibited else replace(FACTS, cross_certificates=())
    assert shown(find_conflicts(policy, AT, facts)) == [PLANTED[plant]]  # type: ignore[index]


def test_what_the_counter_examples_say() -> None:
    def params(plant: object) -> dict[str, str]:
        return dict(find_conflicts(plant(bridge_scheme()), AT, FACTS)[0].params)  # type: ignore[operator]

    assert params(cycle) == {
        "domain": "guangdong",
        "granted_level": "high",
        "issuer_policy": P + "11",
        "own_level": "low",
        "subject_policy": P + "13",
    }
    assert params(transitive)["through"] == "zhuhai"
    assert params(transitive)["agreed"] == "-"
    assert params(inhibited)["inhibitor"] == "shenzhen/shenzhen-ca0"
    assert params(two_levels)["levels"] == "low, medium"
    assert (params(overlap)["level"], params(overlap)["other_level"]) == ("high", "medium")


def test_clean_schemes_give_none() -> None:
    assert find_conflicts(bridge_scheme(), AT, FACTS) == ()
    big = big_policy()
    sizes = (
        sum(len(d.authorities) for d in big.domains),
        len(big.agreements),
        sum(len(a.mappings) for a in big.agreements),
    )
    assert sizes == (500, 2000, 5000)
    assert find_conflicts(big, AT, KnownFacts(bridge_domains=BIG_BRIDGES)) == ()
