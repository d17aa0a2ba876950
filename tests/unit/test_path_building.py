"""Path building case by case: what is found, in which order, and what is said when nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from ca_bridge.core.budget import BudgetExhausted, Limits, Resource
from ca_bridge.core.path.building import HOPELESS_PATHS, candidate_paths
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import DSA
from ca_bridge.core.reasons import algorithms, building
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.request import Purpose
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import (
    AlgorithmIdentifier,
    Certificate,
    SignedBytes,
    SubjectPublicKeyInfo,
)
from tests.fakes import ca_graphs as fake
from tests.fakes.ca_graphs import issued, key_identifier, leaf
from tests.fakes.certificates import FROM, NOT_CA, NOW, UNTIL

A, B, C, D, ROOT, OTHER = (
    ("A", "a1"),
    ("B", "b1"),
    ("C", "c1"),
    ("D", "d1"),
    ("Root", "root"),
    ("Other", "other"),
)
A2 = ("A", "a2")
ANCHOR, SECOND = issued(ROOT, ROOT), issued(OTHER, OTHER)


def paths(target: Certificate, context: Context) -> list[list[Certificate]]:
    """Each path found with its anchor's certificate last."""
    return [[*p.certificates, p.anchor.certificate] for p in candidate_paths(target, context)]


def told(context: Context) -> list[tuple[Reason, int | None]]:
    return [(f.reason, f.position) for rejected in context.rejected for f in rejected.findings]


def explained(
    target: Certificate, supplied: Iterable[Certificate] = (), **more: object
) -> list[tuple[Reason, int | None]]:
    context = fake.context([ANCHOR], (), supplied, **more)  # type: ignore[arg-type]
    assert paths(target, context) == []
    return told(context)


def test_the_anchor_itself_is_not_on_the_path() -> None:
    target, a = leaf(A), issued(A, ROOT)
    context = fake.context([ANCHOR], [a, ANCHOR])
    assert paths(target, context) == [[target, a, ANCHOR]]
    assert context.rejected == []


def test_a_self_signed_target_that_is_an_anchor_has_the_path_of_itself() -> None:
    assert paths(ANCHOR, fake.context([ANCHOR])) == [[ANCHOR, ANCHOR]]


def test_another_certificate_of_the_anchors_name_and_key_is_below_it() -> None:
    copy = issued(ROOT, ROOT, copy=1)
    assert paths(copy, fake.context([ANCHOR])) == [[copy, ANCHOR]]


def test_a_cross_certificate_of_the_anchor_is_validated_across_the_others() -> None:
    cross, a = issued(ROOT, A), issued(A, ROOT)
    assert paths(cross, fake.context([ANCHOR], [a])) == [[cross, a, ANCHOR]]


def test_an_intermediate_may_be_the_anchor() -> None:
    target, a = leaf(A), issued(A, ROOT)
    assert paths(target, fake.context([a], [ANCHOR])) == [[target, a]]


def test_an_anchor_is_passed_through_to_another_after_it_was_tried_itself() -> None:
    target, a = leaf(A), issued(A, ROOT)
    assert paths(target, fake.context([ANCHOR, a])) == [[target, a], [target, a, ANCHOR]]


def test_two_anchors_of_one_name_and_key_are_both_tried() -> None:
    target, copy = leaf(ROOT), issued(ROOT, ROOT, copy=1)
    found = paths(target, fake.context([ANCHOR, copy]))
    assert sorted(p[1].fingerprint for p in found) == sorted([ANCHOR.fingerprint, copy.fingerprint])


def test_key_rollover_is_followed_but_no_name_and_key_twice() -> None:
    target = leaf(A2)
    new_with_old, old_with_new, a = issued(A2, A), issued(A, A2), issued(A, ROOT)
    context = fake.context([ANCHOR], [new_with_old, old_with_new, a])
    assert paths(target, context) == [[target, new_with_old, a, ANCHOR]]


def test_shorter_paths_come_first_then_by_fingerprint() -> None:
    target = leaf(A)
    direct = sorted([issued(A, ROOT, copy=i) for i in range(3)], key=lambda c: c.fingerprint)
    detour, b = issued(A, B), issued(B, ROOT)
    context = fake.context([ANCHOR], [detour, *reversed(direct)], [b])
    assert paths(target, context) == [*([target, a, ANCHOR] for a in direct), [target, detour, b, ANCHOR]]


