"""The search for paths that hold, and the record of those that do not."""

from __future__ import annotations

import pytest

from ca_bridge.core.budget import BudgetExhausted, Limits
from ca_bridge.core.path.rejections import MAX_REJECTED, reject
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.shown import MAX_SHOWN, shown_name
from ca_bridge.core.reasons import building, validation
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.names import Attribute, Name
from tests.fakes import ca_graphs as fake
from tests.fakes.ca_graphs import issued, leaf
from tests.fakes.certificates import FROM, codes, name

A, B, ROOT = ("A", "a1"), ("B", "b1"), ("Root", "root")
ANCHOR = issued(ROOT, ROOT)


def test_candidates_that_fail_are_recorded_and_the_next_is_tried() -> None:
    target = leaf(A)
    short = issued(A, ROOT, policy_constraints=None, subject_alt_name=(), critical=frozenset({"2.5.29.35"}))
    detour = [issued(A, B), issued(B, ROOT)]
    context = fake.context([ANCHOR], [short, *detour])
    (path,) = validated_paths(target, context)
    assert path.certificates == (target, *detour)
    (rejected,) = context.rejected
    assert rejected.trust_anchor == ANCHOR.fingerprint
    assert rejected.certificates == (target.fingerprint, short.fingerprint)
    assert codes(rejected.findings) == [("EXTENSION_MUST_NOT_BE_CRITICAL", 1)]


def test_a_fault_of_the_target_alone_ends_the_search() -> None:
    nodes = [(f"M{i}", f"m{i}") for i in range(12)]
    mesh = [issued(x, y) for x in nodes for y in nodes if x != y]
    context = fake.context([ANCHOR], [*mesh, issued(nodes[5], ROOT)], limits=Limits())
    assert list(validated_paths(leaf(nodes[0], not_after=FROM), context)) == []
    assert [codes(r.findings) for r in context.rejected] == [[("TARGET_EXPIRED", 0)]]


def test_paths_validated_are_counted() -> None:
    nodes = [(f"M{i}", f"m{i}") for i in range(12)]
    mesh = [issued(x, y) for x in nodes for y in nodes if x != y]
    context = fake.context(
        [ANCHOR],
        [*mesh, issued(nodes[5], ROOT)],
        limits=Limits(),
        initial_explicit_policy=True,
    )
    with pytest.raises(BudgetExhausted):
        list(validated_paths(leaf(nodes[0]), context))
    assert len(context.rejected) <= 2 * MAX_REJECTED


def test_the_record_keeps_the_nearest_to_the_cause() -> None:
    context = fake.context([ANCHOR])
    reject(context, (leaf(A),), (Finding(reason=validation.CA_EXPIRED, position=1),), ANCHOR.fingerprint)
    for _ in range(2 * MAX_REJECTED):
        reject(context, (leaf(A),), (Finding(reason=building.NO_ISSUER_FOUND, position=0),))
    reject(context, (leaf(A),), (Finding(reason=building.SIGNATURE_INVALID, position=0),))
    assert len(context.rejected) <= 2 * MAX_REJECTED
    first, second = context.rejected[0], context.rejected[-1]
    assert first.findings[0].reason is validation.CA_EXPIRED
    assert second.findings[0].reason is building.SIGNATURE_INVALID


def test_names_are_shown_most_specific_first() -> None:
    assert shown_name(name("C=CN, O=Test, CN=Leaf")) == "CN=Leaf, O=Test, C=CN"
    pair = (Attribute("2.5.4.3", 12, "x\n\u202ey", b""), Attribute("1.2.3", 12, "z", b""))
    assert shown_name(Name(b"", (pair,), ())) == "CN=x\ufffd\ufffdy+1.2.3=z"
    long = shown_name(name("CN=" + "x" * 1000))
    assert len(long) == MAX_SHOWN
    assert long.endswith("…")
