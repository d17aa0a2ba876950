"""How two answers differ, how differences are counted, and what of a stored request can be read."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.recognition.replay.recorded import Cause
from ca_bridge.core.verdict import Verdict
from ca_bridge.services.impact import comparison
from ca_bridge.services.impact.comparison import Authority, Compared, Line, Tally, Unjudged
from ca_bridge.services.impact.impact_data import impact_data
from ca_bridge.services.impact.outcome import Change, Outcome, change, outcome_of
from ca_bridge.services.impact.record_data import MAX_RECORD_BYTES, UnreadableRecord, read_stored_line

PASSED = Outcome(
    indication=Indication.TOTAL_PASSED, model="trust_list", level="high", references=("list/entry",)
)
REFUSED = Outcome(indication=Indication.INDETERMINATE, reason="NO_ISSUER_FOUND")


def compared(number: int, live: Outcome = PASSED, draft: Outcome = REFUSED, **fields: Any) -> Compared:
    given: dict[str, Any] = {
        "target": f"{number:064x}",
        "authority": Authority("f", "CN=CA"),
        "site": "site",
        "domain": "d",
        "purpose": "any",
    }
    return Compared(live=live, draft=draft, **given | fields)


@pytest.mark.parametrize(
    ("live", "draft", "kind"),
    [
        (PASSED, PASSED, Change.NONE),
        (REFUSED, REFUSED, Change.NONE),
        (PASSED, REFUSED, Change.PASSED_TO_REFUSED),
        (REFUSED, PASSED, Change.REFUSED_TO_PASSED),
        (PASSED, replace(PASSED, level="low", model="cross_certification"), Change.LEVEL),
        (PASSED, replace(PASSED, model="cross_certification", references=()), Change.MODEL),
        (PASSED, replace(PASSED, references=("list/other",)), Change.REFERENCES),
        (REFUSED, replace(REFUSED, reason="TARGET_EXPIRED"), Change.OTHER_REASON),
        (REFUSED, replace(REFUSED, indication=Indication.TOTAL_FAILED), Change.OTHER_REASON),
    ],
)
def test_the_gravest_difference(live: Outcome, draft: Outcome, kind: Change) -> None:
    assert change(live, draft) is kind


def test_a_verdict_that_nobody_recognised() -> None:
    verdict = Verdict(findings=(), path=("p",), trust_anchor="a")
    assert outcome_of(verdict) == Outcome(indication=Indication.TOTAL_PASSED)


class TestTally:
    def test_flips_come_first_among_samples(self) -> None:
        tally = Tally(max_samples=3)
        for number in range(5):
            tally.add(compared(number, draft=replace(PASSED, level="low")))
        tally.add(compared(7))
        tally.add(compared(8, REFUSED, PASSED))
        tally.add(compared(9, PASSED, PASSED))
        found = tally.impact()
        assert [int(s.target, 16) for s in found.samples] == [7, 8, 0]
        assert found.flips == 2
        assert dict(found.by_reason)["NO_ISSUER_FOUND"].flips == 2
        assert dict(found.by_reason)["-"].otherwise == 5

    def test_what_was_not_compared(self) -> None:
        tally = Tally()
        for line in (
            Line(None),
            Line(Unjudged(cause=Cause.NAMES)),
            Line(Unjudged(cause=Cause.BUDGET)),
            Line(Unjudged(cause=Cause.BUDGET)),
            Line(compared(1, PASSED, PASSED), drifted=True),
        ):
            tally.add_line(line)
        data = impact_data(tally.impact())
        assert {k: data[k] for k in ("requests", "flips", "unreadable", "drifted", "not_replayable")} == {
            "requests": 5,
            "flips": 0,
            "unreadable": 1,
            "drifted": 1,
            "not_replayable": {"budget": 2, "names": 1},
        }
        assert data["most_affected"] == data["samples"] == []

    def test_groups_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Labels are the callers': beyond the bound they are counted together."""
        monkeypatch.setattr(comparison, "MAX_GROUPS", 3)
        tally = Tally()
        for number in range(10):
            tally.add(compared(number, site=f"site {number}", authority=Authority(f"{number}", "CN=CA")))
        found = tally.impact()
        assert {site: f.flips for site, f in found.by_site} == {"site 0": 1, "site 1": 1, "site 2": 1, "*": 7}
        assert dict(found.by_authority)[Authority("", "*")].flips == 7
        assert found.most_affected[0][0] == (Authority("", "*"), "*")
        assert found.flips == 10

    def test_the_most_affected_are_twenty(self) -> None:
        tally = Tally()
        for number in range(30):
            for _ in range(number + 1):
                tally.add(compared(number, site=f"site {number:02}"))
        found = tally.impact().most_affected
        assert [site for (_, site), _ in found] == [f"site {n:02}" for n in range(29, 9, -1)]
        assert all(a[1].flips > b[1].flips for a, b in pairwise(found))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b'"text"',
        b"\xff",
        b"[" * 50_000,
        b" " * (MAX_RECORD_BYTES + 1),
        json.dumps({"what": "no such cause", "time": "2026-01-15T08:00:00+00:00"}).encode(),
        json.dumps({"what": "names", "time": 5}).encode(),
        json.dumps({"what": {"target": "unknown", "holder": {}, "statuses": None}, "time": "x"}).encode(),
    ],
)
def test_what_is_no_stored_request(line: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        read_stored_line(line, {})
