"""High in A reaches medium in B only by the approved mapping: what its removal flips, said beforehand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ca_bridge.adapters.request_journal import RequestJournalFolder
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import SentComparer
from ca_bridge.services.impact.comparison import Flips, Impact, Tally
from ca_bridge.services.impact.outcome import Change, outcome_of
from ca_bridge.services.impact.recorder import RequestRecorder
from ca_bridge.services.impact.simulate import SimulateImpact, journal_comparer
from ca_bridge.services.policy_documents import PolicyDocuments
from tests.recognition.impact_traffic import (
    INTERMEDIATES,
    ISSUERS,
    KINDS,
    MAPPINGS,
    Asked,
    traffic,
    traffic_documents,
    traffic_gateway,
)
from tests.recognition.scheme import fingerprint

COUNT = 600
WITHOUT_HIGH = traffic_documents(MAPPINGS[1:])


@dataclass(frozen=True)
class World:
    """The requests as they were asked and answered live, and the journal that kept them."""

    live: Gateway
    draft: Gateway
    asked: tuple[Asked, ...]
    journal: RequestJournalFolder

    def impact(self) -> Impact:
        comparer, contents = journal_comparer(self.live.domains, self.draft.domains, self.journal)
        tally = Tally(max_samples=COUNT)
        for line in contents.lines:
            tally.add_line(comparer.compare_line(line))
        return tally.impact()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    live = traffic_gateway(tmp_path_factory.mktemp("live"))
    draft = traffic_gateway(tmp_path_factory.mktemp("draft"), WITHOUT_HIGH)
    asked = tuple(traffic(COUNT))
    journal = RequestJournalFolder(tmp_path_factory.mktemp("journal"))
    recorder = RequestRecorder(journal, live.clock, pytest.fail)
    domain = live.domains.snapshot("b")
    for one in asked:
        recorder(domain, one.question, live.validate.answer(one.question))
        if recorder.counts.recorded % 100 == 0:
            recorder.drain()
    recorder.drain()
    assert (recorder.counts.recorded, recorder.counts.left_out) == (COUNT, 0)
    return World(live, draft, asked, journal)


@pytest.fixture(scope="module")
def impact(world: World) -> Impact:
    return world.impact()


def turning(world: World) -> list[Asked]:
    """Requests whose answer is to turn, as they were made."""
    return [one for one in world.asked if one.kind.reason]


def test_every_kind_is_asked(world: World) -> None:
    assert {one.kind for one in world.asked} == set(KINDS)
    assert 200 < len(turning(world)) < 400


def test_high_reaches_medium_through_the_mapping_alone(world: World) -> None:
    one = next(a for a in world.asked if a.kind.name == "high for medium")
    answer = world.live.validate.answer(one.question).verdict
    assert answer.basis is not None
    assert (answer.basis.level, answer.basis.references) == ("medium", ("b-a",))
    refused = world.draft.validate.answer(one.question).verdict
    assert refused.findings[0].reason.code == "POLICY_MAPPING_NOT_AGREED"


def test_what_was_listed_is_what_flips(world: World, impact: Impact) -> None:
    """Every request is asked again, of the engine itself, under the policy without the mapping."""
    listed = {sample.target: sample for sample in impact.samples}
    flipped = {f for f, sample in listed.items() if sample.change is Change.PASSED_TO_REFUSED}
    really = set()
    for one in world.asked:
        before = outcome_of(world.live.validate.answer(one.question).verdict)
        after = outcome_of(world.draft.validate.answer(one.question).verdict)
        target = fingerprint(one.question.certificate)
        if before.passed != after.passed:
            really.add(target)
        if before != after:
            assert (listed[target].live, listed[target].draft) == (before, after)
        else:
            assert target not in listed
    assert flipped == really == {fingerprint(one.question.certificate) for one in turning(world)}


def test_all_of_it_is_counted(world: World, impact: Impact) -> None:
    expected = turning(world)
    others = Counter(one.kind.name for one in world.asked)
    assert impact.requests == COUNT
    assert (impact.unreadable, impact.drifted, dict(impact.not_replayable)) == (0, 0, {})
    assert impact.flips == len(expected)
    assert impact.changes == {
        Change.PASSED_TO_REFUSED: len(expected),
        Change.LEVEL: others["both"],
        Change.NONE: COUNT - len(expected) - others["both"],
    }


def test_by_reason(world: World, impact: Impact) -> None:
    reasons = Counter(one.kind.reason for one in turning(world))
    found = {reason: flips.to_refused for reason, flips in impact.by_reason if flips.flips}
    assert found == reasons
    assert set(found) == {"POLICY_MAPPING_NOT_AGREED", "ASSURANCE_LEVEL_NOT_REACHED"}


def test_by_site_and_purpose(world: World, impact: Impact) -> None:
    expected = turning(world)
    asked = Counter(one.site for one in world.asked)
    sites = Counter(one.site for one in expected)
    assert {site: (f.requests, f.to_refused) for site, f in impact.by_site} == {
        site: (asked[site], sites[site]) for site in asked
    }
    purposes = Counter(one.question.parameters.purpose.value for one in expected)
    found = {purpose: f.to_refused for purpose, f in impact.by_purpose if f.flips}
    assert found == purposes
    assert "server_auth" in {purpose for purpose, _ in impact.by_purpose}


def issuer_of(one: Asked) -> str:
    return fingerprint(one.question.evidence.certificates[0]) if one.question.evidence.certificates else ""


def test_by_authority(world: World, impact: Impact) -> None:
    """CAs that came along are known by fingerprint; the anchor that issues by itself too."""
    expected = Counter(issuer_of(one) for one in turning(world))
    found = {a.fingerprint: f for a, f in impact.by_authority}
    assert {f: flips.to_refused for f, flips in found.items() if flips.flips} == expected
    assert {fingerprint(der) for der in INTERMEDIATES} <= set(found)
    assert len(impact.by_authority) == len(ISSUERS) + 1
    order = [f.flips for _, f in impact.by_authority]
    assert order == sorted(order, reverse=True)


def test_the_twenty_most_affected(world: World, impact: Impact) -> None:
    pairs = Counter((issuer_of(one), one.site) for one in turning(world))
    assert len(pairs) == 20
    assert {(a.fingerprint, site): f.to_refused for (a, site), f in impact.most_affected} == pairs
    first = impact.most_affected[0][1]
    assert isinstance(first, Flips)
    assert first.to_refused == max(pairs.values())


def test_the_same_certificates_sent_anew(world: World, impact: Impact) -> None:
    """A replay of records and the engine's own answers give one and the same impact."""
    comparer, tally = SentComparer(world.live, world.draft), Tally(max_samples=COUNT)
    for one in world.asked:
        tally.add_line(comparer.compare(one.question))
    assert tally.impact() == impact


