"""Small policies against a plain enumeration of walks that shares no code with the analysis."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.recognition.agreement import AgreementKind, PolicyMapping, RecognitionStatus
from ca_bridge.core.recognition.analysis.conflict import ConflictKind as Kind
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.diff import matrix_diff
from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.core.recognition.analysis.graph import Step
from ca_bridge.core.recognition.analysis.matrix import Basis, reach_matrix
from ca_bridge.core.recognition.policy import RecognitionPolicy
from tests.recognition.big_policy import AT, LEVELS, UNTIL, agreement, domain, mapping

NAMES = ("a", "b", "c", "d")
OIDS = ("2.999.1", "2.999.2", "2.999.3")
Node = tuple[str, str]


@dataclass(frozen=True)
class Arrow:
    """A mapping in force, read straight from the policy."""

    step: Step
    rank: int
    whole: bool

    @property
    def tail(self) -> Node:
        return self.step.issuer_domain, self.step.mapping.issuer_domain_policy

    @property
    def head(self) -> Node:
        return self.step.subject_domain, self.step.mapping.subject_domain_policy


def grades(policy: RecognitionPolicy, node: Node) -> list[int]:
    (of,) = (d for d in policy.domains if d.name == node[0])
    return [LEVELS.index(row.level) for row in of.policies if row.policy == node[1]]


def arrows(policy: RecognitionPolicy) -> list[Arrow]:
    found = []
    for a in policy.agreements:
        if a.status is not RecognitionStatus.ACTIVE or a.effective_until == AT:
            continue
        ways: list[tuple[str, str, tuple[PolicyMapping, ...]]] = [
            (a.issuer_domain, a.subject_domain, a.mappings)
        ]
        if a.kind is AgreementKind.MUTUAL:
            ways.append((a.subject_domain, a.issuer_domain, a.reverse_mappings))
        for issuer, subject, mappings in ways:
            for m in mappings:
                own, named = grades(policy, (issuer, m.issuer_domain_policy)), LEVELS.index(m.level)
                step = Step(a.identifier, issuer, subject, m)
                found.append(Arrow(step, min([named, *own]), named >= max(own, default=len(LEVELS) - 1)))
    return found


def walks(all_arrows: list[Arrow]) -> list[tuple[Arrow, ...]]:
    """Every walk whose later mappings are whole and that reaches no node twice."""
    found: list[tuple[Arrow, ...]] = []
    stack = [(arrow,) for arrow in all_arrows]
    while stack:
        walk = stack.pop()
        found.append(walk)
        stack += [
            (*walk, arrow)
            for arrow in all_arrows
            if arrow.whole and arrow.tail == walk[-1].head and arrow.head not in {w.head for w in walk}
        ]
    return found


def ends(walk: tuple[Arrow, ...]) -> tuple[str, str]:
    return walk[0].tail[0], walk[-1].head[0]


def best(found: list[tuple[Arrow, ...]], bridges: frozenset[str] | None = None) -> dict[tuple[str, str], int]:
    ranks: dict[tuple[str, str], int] = {}
    for walk in found:
        between = {arrow.tail[0] for arrow in walk[1:]}
        if ends(walk)[0] != ends(walk)[1] and (bridges is None or between <= bridges):
            ranks[ends(walk)] = max(ranks.get(ends(walk), -1), walk[0].rank)
    return ranks


def raises(policy: RecognitionPolicy, walk: tuple[Arrow, ...]) -> bool:
    """Whether the last policy's own domain grades it, on the same scale, below what the walk grants."""
    scales = {d.name: d.scale for d in policy.domains}
    own = grades(policy, walk[-1].head)
    same = scales[ends(walk)[0]] == scales[ends(walk)[1]]
    return same and bool(own) and max(own) < walk[0].rank


@st.composite
def policies(draw: st.DrawFn) -> RecognitionPolicy:
    levels, oids, names = st.sampled_from(LEVELS), st.sampled_from(OIDS), st.sampled_from(NAMES)
    shared = draw(st.sets(names))
    domains = tuple(
        domain(
            name, draw(st.dictionaries(oids, levels, max_size=3)), scale="shared" if name in shared else ""
        )
        for name in NAMES
    )
    maps = st.lists(st.builds(mapping, oids, oids, levels), max_size=3).map(tuple)
    made = []
    for i in range(draw(st.integers(0, 7))):
        issuer = draw(names)
        subject = draw(names.filter(lambda n, issuer=issuer: n != issuer))
        status = draw(st.sampled_from((RecognitionStatus.ACTIVE,) * 5 + tuple(RecognitionStatus)))
        until = draw(st.sampled_from((UNTIL, UNTIL, None, AT)))
        reverse = draw(st.none() | maps)
        made.append(
            agreement(f"{i}", issuer, subject, draw(maps), reverse, status=status, effective_until=until)
        )
    return RecognitionPolicy(domains=domains, agreements=tuple(made))


