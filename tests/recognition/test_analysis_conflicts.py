"""Each further cause of a conflict, alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from string import Formatter

import pytest

from ca_bridge.core.recognition.agreement import AgreementKind, Conditions, RecognitionStatus
from ca_bridge.core.recognition.analysis.conflict import Conflict, ConflictRow
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.facts import NOTHING_KNOWN, CaRef, CrossCertificate, KnownFacts
from ca_bridge.core.recognition.analysis.rows import ROWS
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import AssuranceScale, Licence, PkiDomain
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.request import ANY_POLICY
from tests.recognition.big_policy import AT, SINCE, UNTIL, agreement, authority, digest, domain, mapping

A, B, C = "2.999.1", "2.999.2", "2.999.3"
MAP = (mapping(A, B, "high"),)
DAY = timedelta(days=1)


def policy(*agreements: object, **changes: object) -> RecognitionPolicy:
    """Domain a relies on b by ``agreements``."""
    fields: dict[str, object] = {
        "domains": (domain("a", {A: "high"}), domain("b", {B: "high"})),
        "agreements": agreements or (agreement("ab", "a", "b", MAP),),
    }
    return RecognitionPolicy(**{**fields, **changes})  # type: ignore[arg-type]


def found(wrong: RecognitionPolicy, facts: KnownFacts = NOTHING_KNOWN) -> list[tuple[str, str]]:
    return [(c.kind.value, c.row.cause) for c in find_conflicts(wrong, AT, facts)]


def only(wrong: RecognitionPolicy, facts: KnownFacts = NOTHING_KNOWN) -> Conflict:
    (conflict,) = find_conflicts(wrong, AT, facts)
    assert {name for name, _ in conflict.params} == set(conflict.row.params)
    return conflict


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r.kind}-{r.cause}")
def test_rows_are_whole(row: ConflictRow) -> None:
    texts = (row.message_en, row.message_zh, row.remedy_en, row.remedy_zh)
    assert all(texts)
    for text in (row.message_en, row.message_zh):
        assert {name for _, name, _, _ in Formatter().parse(text) if name} == set(row.params)
    assert len({(r.kind, r.cause) for r in ROWS}) == len(ROWS)


def test_two_domains_and_one_agreement_are_clean() -> None:
    assert found(policy()) == []
    assert found(RecognitionPolicy()) == []


@pytest.mark.parametrize(
    ("mappings", "cause"),
    [
        ((mapping(C, B, "high"),), "issuer_policy_not_graded"),
        ((mapping(A, C, "high"),), "subject_policy_not_graded"),
        ((mapping(A, ANY_POLICY, "high"),), "any_policy_mapped"),
        ((mapping(ANY_POLICY, B, "high"),), "any_policy_mapped"),
        ((mapping(A, B, "utmost"),), "level_not_on_scale"),
    ],
)
def test_dead_mappings(mappings: tuple[object, ...], cause: str) -> None:
    wrong = policy(agreement("ab", "a", "b", MAP), agreement("more", "a", "b", mappings))  # type: ignore[arg-type]
    causes = [c for c in find_conflicts(wrong, AT) if c.kind == "dead_mapping"]
    assert [(c.row.cause, c.where) for c in causes] == [(cause, ("more",))]
    assert causes[0].witness[0].mapping is mappings[0]


def test_agreements_over_for_good() -> None:
    live = agreement("ab", "a", "b", MAP)
    ended = replace(live, identifier="old", effective_until=AT)
    other = agreement("ba", "b", "a", (mapping(B, A, "high"),), effective_until=AT)
    assert found(policy(live, ended)) == []
    assert found(policy(ended, replace(ended, identifier="new", effective_until=None))) == []
    assert only(policy(live, other)).params == (
        ("agreement", "ba"),
        ("effective_until", "2026-06-01T00:00:00Z"),
    )
    gone = replace(other, status=RecognitionStatus.TERMINATED)
    assert only(policy(live, gone)).row.cause == "agreement_terminated"
    assert found(policy(live, replace(other, effective_until=None, status=RecognitionStatus.SUSPENDED))) == []


def test_reverse_mappings_of_a_unilateral_agreement() -> None:
    both = agreement("ab", "a", "b", MAP, (mapping(B, A, "high"),))
    assert found(policy(both)) == []
    assert only(policy(replace(both, kind=AgreementKind.UNILATERAL))).row.cause == "reverse_of_unilateral"


def test_mutual_but_one_sided() -> None:
    conflict = only(policy(agreement("ab", "a", "b", MAP, ())))
    assert conflict.kind == "mutual_one_sided"
    assert dict(conflict.params) == {"agreement": "ab", "issuer_domain": "b", "subject_domain": "a"}


@pytest.mark.parametrize("name", ["purposes", "subject_kinds", "key_algorithms"])
def test_agreement_that_allows_nothing(name: str) -> None:
    empty = agreement("ab", "a", "b", MAP, conditions=replace(Conditions(), **{name: frozenset()}))
    conflict = only(policy(empty))
    assert (conflict.kind, dict(conflict.params)["empty"]) == ("agreement_allows_nothing", name)


def test_agreement_without_mappings() -> None:
    live = agreement("ab", "a", "b", MAP)
    assert dict(only(policy(live, agreement("none", "a", "b", (), ()))).params)["empty"] == "mappings"


def test_policies_at_two_levels() -> None:
    unknown = replace(domain("a", {A: "high"}), policies=(*domain("a", {A: "high"}).policies,) * 2)
    assert found(policy(domains=(unknown, domain("b", {B: "high"})))) == []
    odd = replace(unknown, policies=(*unknown.policies, *domain("a", {A: "utmost"}).policies))
    conflicts = find_conflicts(policy(domains=(odd, domain("b", {B: "high"}))), AT)
    assert ("levels", "?, high") in conflicts[0].params
    one_scale = (
        domain("a", {A: "high", C: "low"}, scale="s"),
        domain("b", {B: "high", C: "high"}, scale="s"),
    )
    assert dict(only(policy(domains=one_scale)).params) == {
        "domain": "a",
        "level": "low",
        "other_domain": "b",
        "other_level": "high",
        "policy": C,
        "scale": "s",
    }


def test_one_mapping_at_two_levels() -> None:
    twice = agreement("ab", "a", "b", (*MAP, mapping(A, B, "low")))
    conflict = only(policy(twice))
    assert (conflict.row.cause, dict(conflict.params)["levels"]) == ("one_mapping", "high, low")
    assert len(conflict.witness) == 2


def test_scales_of_one_name() -> None:
    other = replace(domain("b", {B: "high"}), scale=AssuranceScale(name="scale of a", levels=("high", "low")))
    assert only(policy(domains=(domain("a", {A: "high"}), other))).where == ("a", "b")


def test_mapping_above_its_policy() -> None:
    conflict = only(policy(domains=(domain("a", {A: "low"}), domain("b", {B: "high"}))))
    assert conflict.kind == "mapping_level_above_policy"
    assert (dict(conflict.params)["level"], dict(conflict.params)["own_level"]) == ("high", "low")


def test_overlaps_only_where_both_are_in_force_together() -> None:
    first = agreement("ab", "a", "b", MAP)
    other = agreement("other", "a", "b", (mapping(A, B, "low"),))
    assert found(policy(first, other)) == [("agreements_overlap_disagree", "one_subject_policy")]
    later = replace(other, effective_from=UNTIL, effective_until=None)
    assert found(policy(first, later)) == []
    assert found(policy(replace(first, effective_until=UNTIL + DAY), later)) != []
    assert found(policy(first, replace(other, status=RecognitionStatus.DRAFT))) == []
    stranger = replace(other, issuer_domain="nowhere")
    assert found(policy(first, stranger, replace(stranger, identifier="again"))) == []


def block(kind: BlockKind, value: str, **changes: object) -> Block:
    fields: dict[str, object] = {
        "identifier": f"{kind}-{value[:4]}",
        "kind": kind,
        "value": value,
        "reason_zh": "测试",
        "reason_en": "test",
        "publication": "test",
        "effective_from": SINCE,
    }
    return Block(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [BlockKind.CA, BlockKind.KEY])
def test_relied_on_though_blocked(kind: BlockKind) -> None:
    key, certificate = digest("key b-ca"), digest("certificate b-ca")
    blocks = (block(kind, key), block(BlockKind.CERTIFICATE, certificate))
    conflict = only(policy(blocks=blocks))
    assert (conflict.kind, dict(conflict.params)["why"]) == ("no_usable_authority", "b-ca (blocked)")
    assert found(policy(blocks=blocks[:1])) == []
    assert found(policy(blocks=blocks[1:])) == []
    assert found(policy(blocks=(blocks[0], replace(blocks[1], effective_until=AT)))) == []


def test_relied_on_without_a_licence() -> None:
    lapsed = authority("b-ca", licence=Licence(number="1", not_before=SINCE, not_after=AT))
    spoilt = domain("b", {B: "high"}, (lapsed,))
    conflict = only(policy(domains=(domain("a", {A: "high"}), spoilt)))
    assert dict(conflict.params)["why"] == "b-ca (licence)"
    helped = domain("b", {B: "high"}, (lapsed, authority("b-2", licence=None)))
    assert found(policy(domains=(domain("a", {A: "high"}), helped))) == []


def test_authorities_that_nobody_reaches() -> None:
    unpinned = authority("a-ca", keys=(), certificates=())
    domains = (domain("a", {A: "high"}, (unpinned,)), domain("b", {B: "high"}), domain("c", {C: "high"}))
    conflicts = find_conflicts(
        policy(domains=domains), AT, KnownFacts(anchors=(CaRef("x", "y"), CaRef("b", "b-ca")))
    )
    assert [(c.row.cause, c.params) for c in conflicts] == [
        ("no_agreement", (("authority", "c/c-ca"),)),
        ("not_pinned", (("authority", "a/a-ca"),)),
        ("no_domain", (("authority", "x/y"),)),
    ]
    lone: tuple[PkiDomain, ...] = (domain("a", {A: "high"}),)
    assert found(RecognitionPolicy(domains=lone)) == []
    listing = KnownFacts(trust_lists_of={"c": ("hk",)})
    assert found(policy(domains=(domain("a", {A: "high"}), *domains[1:])), listing) == []


AA, BB, CC, DD = (CaRef(name, f"{name}-ca") for name in "abcd")


def crossing(issuer: CaRef, subject: CaRef, *pairs: tuple[str, str], **changes: object) -> CrossCertificate:
    fields: dict[str, object] = {
        "issuer_ca": issuer,
        "subject_ca": subject,
        "policies": tuple(issuer for issuer, _ in pairs),
        "mappings": pairs,
        "not_after": UNTIL,
    }
    return CrossCertificate(**{**fields, **changes})  # type: ignore[arg-type]


D = "2.999.4"


def line(last: str = D) -> RecognitionPolicy:
    """a relies on b, b on c, c on d."""
    return RecognitionPolicy(
        domains=tuple(domain(n, {p: "high"}) for n, p in zip("abcd", (A, B, C, last), strict=True)),
        agreements=(
            agreement("ab", "a", "b", MAP),
            agreement("bc", "b", "c", (mapping(B, C, "high"),)),
            agreement("cd", "c", "d", (mapping(C, last, "high"),)),
        ),
    )


def certified(*certificates: CrossCertificate) -> KnownFacts:
    return KnownFacts(bridge_domains=frozenset("bc"), cross_certificates=certificates)


AB, BC, CD = crossing(AA, BB, (A, B)), crossing(BB, CC, (B, C)), crossing(CC, DD, (C, D))


def test_mappings_must_be_certified() -> None:
    assert found(line(), certified(AB, BC, CD)) == []
    uncertified = replace(BC, mappings=())
    assert only(line(), certified(AB, uncertified, CD)).row.cause == "not_certified"
    assert only(line(), certified(AB, replace(BC, policies=()), CD)).where == ("bc",)
    assert found(line(), certified(AB, replace(BC, policies=(ANY_POLICY,)), CD)) == []
    assert found(line(), certified(AB, uncertified, BC, CD)) == []
    assert found(line(), certified(replace(uncertified, not_after=AT))) == []
    same = replace(CD, mappings=())
    assert found(line(C), certified(AB, BC, same)) == []


@pytest.mark.parametrize(
    ("skip", "expected"), [(0, ["bc"]), (1, ["cd"]), (2, []), (None, [])], ids=["0", "1", "2", "absent"]
)
def test_inhibited_below(skip: int | None, expected: list[str]) -> None:
    facts = certified(replace(AB, inhibit_policy_mapping=skip), BC, CD)
    conflicts = find_conflicts(line(), AT, facts)
    assert [c.where for c in conflicts] == [(name,) for name in expected]
    for conflict in conflicts:
        assert conflict.row.cause == "inhibit_policy_mapping"
        assert conflict.certificates[0].inhibit_policy_mapping == skip
        assert [s.agreement for s in conflict.witness][-1] == expected[0]
        assert len(conflict.certificates) == len(conflict.witness)


def test_inhibited_by_the_anchor() -> None:
    anchor = crossing(AA, AA, inhibit_policy_mapping=0)
    conflict = only(line(), certified(anchor, AB, BC, CD))
    assert (conflict.where, conflict.certificates) == (("ab",), (anchor, AB))
    loose = replace(anchor, inhibit_policy_mapping=1)
    assert only(line(), certified(loose, AB, BC, CD)).where == ("bc",)


def test_an_unmapped_policy_is_not_inhibited() -> None:
    facts = certified(AB, replace(BC, inhibit_policy_mapping=0), replace(CD, mappings=()))
    assert found(line(C), facts) == []


@pytest.mark.parametrize(("length", "expected"), [(0, ("bc",)), (1, ("cd",)), (2, None)])
def test_path_length_cuts(length: int, expected: tuple[str, ...] | None) -> None:
    facts = certified(replace(AB, path_length=length), BC, CD)
    conflicts = find_conflicts(line(), AT, facts)
    assert [(c.row.cause, c.where) for c in conflicts] == ([("path_length", expected)] if expected else [])


def test_another_way_down_is_enough() -> None:
    direct = agreement("ac", "a", "c", (mapping(A, C, "high"),))
    wider = replace(line(), agreements=(*line().agreements, direct))
    both = crossing(BB, CC, (B, C))
    facts = certified(replace(AB, inhibit_policy_mapping=2), BC, both, CD, crossing(CC, BB, (C, B)))
    assert found(wider, facts) == []
