"""The CA graph, its reach from anchors, and dominators against their definition."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.path import dominators
from ca_bridge.core.path.dominators import immediate_dominators
from ca_bridge.core.path.graph import MAX_KEYS_TRIED, CaGraph
from ca_bridge.core.path.reach import UNREACHED, usable_reach, whole_reach
from ca_bridge.core.path.supplied import Supplied
from tests.fakes import ca_graphs as fake
from tests.fakes.ca_graphs import issued
from tests.fakes.certificates import FROM, NOW, UNTIL, asked, name

A, B, C, ROOT = ("A", "a1"), ("B", "b1"), ("C", "c1"), ("Root", "root")
ANCHOR = issued(ROOT, ROOT)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_dominators_are_what_every_way_passes(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - drawn, to be drawn again
    size = rng.randrange(2, 9)
    edges = {n: [rng.randrange(size) for _ in range(rng.randrange(4))] for n in range(size)}
    roots = rng.sample(range(size), rng.randrange(1, size))

    def reached(without: int | None) -> set[int]:
        seen: set[int] = set()
        stack = [r for r in roots if r != without]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(n for n in edges[node] if n != without)
        return seen

    found = immediate_dominators([*roots, *roots], edges.__getitem__)
    assert found.keys() == reached(None)
    for node in found:
        dominating = set()
        above = found[node]
        while above is not None:
            dominating.add(above)
            above = found[above]
        assert dominating == {n for n in found if n != node and node not in reached(n)}


def test_a_graph_made_to_be_slow_is_given_up_on(monkeypatch: object) -> None:
    original = dominators.MAX_STEPS_PER_EDGE
    dominators.MAX_STEPS_PER_EDGE = 1
    try:
        assert immediate_dominators([0], lambda n: [(n + 1) % 50, (n * 7) % 50]) == {}
    finally:
        dominators.MAX_STEPS_PER_EDGE = original


def test_edges_of_a_graph_are_checked_once() -> None:
    checker = fake.Signatures()
    certificates = [ANCHOR, issued(A, ROOT), issued(A, ROOT, copy=1), issued(B, A), issued(A, B)]
    graph = CaGraph.build(certificates, checker, ())  # type: ignore[arg-type]
    assert checker.asked == len(certificates)
    larger = graph.extended([issued(C, A), issued(("A", "a2"), ROOT)], checker, ())  # type: ignore[arg-type]
    assert checker.asked == len(certificates) + 2 + 1 + 1
    assert len(larger.certificates) == len(certificates) + 2
    again = CaGraph.build(larger.certificates, checker, ())  # type: ignore[arg-type]
    for certificate in larger.certificates:
        assert [n.order for n in larger.issuers(certificate)] == [n.order for n in again.issuers(certificate)]


def test_of_very_many_keys_of_a_name_the_likely_are_tried() -> None:
    checker = fake.Signatures()
    crowd = [issued(("A", f"a{i}"), ("A", f"a{i}"), subject_key_identifier=b"%d" % i) for i in range(60)]
    aimed = issued(B, ("A", "a44"), authority_key_identifier=fake.key_identifier("44"))
    astray = issued(C, ("A", "a3"))
    graph = CaGraph.build([*crowd, aimed, astray], checker, ())  # type: ignore[arg-type]
    assert checker.asked == len(crowd) + 1
    assert [n.spki.key for n in graph.issuers(aimed)] == [b"a44"]
    assert graph.orphans == {name("CN=A").normalized: [astray]}
    larger = graph.extended([issued(B, ("A", "a1"))], checker, ())  # type: ignore[arg-type]
    assert [n.spki.key for n in larger.issuers(aimed)] == [b"a44"]


def test_key_identifiers_that_all_fit_are_tried_up_to_a_bound() -> None:
    checker = fake.Signatures()
    crowd = [issued(("A", f"a{i}"), ROOT, subject_key_identifier=b"same") for i in range(60)]
    forged = issued(B, ("A", "none"), authority_key_identifier=fake.key_identifier("same"))
    graph = CaGraph.build([*crowd, forged], checker, ())  # type: ignore[arg-type]
    assert checker.asked == MAX_KEYS_TRIED
    assert graph.issuers(forged) == ()


def test_nodes_by_name_and_key() -> None:
    renewed, copy = issued(("A", "a2"), A), issued(A, ROOT, copy=1, subject_key_identifier=b"id")
    graph = CaGraph.build([issued(A, ROOT), copy, renewed], fake.Signatures(), ())  # type: ignore[arg-type]
    assert [len(n.certificates) for n in graph.nodes if n.name == name("CN=A")].count(2) == 1
    assert len(graph.named(name("CN=A").normalized)) == 2
    assert graph.certified(copy).key_identifiers == {b"id"}
    assert copy in graph
    assert issued(B, ROOT) not in graph
    assert CaGraph.empty().nodes == ()


def test_a_reach_is_kept_per_anchors_and_period() -> None:
    a = issued(A, ROOT, not_after=NOW)
    context = fake.context([ANCHOR], [a])
    whole = whole_reach(context)
    assert whole_reach(fake.again(context.trust)) is whole
    now = usable_reach(whole, asked())
    assert now is whole
    later = usable_reach(whole, asked(validation_time=NOW + timedelta(seconds=1)))
    assert later is usable_reach(whole, asked(validation_time=UNTIL))
    assert later.distance(whole.graph.certified(a)) == UNREACHED
    assert usable_reach(whole, asked(validation_time=NOW + timedelta(microseconds=5))) is now
    assert usable_reach(whole, asked(validation_time=FROM - timedelta(seconds=1))) is not later


def test_at_a_bridge_the_other_members_are_no_way_up() -> None:
    members = [(f"M{i}", f"m{i}") for i in range(20)]
    known = [c for m in members for c in (issued(m, B), issued(B, m), issued(m, m))]
    whole = whole_reach(fake.context([issued(members[3], members[3])], known))
    bridge = whole.graph.certified(issued(B, members[0]))
    assert whole.ways_up(bridge) == ((0, issued(B, members[3])),)
    assert whole.ways_up(bridge) is whole.ways_up(bridge)


def test_what_is_walked_of_the_graph_is_counted() -> None:
    """Each forged short cut to a bridge measures all members anew: the budget is told."""
    members = [issued((f"M{i}", f"m{i}"), B) for i in range(20)]
    reach = whole_reach(fake.context([ANCHOR], [issued(A, ROOT), issued(B, A), *members]))
    short_cut = Supplied(reach, [issued(B, ROOT, forged=True)], name("CN=M3").normalized)
    assert len(members) < short_cut.steps <= len(members) + 5
    aside = Supplied(reach, [issued(C, ROOT)], name("CN=C").normalized)
    assert aside.steps <= 3


def test_supplied_certificates_that_nothing_asks_for_cost_nothing() -> None:
    reach = whole_reach(fake.context([ANCHOR], [issued(A, ROOT)]))
    supplied = Supplied(reach, [issued(B, C), issued(C, B)], name("CN=A").normalized)
    assert not supplied.added
    assert not supplied.meets_graph
