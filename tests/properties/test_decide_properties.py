"""What holds of every verdict, over generated PKIs: it is repeatable, unordered, and only ever tightens."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ca_bridge import wiring
from ca_bridge.services.batch import LineJudge
from tests.differential.engines import line
from tests.differential.pki import Crl, Pki, Question
from tests.differential.strategies import THEMES, pkis

EVERY = st.sampled_from(THEMES).flatmap(pkis)
EXAMPLES = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def judge() -> LineJudge:
    return LineJudge(wiring.gateway().validate)


@pytest.fixture(scope="module")
def other_judge() -> LineJudge:
    """Another gateway, with a memory of its own."""
    return LineJudge(wiring.gateway().validate)


def answer(judge: LineJudge, pki: Pki, **fields: Any) -> dict[str, Any]:
    """The out line less the time it took."""
    out = judge.judge_line(json.dumps(line(pki) | fields).encode())
    del out["elapsed_us"]
    return out


def passes(judge: LineJudge, pki: Pki, **fields: Any) -> bool:
    return bool(answer(judge, pki, **fields)["indication"] == "TOTAL_PASSED")


@EXAMPLES
@given(pki=EVERY)
def test_decided_twice_it_is_the_same_to_the_byte(judge: LineJudge, other_judge: LineJudge, pki: Pki) -> None:
    first = json.dumps(answer(judge, pki))
    assert json.dumps(answer(judge, pki)) == first
    assert json.dumps(answer(other_judge, pki)) == first


@EXAMPLES
@given(pki=EVERY, data=st.data())
def test_order_and_repetition_of_evidence_change_nothing(
    judge: LineJudge, pki: Pki, data: st.DataObject
) -> None:
    shuffled = replace(
        pki,
        pool=tuple(data.draw(st.permutations(pki.pool))) + pki.pool[:1],
        anchors=tuple(data.draw(st.permutations(pki.anchors))) + pki.anchors[:1],
        crls=tuple(data.draw(st.permutations(pki.crls))) + pki.crls[:1],
    )
    assert answer(judge, shuffled) == answer(judge, pki)


@EXAMPLES
@given(pki=pkis("revocation"))
def test_evidence_never_makes_better_than_no_evidence(judge: LineJudge, pki: Pki) -> None:
    bare = replace(pki, crls=())
    if passes(judge, pki, revocation="if_available"):
        assert passes(judge, bare, revocation="if_available")


@EXAMPLES
@given(pki=pkis("revocation"))
def test_a_revoked_target_never_passes(judge: LineJudge, pki: Pki) -> None:
    told = answer(judge, pki, revocation="if_available")
    assume(told["indication"] == "TOTAL_PASSED")
    target = pki.target
    gone = Crl(number=90, issuer_dn=target.issuer_dn, key=target.issuer_key, revoked=(target.serial,))
    assume(not any(cert.usage == ("key_cert_sign",) for cert in pki.pool))
    revoked = replace(pki, crls=(*pki.crls, gone))
    for rule in ("if_available", "require_target", "require_all"):
        assert answer(judge, revoked, revocation=rule)["reasons"][0]["code"] == "TARGET_REVOKED"
    assert passes(judge, revoked, revocation="none")


@EXAMPLES
@given(pki=EVERY, data=st.data())
def test_fewer_anchors_never_help(judge: LineJudge, pki: Pki, data: st.DataObject) -> None:
    kept = tuple(data.draw(st.lists(st.sampled_from(pki.anchors), unique=True)))
    if passes(judge, replace(pki, anchors=kept)):
        assert passes(judge, pki)


@EXAMPLES
@given(pki=EVERY, data=st.data())
def test_more_certificates_never_hurt(judge: LineJudge, pki: Pki, data: st.DataObject) -> None:
    kept = tuple(data.draw(st.lists(st.sampled_from(pki.pool), unique=True))) if pki.pool else ()
    if passes(judge, replace(pki, pool=kept)):
        assert passes(judge, pki)


TIGHTER = st.fixed_dictionaries(
    {},
    optional={
        "initial_explicit_policy": st.just(True),
        "initial_policy_mapping_inhibit": st.just(True),
        "initial_any_policy_inhibit": st.just(True),
        "max_path_length": st.integers(0, 4),
        "key_usage": st.lists(st.sampled_from(("digital_signature", "key_cert_sign")), min_size=1),
        "user_initial_policy_set": st.lists(st.sampled_from(("2.999.9.1", "2.999.9.2"))),
        "dns_name": st.just("www.a.example"),
        "purpose": st.sampled_from(("server_auth", "time_stamping")),
        "revocation": st.just("require_all"),
    },
)


@EXAMPLES
@given(pki=EVERY, tighter=TIGHTER)
def test_asking_more_never_turns_no_into_yes(judge: LineJudge, pki: Pki, tighter: dict[str, Any]) -> None:
    """From the loosest question: whatever is asked beside it can only lose."""
    loosest = {"revocation": "none" if not pki.crls else "if_available"}
    plain = replace(pki, question=Question())
    if passes(judge, plain, **(loosest | tighter)):
        assert passes(judge, plain, **loosest)