@pytest.mark.parametrize(
    "unfit",
    [
        {"not_after": FROM},
        {"not_before": UNTIL},
        {"basic_constraints": NOT_CA},
        {"basic_constraints": None},
        {"key_usage": frozenset()},
        {"unknown_critical": ("1.2.3",)},
        {"extended_key_usage": frozenset({"1.3.6.1.5.5.7.3.4"})},
    ],
)
def test_what_cannot_issue_is_tried_last_and_still_told(unfit: dict[str, object]) -> None:
    target, b, a = leaf(A), issued(B, ROOT), issued(A, B)
    hopeless = [issued(A, ROOT, copy=i, **unfit) for i in range(HOPELESS_PATHS + 2)]
    context = fake.context([ANCHOR], [*hopeless[:5], a, b], hopeless[5:], purpose=Purpose.SERVER_AUTH)
    found = paths(target, context)
    assert found[0] == [target, a, b, ANCHOR]
    assert len(found) == 1 + HOPELESS_PATHS
    assert all(p[1] in hopeless for p in found[1:])


def test_the_last_second_of_validity_counts_whole() -> None:
    target, a = leaf(A), issued(A, ROOT, not_after=NOW)
    context = fake.context([ANCHOR], [a], validation_time=NOW.replace(microsecond=999_999))
    assert next(candidate_paths(target, context)).certificates == (target, a)


def test_a_key_identifier_that_does_not_match_hides_nothing() -> None:
    target = leaf(A, authority_key_identifier=key_identifier("wrong"))
    a, twin = issued(A, ROOT), issued(A2, ROOT, subject_key_identifier=b"wrong")
    context = fake.context([ANCHOR], (), [a, twin])
    assert paths(target, context) == [[target, a, ANCHOR]]


def test_the_key_identifier_asked_for_is_tried_first() -> None:
    keys = [("A", f"a{i}") for i in range(20)]
    supplied = [issued(key, ROOT, subject_key_identifier=key[1].encode()) for key in keys]
    target = leaf(keys[13], authority_key_identifier=key_identifier("a13"))
    context = fake.context([ANCHOR], (), supplied)
    next(candidate_paths(target, context))
    assert context.budget._left[Resource.SIGNATURES] == fake.AMPLE.signatures - 2


def test_signatures_of_the_graph_are_not_counted_and_others_once() -> None:
    target, a, b = leaf(A), issued(A, B), issued(B, ROOT)
    context = fake.context([ANCHOR], [b], [a])
    list(candidate_paths(target, context))
    assert context.budget._left[Resource.SIGNATURES] == fake.AMPLE.signatures - 2


def test_what_is_supplied_may_lead_into_the_graph() -> None:
    target, a, b = leaf(A), issued(A, B), issued(B, C)
    context = fake.context([ANCHOR], [a, b], [issued(C, ROOT), issued(B, ROOT)])
    assert paths(target, context) == [
        [target, a, issued_like(context, B, ROOT), ANCHOR],
        [target, a, b, issued_like(context, C, ROOT), ANCHOR],
    ]


def issued_like(context: Context, subject: fake.Node, issuer: fake.Node) -> Certificate:
    wanted = fake.issued(subject, issuer)
    return next(c for c in context.supplied if c == wanted)


def test_the_missing_issuer_of_a_known_certificate_may_be_supplied() -> None:
    target, a, d = leaf(A), issued(A, D), issued(D, ROOT)
    context = fake.context([ANCHOR], [a], [d])
    assert paths(target, context) == [[target, a, d, ANCHOR]]


def test_a_bridge_in_what_was_supplied_is_ruled_out_without_checking_signatures() -> None:
    bridge, members = B, [(f"M{i}", f"m{i}") for i in range(60)]
    supplied = [c for m in members for c in (issued(m, bridge), issued(bridge, m))]
    context = fake.context([issued(members[0], members[0])], (), supplied)
    assert len(paths(leaf(members[1]), context)) == 1
    assert context.budget._left[Resource.SIGNATURES] > fake.AMPLE.signatures - 50


def test_members_below_the_graph_are_ruled_out_the_same() -> None:
    members = [(f"M{i}", f"m{i}") for i in range(60)]
    supplied = [c for m in members for c in (issued(m, B), issued(B, m))] + [issued(B, A)]
    context = fake.context([ANCHOR], [issued(A, ROOT)], supplied)
    assert len(paths(leaf(members[1]), context)) == 1
    assert context.budget._left[Resource.SIGNATURES] > fake.AMPLE.signatures - 50


def test_an_unacceptable_algorithm_is_told_once_and_others_are_tried() -> None:
    weak = Finding(reason=algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE)
    target, a = leaf(A), issued(A, ROOT)
    checker = fake.Signatures(problems={"b1": weak})
    b, by_b = issued(B, ROOT), issued(A, B)
    detour = [issued(A, C), issued(C, D), issued(D, ROOT)]
    context = fake.context([ANCHOR], [a, b, by_b, *detour], signatures=checker)
    assert [len(p) for p in paths(target, context)] == [3, 5]
    assert told(context) == [(weak.reason, 1)]


