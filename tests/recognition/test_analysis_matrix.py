"""Cells of the matrix, their witnesses, and what a change does to them."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.analysis.diff import Change, matrix_diff
from ca_bridge.core.recognition.analysis.facts import CaRef, KnownFacts
from ca_bridge.core.recognition.analysis.listed import ListedStep
from ca_bridge.core.recognition.analysis.matrix import Basis, ReachMatrix, reach_matrix
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import AssuranceScale
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import AuthorityPin, TrustList, TrustListEntry
from tests.recognition.big_policy import (
    AT,
    SINCE,
    UNTIL,
    agreement,
    authority,
    big_policy,
    bridge_scheme,
    digest,
    domain,
    mapping,
    oid,
)

A, B = "2.999.1", "2.999.2"
AA, BB = CaRef("a", "a-ca"), CaRef("b", "b-ca")
PAIR = RecognitionPolicy(
    domains=(domain("a", {A: "high"}), domain("b", {B: "medium"})),
    agreements=(agreement("ab", "a", "b", (mapping(A, B, "medium"),)),),
)


def cells(matrix: ReachMatrix) -> dict[tuple[str, str, str], str]:
    return {(str(c.relying_ca), str(c.subject_ca), c.basis.value): c.level for c in matrix.cells()}


def test_two_domains() -> None:
    assert cells(reach_matrix(PAIR, AT)) == {
        ("a/a-ca", "a/a-ca", "domain"): "high",
        ("a/a-ca", "b/b-ca", "agreements"): "medium",
        ("b/b-ca", "b/b-ca", "domain"): "medium",
    }
    assert reach_matrix(PAIR, AT).witness(reach_matrix(PAIR, AT).reaches["a", "a", Basis.DOMAIN]) == ()


def test_members_meet_over_the_bridge() -> None:
    matrix = reach_matrix(bridge_scheme(), AT)
    reach = matrix.reaches["guangdong", "hong-kong", Basis.AGREEMENTS]
    assert reach.level == "high"
    first, second = matrix.witness(reach)
    assert matrix.witness(reach) == (first, second)
    assert (first.issuer_domain, first.subject_domain, second.subject_domain) == (  # type: ignore[union-attr]
        "guangdong",
        "bridge",
        "hong-kong",
    )
    assert first.mapping.issuer_domain_policy == oid("guangdong", "high")  # type: ignore[union-attr]


def test_every_ca_meets_every_other_in_a_big_policy() -> None:
    matrix = reach_matrix(big_policy(), AT)
    assert sum(1 for _ in matrix.cells()) == 500 * 500


def test_blocked_and_ungraded_stand_in_no_cell() -> None:
    key, certificate = digest("key b-ca"), digest("certificate b-ca")
    blocks = tuple(
        Block(
            identifier=value[:8],
            kind=kind,
            value=value,
            reason_zh="测试",
            reason_en="test",
            publication="test",
            effective_from=SINCE,
        )
        for kind, value in ((BlockKind.CA, key), (BlockKind.CERTIFICATE, certificate))
    )
    assert set(cells(reach_matrix(replace(PAIR, blocks=blocks), AT))) == {("a/a-ca", "a/a-ca", "domain")}
    ungraded = replace(PAIR, domains=(domain("a", {}), domain("b", {B: "medium"})))
    assert ("a/a-ca", "a/a-ca", "domain") not in cells(reach_matrix(ungraded, AT))


def entry(identifier: str, root: str, level: str = "", **changes: object) -> TrustListEntry:
    fields: dict[str, object] = {
        "identifier": identifier,
        "title_zh": identifier,
        "title_en": identifier,
        "regulator": "r",
        "authority": "named in words only",
        "status": RecognitionStatus.ACTIVE,
        "recognised_from": SINCE,
        "recognised_until": UNTIL,
        "roots": (AuthorityPin(sha256=root),),
        "issuers": (AuthorityPin(sha256=digest("an issuing CA")),),
        "type_name": "e-Cert",
        "level": level,
    }
    return TrustListEntry(**{**fields, **changes})  # type: ignore[arg-type]


def listing(*entries: TrustListEntry, **changes: object) -> RecognitionPolicy:
    fields: dict[str, object] = {
        "identifier": "hk",
        "title_zh": "hk",
        "title_en": "hk",
        "territory": "HK",
        "scheme_operator": "o",
        "sequence_number": 1,
        "issued": SINCE,
        "entries": entries,
    }
    made = TrustList(**{**fields, **changes})  # type: ignore[arg-type]
    return replace(PAIR, agreements=(), trust_lists=(made,))


RELYING = KnownFacts(trust_lists_of={"a": ("hk", "unknown")})


def listed(policy: RecognitionPolicy) -> dict[str, str]:
    matrix = reach_matrix(policy, AT, RELYING)
    return {subject: level for (_, subject, basis), level in cells(matrix).items() if basis == "trust_list"}


def test_entries_reach_by_fingerprint() -> None:
    known = digest("certificate b-ca")
    assert listed(listing(entry("personal", known, "high"))) == {"b/b-ca": "high"}
    assert listed(listing(entry("personal", digest("other"), "of another scale"))) == {"hk/personal": ""}
    best = listing(entry("1", known, "low"), entry("2", known, "high"), entry("3", known, "medium"))
    matrix = reach_matrix(best, AT, RELYING)
    reach = matrix.reaches["a", "b/b-ca", Basis.TRUST_LIST]
    assert (reach.level, reach.authorities) == ("high", (BB,))
    assert matrix.witness(reach) == (ListedStep("a", "hk", "2", "high"),)


def test_entries_that_count_for_nothing() -> None:
    known = digest("certificate b-ca")
    good = entry("personal", known, "high")
    assert listed(listing(good, next_update=AT)) == {}
    assert listed(listing(replace(good, recognised_until=AT))) == {}
    assert listed(listing(replace(good, status=RecognitionStatus.SUSPENDED))) == {}
    assert listed(listing(replace(good, issuers=()))) == {}
    blocked = Block(
        identifier="b",
        kind=BlockKind.CERTIFICATE,
        value=known,
        reason_zh="测试",
        reason_en="test",
        publication="test",
        effective_from=SINCE,
    )
    assert listed(replace(listing(good), blocks=(blocked,))) == {}


def changes(old: RecognitionPolicy, new: RecognitionPolicy) -> list[tuple[Change, str | None, str | None]]:
    found = matrix_diff(reach_matrix(old, AT, RELYING), reach_matrix(new, AT, RELYING))
    return [(c.change, c.before, c.after) for c in found if c.relying_ca == AA]


def test_diff_of_a_mapping() -> None:
    raised = replace(PAIR, agreements=(agreement("ab", "a", "b", (mapping(A, B, "high"),)),))
    without = replace(PAIR, agreements=())
    assert changes(PAIR, PAIR) == []
    assert changes(PAIR, raised) == [(Change.RAISED, "medium", "high")]
    assert changes(raised, PAIR) == [(Change.LOWERED, "high", "medium")]
    assert changes(PAIR, without) == [(Change.LOST, "medium", None)]
    (gained,) = matrix_diff(reach_matrix(without, AT), reach_matrix(PAIR, AT))
    assert (gained.change, gained.relying_ca, gained.subject_ca, gained.after) == (
        Change.GAINED,
        AA,
        BB,
        "medium",
    )
    assert [step.agreement for step in gained.witness] == ["ab"]  # type: ignore[union-attr]
    (lost,) = matrix_diff(reach_matrix(PAIR, AT), reach_matrix(without, AT))
    assert lost.witness == gained.witness


def test_diff_of_members_and_scales() -> None:
    more = replace(
        PAIR, domains=(domain("a", {A: "high"}, (authority("a-ca"), authority("a-2"))), PAIR.domains[1])
    )
    gained = matrix_diff(reach_matrix(PAIR, AT), reach_matrix(more, AT))
    assert {(str(c.relying_ca), str(c.subject_ca)) for c in gained} == {
        ("a/a-2", "a/a-2"),
        ("a/a-2", "a/a-ca"),
        ("a/a-2", "b/b-ca"),
        ("a/a-ca", "a/a-2"),
    }
    assert {c.change for c in gained} == {Change.GAINED}
    renamed = replace(PAIR.domains[0], scale=AssuranceScale(name="new", levels=("1", "2")), policies=())
    new = replace(
        PAIR,
        domains=(renamed, PAIR.domains[1]),
        agreements=(agreement("ab", "a", "b", (mapping(A, B, "2"),)),),
    )
    assert changes(PAIR, new) == [
        (Change.LOST, "high", None),
        (Change.GAINED, None, "2"),
        (Change.LOST, "medium", None),
    ]
    gone = replace(PAIR, domains=PAIR.domains[1:], agreements=())
    assert changes(PAIR, gone) == [(Change.LOST, "high", None), (Change.LOST, "medium", None)]


def test_a_listed_level_can_be_raised_from_none() -> None:
    known = digest("certificate b-ca")
    assert changes(listing(entry("1", known)), listing(entry("1", known, "low"))) == [
        (Change.RAISED, "", "low")
    ]
