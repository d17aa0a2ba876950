"""RFC 9618's graph gives the sets of RFC 5280's tree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.validation import validate_path
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import PolicyConstraints, PolicyInformation, PolicyMapping
from tests.fakes import certificates as make
from tests.properties.policy_tree import Step, user_constrained

POLICIES = ["1.1", "1.2", "1.3"]
policy = st.sampled_from(POLICIES)
steps = st.lists(
    st.builds(
        Step,
        policies=st.none()
        | st.lists(st.sampled_from([*POLICIES, ANY_POLICY]), min_size=1, max_size=3, unique=True).map(tuple),
        mappings=st.lists(st.tuples(policy, policy), max_size=3).map(tuple),
        self_issued=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)
with_policies = steps.map(
    lambda found: [Step(s.policies or (ANY_POLICY,), s.mappings, s.self_issued) for s in found]
)


def certificates(path: list[Step], inhibit_any: int, inhibit_mapping: int) -> list[Certificate]:
    """The steps as certificates, target first; the anchor counts down to the two limits."""
    found: list[Certificate] = []
    issuer = "CN=Root"
    for i, step in enumerate(path):
        subject = issuer if step.self_issued else f"CN={i}"
        fields = {
            "certificate_policies": step.policies and tuple(PolicyInformation(p) for p in step.policies),
            "policy_mappings": tuple(PolicyMapping(*m) for m in step.mappings) or None,
        }
        found.append(make.ca(subject, issuer, **fields))
        issuer = subject
    return found[::-1]


@settings(max_examples=400, deadline=None)
@given(
    path=steps | with_policies,
    user=st.sets(st.sampled_from([*POLICIES, ANY_POLICY]), min_size=1),
    inhibit_any=st.integers(0, 6),
    inhibit_mapping=st.integers(0, 6),
)
def test_same_sets(path: list[Step], user: set[str], inhibit_any: int, inhibit_mapping: int) -> None:
    anchor = make.root(
        inhibit_any_policy=inhibit_any,
        policy_constraints=PolicyConstraints(None, inhibit_mapping),
        critical=frozenset({"2.5.29.54", "2.5.29.36"}),
    )
    candidate = make.path(*certificates(path, inhibit_any, inhibit_mapping), anchor=anchor)
    expected = user_constrained(path, user, inhibit_any=inhibit_any, inhibit_mapping=inhibit_mapping)
    for explicit in (False, True):
        parameters = make.asked(user_initial_policy_set=frozenset(user), initial_explicit_policy=explicit)
        outcome = validate_path(candidate, make.context(parameters))
        if isinstance(outcome, ValidatedPath):
            assert outcome.user_constrained_policy_set == expected
            assert expected or not explicit
        else:
            assert explicit
            assert not expected
            assert {f.reason.code for f in outcome} <= {"EXPLICIT_POLICY_LOST", "POLICY_NOT_ACCEPTED"}