# What is said when there is no path


def test_no_issuer() -> None:
    assert explained(leaf(A)) == [(building.NO_ISSUER_FOUND, 0)]
    assert explained(leaf(A), [issued(A, B)]) == [(building.NO_ISSUER_FOUND, 1)]


def test_an_altered_target() -> None:
    assert explained(leaf(A, forged=True), [issued(A, ROOT)]) == [(building.SIGNATURE_INVALID, 0)]


def test_an_altered_ca_certificate() -> None:
    assert explained(leaf(A), [issued(A, ROOT, forged=True)]) == [(building.CA_SIGNATURE_INVALID, 1)]


def test_forged_certificates_in_a_mesh_do_not_lure_the_search() -> None:
    nodes = [(f"M{i}", f"m{i}") for i in range(12)]
    mesh = [issued(x, y) for x in nodes for y in nodes if x != y]
    forged = [issued(x, ROOT, forged=True) for x in nodes]
    reasons = explained(leaf(nodes[0]), [*mesh, *forged], limits=Limits())
    assert reasons == [(building.CA_SIGNATURE_INVALID, 1)]


def test_the_issuers_other_key() -> None:
    target = leaf(A, authority_key_identifier=key_identifier("a1"))
    twin = issued(A2, ROOT, subject_key_identifier=b"a2")
    assert explained(target, [twin]) == [(building.ISSUER_KEY_NOT_FOUND, 0)]
    nameless = issued(A2, ROOT)
    assert explained(target, [nameless]) == [(building.SIGNATURE_INVALID, 0)]


def test_a_root_that_is_not_trusted() -> None:
    assert explained(leaf(A), [issued(A, B), issued(B, B), issued(B, A)]) == [(building.UNTRUSTED_ROOT, 2)]
    assert explained(issued(A, A)) == [(building.UNTRUSTED_ROOT, 0)]


def test_a_self_issued_target_of_another_key() -> None:
    assert explained(issued(A2, A)) == [(building.SIGNATURE_INVALID, 0)]
    other = issued(A2, A, subject_key_identifier=b"a2", authority_key_identifier=key_identifier("a1"))
    assert explained(other) == [(building.ISSUER_KEY_NOT_FOUND, 0)]


def test_a_loop() -> None:
    assert explained(leaf(A), [issued(A, B), issued(B, A)]) == [(building.PATH_LOOP, 2)]


def test_a_path_too_long() -> None:
    ladder = [(f"L{i}", f"l{i}") for i in range(6)]
    rungs = [issued(low, high) for low, high in pairwise(ladder)]
    context = fake.context(
        [issued(ladder[-1], ladder[-1])], (), rungs, limits=replace(fake.AMPLE, path_depth=5)
    )
    assert paths(leaf(ladder[0]), context) == []
    assert (building.PATH_TOO_LONG, None) in told(context)
    enough = fake.context(
        [issued(ladder[-1], ladder[-1])], (), rungs, limits=replace(fake.AMPLE, path_depth=6)
    )
    assert len(paths(leaf(ladder[0]), enough)) == 1


def test_more_ways_than_can_be_told() -> None:
    keys = [("A", f"x{i}") for i in range(9)]
    assert explained(leaf(A), [issued(key, ROOT) for key in keys]) == [
        (building.NO_PATH_TO_TRUST_ANCHOR, None)
    ]
    ladder = [(f"L{i}", f"l{i}") for i in range(30)]
    rungs = [issued(low, high) for low, high in pairwise(ladder)]
    assert explained(leaf(ladder[0]), rungs) == [(building.NO_PATH_TO_TRUST_ANCHOR, None)]


def test_a_target_that_is_an_anchor_and_not_self_signed() -> None:
    cross = issued(A, ROOT)
    context = fake.context([cross])
    assert paths(cross, context) == []
    assert told(context) == [(building.TARGET_IS_TRUST_ANCHOR, None)]
    assert paths(cross, fake.context([cross, ANCHOR])) == [[cross, ANCHOR]]


def test_a_precise_fault_of_the_targets_signature_is_kept() -> None:
    encoding = Finding(reason=algorithms.SIGNATURE_ENCODING_INVALID, params=(("algorithm", "fake"),))
    mismatch = Finding(reason=algorithms.SIGNATURE_ALGORITHM_KEY_MISMATCH)
    target, a = leaf(A), issued(A, ROOT)
    assert explained(target, [a], signatures=Saying({"a1": encoding})) == [(encoding.reason, 0)]
    assert explained(target, [a], signatures=Saying({"root": encoding})) == [
        (building.CA_SIGNATURE_INVALID, 1)
    ]
    assert explained(target, [a], signatures=Saying({"root": mismatch})) == [(mismatch.reason, 1)]


