"""The search itself: smallest by brute force, independent defects, bounds, the same answer every time."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge import wiring
from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.services.errors import ConfigurationError, UnusableQuestion
from ca_bridge.services.minimal_fix import FindMinimalFix, Outcome, other_changes, policy_changes
from ca_bridge.services.minimal_fix.candidates import candidates
from ca_bridge.services.minimal_fix.edits import NoSuchPlace
from ca_bridge.services.minimal_fix.judging import Judge, Judged, JudgementsSpent
from ca_bridge.services.minimal_fix.library import Library, library_of
from ca_bridge.services.minimal_fix.model import Bar, Change, ChangeType, FixKind, Party
from ca_bridge.services.minimal_fix.obstacles import obstacles_of
from ca_bridge.services.minimal_fix.registry import ANSWERS, answer_to
from ca_bridge.services.minimal_fix.soundness import is_sound
from ca_bridge.services.minimal_fix.steps import World
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.validate_certificate import Question
from ca_bridge.settings import Settings
from tests.recognition.refusals import KNOWN, codes, compile_documents, find, finder, question, verdict_after
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, key_of
from tests.recognition.scheme_documents import agreement_document, documents
from tests.recognition.test_minimal_fix import (
    BELOW,
    BRIDGE_CASES,
    CONTRACT,
    LIST_CASES,
    PAIRS,
    TO_HK,
    block,
    hk_bridge,
    licensed,
)

TYPES = tuple(
    row
    for module in (policy_changes, other_changes)
    for row in vars(module).values()
    if isinstance(row, ChangeType)
)


def test_every_reason_is_answered_or_declared() -> None:
    """Nothing is forgotten: each reason has a generator, or a word why no change answers it."""
    assert {reason.code for reason in ANSWERS} == set(CATALOGUE)
    assert {answer for answer in ANSWERS.values() if isinstance(answer, Bar)} == set(Bar)


def test_no_generator_answers_what_must_never_be_answered() -> None:
    sub_indications = {"REVOKED", "REVOKED_CA_NO_POE", "SIG_CRYPTO_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE"}
    for reason, answer in ANSWERS.items():
        if (
            reason.sub_indication.value in sub_indications
            and reason.code != "SIGNATURE_ALGORITHM_KEY_MISMATCH"
        ):
            assert isinstance(answer, Bar), reason.code
    for code in ("KEY_BLOCKED", "TARGET_ON_HOLD", "CA_ON_HOLD"):
        assert isinstance(answer_to(CATALOGUE[code]), Bar)


def test_the_catalogue_of_changes() -> None:
    assert len({row.code for row in TYPES}) == len(TYPES)
    for row in TYPES:
        assert row.zh
        assert row.en
        assert row.cost < 30 if row.kind is FixKind.EVIDENCE else row.cost >= 30
        released = row.parties[-2:] == (Party.AUTHOR, Party.APPROVER)
        assert released is (row.kind is FixKind.POLICY)


def _judged(asked: Question, docs: dict[str, Any]) -> tuple[Judge, Judged, Library]:
    judge = Judge(compile_documents, asked.domain or "gd", most=100_000)
    content = PolicyDocuments.from_data(docs)
    known = [compile_documents(content).snapshot("gd").trust.pool.certificate(der) for der in KNOWN]
    library = library_of(compile_documents(content), known)
    return judge, judge.asked(World(documents=content, question=asked)), library


def _universe(judge: Judge, judged: Judged, library: Library, depth: int) -> dict[str, Change]:
    """Every change that findings lead to within ``depth`` steps."""
    found = {c.key: c for c in candidates(judged, obstacles_of(judged, judge), library)}
    for change in tuple(found.values()) if depth > 1 else ():
        after = _after(judge, judged.world, (change,))
        if after is not None and not after.passed:
            found = _universe(judge, after, library, depth - 1) | found
    return found


def _after(judge: Judge, world: World, changes: tuple[Change, ...]) -> Judged | None:
    try:
        for change in changes:
            world = change.step.apply(world)
    except NoSuchPlace:
        return None
    return judge.judge(world)


BRUTE = {
    name: (TO_HK, BRIDGE_CASES[name][0])
    for name in (
        "mapping missing",
        "suspended",
        "expired",
        "draft",
        "two mappings missing",
        "two agreements suspended",
        "mapping missing and a CA blocked",
        "a block, a licence and a mapping",
    )
} | {
    name: (CONTRACT, LIST_CASES[name][0])
    for name in ("before", "type", "arc", "purpose", "former", "arc and suspended")
}


@pytest.mark.parametrize("name", BRUTE)
def test_no_smaller_set_passes_and_every_set_of_that_size_is_found(name: str) -> None:
    asked, docs = BRUTE[name]
    found = find(asked, docs)
    size = len(found.fixes[0].changes)
    judge, judged, library = _judged(asked, docs)
    universe = tuple(_universe(judge, judged, library, size).values())
    passing: set[frozenset[str]] = set()
    for count in range(1, size + 1):
        for part in combinations(universe, count):
            if len({change.slot for change in part}) < count:
                continue
            after = _after(judge, judged.world, part)
            if after is not None and after.passed and is_sound(after, judged):
                passing.add(frozenset(change.key for change in part))
    assert min(map(len, passing)) == size
    minimal = {one for one in passing if not any(other < one for other in passing)}
    assert {frozenset(c.key for c in fix.changes) for fix in found.fixes} == minimal


DEFECTS: dict[str, str] = {
    "mapping": "MAPPING_ADDED",
    "suspended": "AGREEMENT_RESUMED",
    "blocked": "BLOCK_LIFTED",
    "licence": "LICENCE_RENEWED",
    "kind": "SUBJECT_KIND_AGREED",
    "status": "STATUS_FETCHED",
}


def _planted(defects: frozenset[str]) -> tuple[dict[str, Any], Question]:
    above: dict[str, Any] = {"mappings": PAIRS[1:]} if "mapping" in defects else {}
    below: dict[str, Any] = {"status": "suspended"} if "suspended" in defects else {}
    if "kind" in defects:
        above["conditions"] = {"subject_kinds": ["person"]}
    docs = hk_bridge(**above) | {"agreements/bridge-gd.yaml": agreement_document("bridge-gd", **below)}
    if "blocked" in defects:
        docs |= {"blocklist.yaml": block("ca", key_of(C["gd-a-sm2"]))["blocklist.yaml"]}
    if "licence" in defects:
        name = "domains/bridge.yaml"
        docs |= {name: licensed("bridge", not_after="2026-01-01T00:00:00Z")[name]}
    rule = RevocationRule.REQUIRE_TARGET if "status" in defects else RevocationRule.NONE
    return docs, question(LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A, domain="hk", revocation=rule)


@settings(max_examples=40, deadline=None)
@given(st.frozensets(st.sampled_from(sorted(DEFECTS)), min_size=1, max_size=4))
def test_independent_defects_take_exactly_one_change_each(defects: frozenset[str]) -> None:
    docs, asked = _planted(defects)
    found = find(asked, docs)
    assert [sorted(fix) for fix in codes(found)] == [sorted(DEFECTS[d] for d in defects)]
    (fix,) = found.fixes
    assert (verdict_after(fix, asked).findings == ()) is ("status" not in defects)


def test_five_defects_are_more_than_a_fix() -> None:
    docs, asked = _planted(frozenset(DEFECTS) - {"status"})
    found = find(asked, docs)
    assert (found.outcome, found.fixes, found.complete) == (Outcome.UNDECIDED, (), False)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 20, 60])
def test_a_search_cut_short_says_so(most: int) -> None:
    docs, asked = _planted(frozenset({"mapping", "suspended", "blocked"}))
    found = find(asked, docs, max_judgements=most)
    assert found.judgements <= most + 16 * len(found.fixes)
    assert found.complete is bool(found.fixes) or not found.complete
    if not found.fixes:
        assert (found.outcome, found.complete) == (Outcome.UNDECIDED, False)


def test_a_search_cut_short_after_a_find_keeps_it() -> None:
    docs = hk_bridge(effective_until="2026-01-01T00:00:00Z")
    found = find(TO_HK, docs, max_judgements=3)
    assert (codes(found), found.complete) == ([["TIME_EARLIER"]], False)


def test_the_same_question_has_the_same_answer() -> None:
    docs, asked = _planted(frozenset({"mapping", "suspended", "licence"}))
    one, other = find(asked, docs), find(asked, docs)
    assert [[c.key for c in f.changes] for f in one.fixes] == [
        [c.key for c in f.changes] for f in other.fixes
    ]
    assert one.judgements == other.judgements


def test_the_order_of_evidence_changes_nothing() -> None:
    docs, _ = _planted(frozenset({"mapping"}))
    target = LEAVES["gd-a-sm2-company-sign"]
    forth = find(question(target, HK_TO_GD_A, domain="hk"), docs)
    back = find(question(target, HK_TO_GD_A[::-1], domain="hk"), docs)
    assert [[c.key for c in f.changes] for f in forth.fixes] == [
        [c.key for c in f.changes] for f in back.fixes
    ]


def test_it_takes_a_moment() -> None:
    docs, asked = _planted(frozenset({"mapping", "suspended", "blocked", "licence"}))
    find(asked, docs)
    begun = time.perf_counter()
    finder(docs).find(asked)
    assert time.perf_counter() - begun < 5


def test_the_policy_in_force_is_left_alone() -> None:
    docs, asked = _planted(frozenset({"mapping", "blocked"}))
    content = PolicyDocuments.from_data(docs)
    made = FindMinimalFix(
        documents=content, compile_documents=compile_documents, default_domain="gd", certificates=KNOWN
    )
    assert made.find(asked).fixes
    assert content == PolicyDocuments.from_data(docs)


def test_an_unknown_domain_and_a_profile_that_needs_anchors_are_no_questions() -> None:
    with pytest.raises(UnusableQuestion, match="DOMAIN_UNKNOWN"):
        find(question(b"", domain="nowhere"))
    with pytest.raises(UnusableQuestion, match="PROFILE_NEEDS_TRUST_ANCHORS"):
        find(question(b"", algorithm_profile="legacy"))


def test_the_default_domain() -> None:
    asked = question(LEAVES["gd-a-sm2-company-sign"], (C["gd-a-sm2"],), domain=None)
    assert find(asked).outcome is Outcome.PASSES


def test_documents_that_cannot_be_compiled_are_no_proposal() -> None:
    """The compiler refuses every edited policy: what is left is what needs none."""

    def refusing(content: PolicyDocuments) -> Any:
        if content.data() != docs:
            raise ConfigurationError("no")
        return compile_documents(content)

    docs = hk_bridge(effective_until="2026-01-01T00:00:00Z")
    made = FindMinimalFix(
        documents=PolicyDocuments.from_data(docs), compile_documents=refusing, default_domain="gd"
    )
    assert codes(made.find(TO_HK)) == [["TIME_EARLIER"]]


def test_a_certificate_of_the_library_that_is_none_is_let_be() -> None:
    found = find(question(LEAVES["gd-a-sm2-company-sign"]), certificates=(b"\x30\x00", *KNOWN))
    assert codes(found) == [["CERTIFICATES_SUPPLIED"]]


def test_judgements_are_counted_and_bounded() -> None:
    judge, judged, _ = _judged(TO_HK, documents())
    few = Judge(compile_documents, "hk", most=1)
    few.asked(judged.world)
    with pytest.raises(JudgementsSpent):
        few.judge(judged.world)
    assert judge.spent == 1


def test_the_shipped_scheme() -> None:
    """What is shipped are drafts: a simulated certificate is refused, and nothing is made up for it."""
    settings_ = Settings.from_environment({})
    compiler = wiring.release_compiler(settings_)
    from ca_bridge.services.policy_documents import ReleaseId

    made = FindMinimalFix(
        documents=compiler.own_documents,
        compile_documents=lambda content: compiler.compile(ReleaseId(0, content.sha256), content),
        default_domain="greater-bay-area",
    )
    begun = time.perf_counter()
    for domain in ("hong-kong", "guangdong-rsa", "greater-bay-area"):
        for label, leaf in LEAVES.items():
            asked = question(leaf, HK_TO_GD_A, domain=domain, purpose=Purpose.CONTRACT_SIGNING)
            found = made.find(asked)
            assert found.fixes == (), (domain, label)
    assert time.perf_counter() - begun < 20


def test_a_mapping_already_there_is_not_proposed_again() -> None:
    """Only the pairs that are missing: the second of the two stands already."""
    found = find(TO_HK, hk_bridge(mappings=PAIRS[1:]))
    (change,) = found.fixes[0].changes
    assert PAIRS[1]["subject_domain_policy"] not in change.after
    assert BELOW[0]["subject_domain_policy"] not in change.after
    assert fingerprint(LEAVES["gd-a-sm2-company-sign"]) not in change.after