def test_the_simulation_of_a_release(world: World, impact: Impact) -> None:
    base = PolicyDocuments.from_data(traffic_documents())
    draft = PolicyDocuments.from_data(WITHOUT_HIGH)
    compiled = {base.sha256: world.live.domains, draft.sha256: world.draft.domains}
    simulate = SimulateImpact(lambda documents: compiled[documents.sha256], world.journal)
    found = simulate(base, draft)
    assert (found["kind"], found["requests"], found["flips"]) == ("impact", COUNT, impact.flips)
    assert len(found["samples"]) == 20
    assert found["left_out"] == 0
    assert simulate(base, base)["flips"] == 0
    few = SimulateImpact(lambda documents: compiled[documents.sha256], world.journal, max_requests=100)
    assert (few(base, draft)["requests"], few(base, draft)["left_out"]) == (100, COUNT - 100)
    without = SimulateImpact(lambda documents: compiled[documents.sha256], None)
    assert without(base, draft)["requests"] == 0


def test_a_mapping_that_comes_back(world: World, tmp_path: Path) -> None:
    """The other way round: what was refused passes."""
    comparer, contents = journal_comparer(world.draft.domains, world.live.domains, world.journal)
    tally = Tally()
    for line in contents.lines:
        tally.add_line(comparer.compare_line(line))
    found = tally.impact()
    assert found.changes[Change.REFUSED_TO_PASSED] == len(turning(world))
    assert found.drifted == len(turning(world)) + sum(one.kind.name == "both" for one in world.asked)
    assert len(found.samples) == 20
