"""Path building against brute force over every simple path of random PKIs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.budget import Limits
from ca_bridge.core.path.building import HOPELESS_PATHS, candidate_paths
from ca_bridge.core.path.context import Context
from ca_bridge.core.x509.certificate import Certificate
from tests.fakes import ca_graphs as fake
from tests.fakes.certificates import FROM, NOT_CA

DEPTH = 7
LIMITS = Limits(signatures=10**6, paths=10**6, build_steps=10**7, path_depth=DEPTH)
NODES = [(name, key) for name in "ABCDE" for key in (f"{name}1", f"{name}2")] + [("A", "B1"), ("F", "B1")]


@dataclass(frozen=True)
class Pki:
    target: Certificate
    known: tuple[Certificate, ...]
    supplied: tuple[Certificate, ...]
    anchors: tuple[Certificate, ...]

    @property
    def everything(self) -> tuple[Certificate, ...]:
        return (*self.known, *self.supplied, *self.anchors)


@st.composite
def pkis(draw: Callable[..., object]) -> Pki:
    seed = draw(st.integers(0, 2**32))
    size = draw(st.integers(1, 20))
    width = draw(st.integers(2, len(NODES)))
    return random_pki(random.Random(seed), size, width)  # noqa: S311 - drawn, to be drawn again


def random_pki(rng: random.Random, size: int, width: int) -> Pki:
    nodes = rng.sample(NODES, width)
    known, supplied = [], []
    for _ in range(size):
        flaw = rng.choice(["", "", "", "", "", "forged", "expired", "not a ca"])
        made = fake.issued(
            rng.choice(nodes),
            rng.choice(nodes),
            copy=rng.randrange(2),
            forged=flaw == "forged",
            **({"not_after": FROM} if flaw == "expired" else {}),
            **({"basic_constraints": NOT_CA} if flaw == "not a ca" else {}),
        )
        (known if rng.random() < 0.6 else supplied).append(made)
    anchors = [
        rng.choice([*known, *supplied]) if rng.random() < 0.3 else fake.issued(node, node)
        for node in rng.choices(nodes, k=rng.randrange(1, 4))
    ]
    target = rng.choice([*known, *supplied]) if rng.random() < 0.3 else fake.leaf(rng.choice(nodes))
    return Pki(target, tuple(known), tuple(supplied), tuple(dict.fromkeys(anchors)))


def found(pki: Pki, context: Context | None = None) -> list[fake.Found]:
    context = context or fake.context(pki.anchors, pki.known, pki.supplied, limits=LIMITS)
    return [
        (tuple(c.fingerprint for c in path.certificates), path.anchor.fingerprint)
        for path in candidate_paths(pki.target, context)
    ]


def split(pki: Pki, paths: set[fake.Found]) -> tuple[set[fake.Found], set[fake.Found]]:
    """Paths over CA certificates that can issue, and the rest."""
    unfit = {
        c.fingerprint
        for c in pki.everything
        if c.not_after == FROM or c.extensions.basic_constraints is NOT_CA
    }
    sound = {p for p in paths if not unfit.intersection(p[0][1:])}
    return sound, paths - sound


@settings(max_examples=600, deadline=None)
@given(pkis())
def test_exactly_the_simple_paths_are_found(pki: Pki) -> None:
    everything = fake.brute_force(pki.target, pki.everything, pki.anchors, DEPTH)
    sound, unfit = split(pki, everything)
    paths = found(pki)
    assert len(paths) == len(set(paths))
    ours_sound, ours_unfit = split(pki, set(paths))
    assert ours_sound == sound
    assert ours_unfit <= unfit
    assert len(ours_unfit) == min(len(unfit), HOPELESS_PATHS)


@settings(max_examples=150, deadline=None)
@given(pkis())
def test_the_shortest_come_first_within_a_stage(pki: Pki) -> None:
    paths = found(pki)
    sound, _ = split(pki, set(paths))
    for stage in (sound, set(paths) - sound):
        lengths = [len(p[0]) for p in paths if p in stage]
        assert lengths == sorted(lengths)


@settings(max_examples=150, deadline=None)
@given(pkis(), st.randoms(use_true_random=False))
def test_order_of_input_never_changes_the_answer(pki: Pki, rng: random.Random) -> None:
    first = fake.context(pki.anchors, pki.known, pki.supplied, limits=LIMITS)
    shuffled = [list(pki.anchors), list(pki.known), [*pki.supplied, *pki.supplied]]
    for certificates in shuffled:
        rng.shuffle(certificates)
    second = fake.context(*shuffled, limits=LIMITS)
    assert found(pki, first) == found(pki, second)
    assert first.rejected == second.rejected


@settings(max_examples=150, deadline=None)
@given(pkis())
def test_known_or_supplied_makes_no_difference_to_what_is_found(pki: Pki) -> None:
    sound, _ = split(pki, set(found(pki)))
    other = Pki(pki.target, (), (*pki.known, *pki.supplied), pki.anchors)
    assert split(other, set(found(other)))[0] == sound


@settings(max_examples=150, deadline=None)
@given(pkis(), pkis())
def test_more_certificates_never_lose_a_path(pki: Pki, more: Pki) -> None:
    sound, _ = split(pki, set(found(pki)))
    larger = Pki(pki.target, pki.known, (*pki.supplied, *more.known), pki.anchors)
    assert sound <= set(found(larger))


@settings(max_examples=150, deadline=None)
@given(pkis())
def test_nothing_found_is_always_explained(pki: Pki) -> None:
    context = fake.context(pki.anchors, pki.known, pki.supplied, limits=LIMITS)
    if not found(pki, context):
        assert context.rejected
        assert all(rejected.findings for rejected in context.rejected)


@settings(max_examples=100, deadline=None)
@given(pkis())
def test_a_warm_snapshot_answers_as_a_cold_one(pki: Pki) -> None:
    cold = fake.context(pki.anchors, pki.known, pki.supplied, limits=LIMITS)
    first = found(pki, cold)
    warm = fake.again(cold.trust, pki.supplied)
    assert found(pki, warm) == first
    assert warm.rejected == cold.rejected
    assert warm.budget._left == cold.budget._left
