"""One verdict from two trust models: which carried it, and whether they disagree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.reasons import building, recognition, revocation, trust_list
from ca_bridge.core.reasons.model import Indication, Reason
from ca_bridge.core.recognition.two_models import combine
from ca_bridge.core.verdict import Finding, RecognitionBasis, TrustModel, Verdict

CROSS, LIST = TrustModel.CROSS_CERTIFICATION, TrustModel.TRUST_LIST
BASES = {
    model: RecognitionBasis(model=model, references=(model.value,), level="high") for model in TrustModel
}


def _passed(model: TrustModel) -> Verdict:
    return Verdict(findings=(), path=("t",), trust_anchor="a", basis=BASES[model])


def _refused(reason: Reason, *, reached: bool = True, position: int | None = 0) -> Verdict:
    findings = (Finding(reason=reason, position=position),)
    return Verdict(findings=findings, path=("t",), trust_anchor="a" if reached else None)


NO_PATH = _refused(building.BUDGET_EXHAUSTED, reached=False, position=None)
OTHER_TYPE = _refused(trust_list.TRUST_LIST_TYPE_OTHER)


@pytest.mark.parametrize("model", TrustModel)
def test_the_model_that_passes_carries(model: TrustModel) -> None:
    other = LIST if model is CROSS else CROSS
    verdicts = {model: _passed(model), other: NO_PATH}
    verdict = combine(tuple((m, verdicts[m]) for m in (CROSS, LIST)))
    assert verdict.indication is Indication.TOTAL_PASSED
    assert verdict.recognition is not None
    assert verdict.recognition.carried_by == BASES[model]
    assert not verdict.recognition.disagree
    assert [o.speaks for o in verdict.recognition.outcomes] == [m is model for m in (CROSS, LIST)]


def test_both_that_pass_agree_and_the_first_carries() -> None:
    verdict = combine(((CROSS, _passed(CROSS)), (LIST, _passed(LIST))))
    assert verdict.recognition is not None
    assert verdict.recognition.carried_by == BASES[CROSS]
    assert not verdict.recognition.disagree


def test_a_model_that_knows_the_certificate_and_refuses_it_disagrees() -> None:
    verdict = combine(((CROSS, _passed(CROSS)), (LIST, OTHER_TYPE)))
    assert verdict.indication is Indication.TOTAL_PASSED
    assert verdict.recognition is not None
    assert verdict.recognition.disagree


@pytest.mark.parametrize(
    "reason",
    [
        revocation.TARGET_REVOKED,
        revocation.TARGET_ON_HOLD,
        recognition.CERTIFICATE_BLOCKED,
        recognition.KEY_BLOCKED,
        recognition.SUBJECT_BLOCKED,
    ],
)
@pytest.mark.parametrize("refusing", TrustModel)
def test_a_yes_never_outweighs_what_is_known_against_the_target(reason: Reason, refusing: TrustModel) -> None:
    verdicts = tuple((m, _refused(reason) if m is refusing else _passed(m)) for m in (CROSS, LIST))
    verdict = combine(verdicts)
    assert verdict.findings[0].reason is reason
    assert verdict.recognition is not None
    assert verdict.recognition.carried_by is None
    assert verdict.recognition.disagree


def test_what_is_known_against_a_ca_leaves_the_other_way_open() -> None:
    blocked = _refused(recognition.CERTIFICATE_BLOCKED, position=1)
    assert combine(((CROSS, blocked), (LIST, _passed(LIST)))).indication is Indication.TOTAL_PASSED


def test_refused_by_both_the_nearer_one_leads() -> None:
    assert combine(((CROSS, NO_PATH), (LIST, OTHER_TYPE))).findings == OTHER_TYPE.findings
    missing = _refused(recognition.AGREEMENT_MISSING)
    assert combine(((CROSS, missing), (LIST, OTHER_TYPE))).findings == missing.findings
    verdict = combine(((CROSS, NO_PATH),))
    assert verdict.findings == NO_PATH.findings
    assert verdict.recognition is not None
    assert not verdict.recognition.disagree


ANY_VERDICT = st.sampled_from(
    [
        _passed(CROSS),
        NO_PATH,
        OTHER_TYPE,
        _refused(revocation.TARGET_REVOKED),
        _refused(recognition.KEY_BLOCKED),
        _refused(recognition.CA_BLOCKED, position=1),
    ]
)


@given(ANY_VERDICT, ANY_VERDICT)
def test_it_passes_only_where_one_passes_and_none_speaks_against_the_target(
    one: Verdict, other: Verdict
) -> None:
    verdict = combine(((CROSS, one), (LIST, other)))
    spoken_against = any(
        f.reason in (revocation.TARGET_REVOKED, recognition.KEY_BLOCKED)
        for v in (one, other)
        for f in v.findings
    )
    passes = not (one.findings and other.findings) and not spoken_against
    assert (verdict.indication is Indication.TOTAL_PASSED) == passes
