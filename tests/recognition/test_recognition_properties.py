"""Agreeing to less never lets more pass; the order in which things were agreed says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.recognition.agreement import Agreement, Conditions, PolicyMapping, RecognitionStatus
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.request import Purpose
from ca_bridge.core.verdict import Verdict
from tests.recognition.scheme import (
    ENTRY,
    LEAVES,
    NOW,
    POLICY,
    SCALE,
    SINCE,
    C,
    agreement,
    ask,
    key_of,
    listed,
    mapping,
    pki,
    with_entry,
)

TARGETS = st.sampled_from(
    [LEAVES["gd-a-sm2-company-sign"], LEAVES["gd-a-sm2-person-sign"], LEAVES["gd-a-sm2-person-basic"]]
)
HK = [pki.HK_HIGH, pki.HK_MUTUAL_RECOGNITION]
LEVELS = list(SCALE.levels)
TIMES = st.sampled_from([SINCE, NOW, NOW + timedelta(days=1), None])


def _mappings(issuers: list[str], subjects: list[str]) -> st.SearchStrategy[tuple[PolicyMapping, ...]]:
    pair = st.builds(mapping, st.sampled_from(issuers), st.sampled_from(subjects), st.sampled_from(LEVELS))
    return st.lists(pair, max_size=6, unique=True).map(tuple)


def _agreements(identifier: str, issuer: str, subject: str, mappings: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(
        lambda ms, status, until, purposes: agreement(
            identifier,
            issuer,
            subject,
            *ms,
            status=status,
            effective_until=until,
            conditions=Conditions(purposes=purposes),
        ),
        mappings,
        st.sampled_from([RecognitionStatus.ACTIVE] * 3 + [RecognitionStatus.SUSPENDED]),
        TIMES,
        st.sampled_from([frozenset(Purpose)] * 3 + [frozenset({Purpose.DIGITAL_SIGNATURE})]),
    )


POLICIES = st.builds(
    lambda one, two, three: replace(POLICY, agreements=(one, two, three)),
    _agreements("hk-bridge", "hk", "bridge", _mappings(HK, list(pki.BRIDGE_POLICIES))),
    _agreements("hk-bridge-2", "hk", "bridge", _mappings(HK, list(pki.BRIDGE_POLICIES))),
    _agreements("bridge-gd", "bridge", "gd", _mappings(list(pki.BRIDGE_POLICIES), list(pki.GD_POLICIES))),
)


def _rank(verdict: Verdict) -> int:
    """-1 = refused; else the place of the level on the scale, -0 for none."""
    if verdict.findings:
        return -1
    assert verdict.basis is not None
    return SCALE.rank(verdict.basis.level)


@settings(max_examples=60, deadline=None)
@given(POLICIES, TARGETS, st.data())
def test_agreeing_to_less_never_reaches_higher(
    policy: RecognitionPolicy, target: bytes, data: st.DataObject
) -> None:
    before = ask(target, policy)
    index = data.draw(st.integers(0, 2))
    chosen: Agreement = policy.agreements[index]
    kept = data.draw(
        st.lists(st.sampled_from(chosen.mappings), unique=True) if chosen.mappings else st.just([])
    )
    less = replace(chosen, mappings=tuple(kept))
    agreements = tuple(less if a is chosen else a for a in policy.agreements)
    after = ask(target, replace(policy, agreements=agreements))
    assert _rank(after) <= _rank(before)


@settings(max_examples=40, deadline=None)
@given(POLICIES, TARGETS, st.randoms(use_true_random=False))
def test_the_order_of_agreements_and_mappings_says_nothing(
    policy: RecognitionPolicy, target: bytes, random: object
) -> None:
    shuffled = [
        replace(a, mappings=tuple(random.sample(a.mappings, len(a.mappings)))) for a in policy.agreements
    ]
    random.shuffle(shuffled)
    other = ask(target, replace(policy, agreements=tuple(shuffled), domains=policy.domains[::-1]))
    assert ask(target, policy) == other


@settings(max_examples=40, deadline=None)
@given(POLICIES, TARGETS)
def test_a_level_asked_for_is_a_level_reached(policy: RecognitionPolicy, target: bytes) -> None:
    reached = _rank(ask(target, policy))
    for place, level in enumerate(LEVELS):
        passed = not ask(target, policy, assurance_level=level).findings
        assert passed == (place <= reached)


@settings(max_examples=40, deadline=None)
@given(POLICIES, TARGETS)
def test_a_policy_passes_only_by_a_pair_agreed_at_each_crossing(
    policy: RecognitionPolicy, target: bytes
) -> None:
    """An oracle in a few lines: the cross-certificates of the test PKI map level to level."""
    certified = {"hk-bridge": dict(pki.HK_LEVELS), "bridge-gd": dict(pki._down(pki.GD_LEVELS))}
    levels = dict(zip(_targets(), pki.GD_POLICIES, strict=True))
    asserted = levels[target]

    def agreed(parties: str) -> set[tuple[str, str]]:
        issuer, subject = parties.split("-")
        return {
            (m.issuer_domain_policy, m.subject_domain_policy)
            for a in policy.agreements
            if (a.issuer_domain, a.subject_domain) == (issuer, subject)
            and a.status is RecognitionStatus.ACTIVE
            and (a.effective_until is None or a.effective_until > NOW)
            and Purpose.ANY in a.conditions.purposes
            for m in a.mappings
        }

    possible = {
        hk
        for hk, bridge in agreed("hk-bridge")
        for bridge_2, gd in agreed("bridge-gd")
        if bridge == bridge_2
        and gd == asserted
        and certified["hk-bridge"].get(hk) == bridge
        and certified["bridge-gd"].get(bridge) == gd
    }
    verdict = ask(target, policy)
    held = set(verdict.basis.policies) if verdict.basis else set()
    assert held <= possible


def _targets() -> list[bytes]:
    return [LEAVES["gd-a-sm2-company-sign"], LEAVES["gd-a-sm2-person-sign"], LEAVES["gd-a-sm2-person-basic"]]


BLOCKS = st.sampled_from(
    [
        (BlockKind.CA, key_of(C["hk-root"])),
        (BlockKind.CA, key_of(C["hk-ca"])),
        (BlockKind.KEY, key_of(LEAVES["hk-person-sign"])),
        (BlockKind.CERTIFICATE, "0" * 64),
    ]
)


@settings(max_examples=30, deadline=None)
@given(BLOCKS, TIMES, TIMES, st.sampled_from([SINCE, NOW, NOW + timedelta(days=400)]))
def test_a_block_never_lets_pass_what_was_refused(
    block: tuple, since: object, until: object, recognised: object
) -> None:
    policy = with_entry(replace(ENTRY, recognised_from=recognised))
    kind, value = block
    added = Block(
        identifier="b",
        kind=kind,
        value=value,
        reason_zh="x",
        reason_en="x",
        publication="x",
        effective_from=since or SINCE,
        effective_until=until,
    )
    before = listed(LEAVES["hk-person-sign"], policy)
    after = listed(LEAVES["hk-person-sign"], replace(policy, blocks=(added,)))
    if before.findings:
        assert after.findings