def test_an_unacceptable_key_of_an_unreachable_issuer_is_told() -> None:
    weak = Finding(reason=algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE)
    checker = fake.Signatures(problems={"a1": weak})
    assert explained(leaf(A), [issued(A, B)], signatures=checker) == [(weak.reason, 0)]


class Saying(fake.Signatures):
    """Says of certain keys what it was told to, whatever was signed."""

    def __init__(self, sayings: dict[str, Finding]) -> None:
        super().__init__()
        self.sayings = sayings

    def verify(self, signed: SignedBytes, key: SubjectPublicKeyInfo, **rest: object) -> Finding | None:
        said = self.sayings.get(key.key.decode())
        return said or super().verify(signed, key, **rest)  # type: ignore[arg-type]


# Budget


def test_the_budget_ends_a_search() -> None:
    nodes = [(f"M{i}", f"m{i}") for i in range(12)]
    mesh = [issued(x, y) for x in nodes for y in nodes if x != y]
    context = fake.context([ANCHOR], [*mesh, issued(nodes[5], ROOT)], limits=Limits(build_steps=2_000))
    with pytest.raises(BudgetExhausted) as caught:
        paths(leaf(nodes[0]), context)
    assert caught.value.resource is Resource.BUILD_STEPS
    forged = [issued(A, (f"N{i % 9}", f"n{i % 9}"), copy=i, forged=True) for i in range(600)]
    names = [issued((f"N{i}", f"n{i}"), ROOT) for i in range(9)]
    context = fake.context([ANCHOR], (), [*forged, *names], limits=Limits(build_steps=20_000))
    with pytest.raises(
        BudgetExhausted
    ) as caught:  # distances are found again at the cost of each certificate
        paths(leaf(A), context)
    assert caught.value.resource is Resource.BUILD_STEPS
    keys = [("A", f"x{i}") for i in range(9)]
    context = fake.context([ANCHOR], (), [issued(key, ROOT) for key in keys], limits=Limits(signatures=5))
    with pytest.raises(BudgetExhausted) as caught:
        paths(leaf(A), context)
    assert caught.value.resource is Resource.SIGNATURES


# DSA keys that inherit their parameters


def dsa_key(seed: str, parameters: bytes | None) -> SubjectPublicKeyInfo:
    return SubjectPublicKeyInfo(seed.encode(), AlgorithmIdentifier(DSA, parameters), seed.encode())


class Parameters(fake.Signatures):
    """A DSA signature verifies under its key with the parameters "p", and not acceptably with "weak"."""

    def verify(self, signed: SignedBytes, key: SubjectPublicKeyInfo, **rest: object) -> Finding | None:
        used = key.algorithm.parameters or rest.get("dsa_parameters")
        if key.algorithm.parameters is None and key.algorithm.oid == DSA and used == b"weak":
            return Finding(reason=algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE)
        if key.algorithm.parameters is None and key.algorithm.oid == DSA and used != b"p":
            return Finding(reason=algorithms.SIGNATURE_DOES_NOT_VERIFY, params=(("algorithm", "DSA"),))
        return super().verify(signed, key, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("known", ["known", "supplied"])
@pytest.mark.parametrize(
    ("inherited", "expected"),
    [
        (b"p", []),
        (b"q", [(building.SIGNATURE_INVALID, 0)]),
        (b"weak", [(algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE, 0)]),
    ],
)
def test_inherited_parameters_are_looked_for_above(
    inherited: bytes, expected: list[tuple[Reason, int]], known: str
) -> None:
    target, a, b = (
        leaf(A),
        issued(A, B, spki=dsa_key("a1", None)),
        issued(B, ROOT, spki=dsa_key("b1", inherited)),
    )
    more = {known: [a, b]}
    context = fake.context([ANCHOR], **more, signatures=Parameters())  # type: ignore[arg-type]
    assert paths(target, context) == ([] if expected else [[target, a, b, ANCHOR]])
    assert told(context) == expected


def test_parameters_that_nobody_above_has_verify_nothing() -> None:
    lacking = issued(A, ROOT, spki=dsa_key("a1", None))
    below = issued(B, A, spki=dsa_key("b1", None))
    context = fake.context([ANCHOR], [lacking, below], signatures=Parameters())
    assert paths(leaf(B), context) == []
    assert told(context) == [(building.CA_SIGNATURE_INVALID, 1)]


def test_a_dead_end_below_a_key_without_parameters() -> None:
    assert explained(leaf(A), [issued(A, B, spki=dsa_key("a1", None))]) == [(building.NO_ISSUER_FOUND, 1)]