def replayed(steps: tuple[Step, ...], known: list[Arrow]) -> tuple[Arrow, ...]:
    """The walk of ``steps``; fails where a step isn't in force or doesn't follow from the one before."""
    by_step = {arrow.step: arrow for arrow in known}
    walk = tuple(by_step[step] for step in steps)
    for before, after in itertools.pairwise(walk):
        assert after.tail == before.head
        assert after.whole
    return walk


@settings(max_examples=300, deadline=None)
@given(policies())
def test_matrix_is_what_walking_finds(policy: RecognitionPolicy) -> None:
    known = arrows(policy)
    expected = best(walks(known))
    matrix = reach_matrix(policy, AT)
    found = {
        (r.relying_domain, r.subject_domain): LEVELS.index(r.level)
        for r in matrix.reaches.values()
        if r.basis is Basis.AGREEMENTS
    }
    assert found == expected
    for reach in matrix.reaches.values():
        if reach.basis is Basis.AGREEMENTS:
            walk = replayed(matrix.witness(reach), known)  # type: ignore[arg-type]
            assert ends(walk) == (reach.relying_domain, reach.subject_domain)
            assert walk[0].rank == LEVELS.index(reach.level)


@settings(max_examples=300, deadline=None)
@given(policies(), st.sets(st.sampled_from(NAMES)).map(frozenset))
def test_transitive_trust_is_what_walking_finds(policy: RecognitionPolicy, bridges: frozenset[str]) -> None:
    known = arrows(policy)
    everything, agreed = best(walks(known)), best(walks(known), bridges)
    expected = {pair for pair, rank in everything.items() if rank > agreed.get(pair, -1)}
    conflicts = [
        c
        for c in find_conflicts(policy, AT, KnownFacts(bridge_domains=bridges))
        if c.kind is Kind.TRANSITIVE_TRUST
    ]
    assert {c.where for c in conflicts} == expected
    for conflict in conflicts:
        walk = replayed(conflict.witness, known)
        assert ends(walk) == conflict.where
        assert not {arrow.tail[0] for arrow in walk[1:]} <= bridges


@settings(max_examples=400, deadline=None)
@given(policies())
def test_raised_levels_are_what_walking_finds(policy: RecognitionPolicy) -> None:
    known = arrows(policy)
    raising = [walk for walk in walks(known) if raises(policy, walk)]
    conflicts = find_conflicts(policy, AT)
    reported = {}
    for conflict in conflicts:
        if conflict.kind in {Kind.MAPPING_CYCLE_RAISES_LEVEL, Kind.LEVEL_RAISED_BY_MAPPING}:
            walk = replayed(conflict.witness, known)
            assert raises(policy, walk)
            assert (ends(walk)[0] == ends(walk)[1]) == (conflict.kind is Kind.MAPPING_CYCLE_RAISES_LEVEL)
            key = (ends(walk)[0], walk[-1].head)
            reported[key] = max(reported.get(key, -1), walk[0].rank)
    assert bool(reported) == bool(raising)
    for is_cycle in (True, False):
        some = [w for w in raising if (ends(w)[0] == ends(w)[1]) == is_cycle]
        kinds = {c.kind for c in conflicts}
        kind = Kind.MAPPING_CYCLE_RAISES_LEVEL if is_cycle else Kind.LEVEL_RAISED_BY_MAPPING
        shortest = 2 if is_cycle else 1
        assert kind not in kinds or some
        for walk in (w for w in some if len(w) <= shortest):
            assert reported[ends(walk)[0], walk[-1].head] >= walk[0].rank


@settings(max_examples=100, deadline=None)
@given(policies(), policies())
def test_diff_leads_from_the_old_matrix_to_the_new(old: RecognitionPolicy, new: RecognitionPolicy) -> None:
    before, after = reach_matrix(old, AT), reach_matrix(new, AT)
    cells = {(c.relying_ca, c.subject_ca, c.basis): c.level for c in before.cells()}
    for change in matrix_diff(before, after):
        key = (change.relying_ca, change.subject_ca, change.basis)
        assert cells.pop(key, None) == change.before
        if change.after is not None:
            cells[key] = change.after
    assert cells == {(c.relying_ca, c.subject_ca, c.basis): c.level for c in after.cells()}
