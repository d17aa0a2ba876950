"""What may replace a stored list, what it changes, and how issues are numbered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ca_bridge.adapters.trust_list_shelf import TrustListShelf
from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.recognition_reading import read_policy
from ca_bridge.services.trust_list_csv import read_page, write_page
from ca_bridge.services.trust_list_exchange.changes import Change, ChangeKind
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.importing import import_list, import_page
from ca_bridge.services.trust_list_exchange.publishing import next_issue
from tests.recognition.exchange import ISSUED, NEXT, NOW, entry, trust_list

STORED = trust_list()


def refused(code: ExchangeCode, found, stored=STORED, now=NOW, **kwargs) -> None:
    with pytest.raises(TrustListRefused) as caught:
        import_list(found, stored, now, **kwargs)
    assert caught.value.code is code


def test_replayed() -> None:
    refused(ExchangeCode.REPLAYED, trust_list(sequence_number=6))


def test_same_issue_changes_nothing() -> None:
    found = import_list(trust_list(), STORED, NOW)
    assert (found.changes, found.documents) == ((), {})


def test_same_number_with_other_content() -> None:
    refused(ExchangeCode.SEQUENCE_REUSED, trust_list(title_en="Other"))


def test_stale() -> None:
    newer = trust_list(sequence_number=8)
    refused(ExchangeCode.STALE, newer, now=NEXT)
    assert import_list(newer, STORED, NEXT - timedelta(seconds=1)).documents
    assert import_list(replace(newer, next_update=None), STORED, NEXT).documents


def test_issued_in_future() -> None:
    newer = trust_list(sequence_number=8)
    refused(ExchangeCode.ISSUED_IN_FUTURE, newer, now=ISSUED - timedelta(minutes=10, seconds=1))
    assert import_list(newer, STORED, ISSUED - timedelta(minutes=10)).documents


@pytest.mark.parametrize(
    ("field", "value"), [("identifier", "macau"), ("territory", "MO"), ("scheme_operator", "Somebody")]
)
def test_other_list(field: str, value: str) -> None:
    refused(ExchangeCode.OTHER_LIST, trust_list(sequence_number=8, **{field: value}))


def test_asked_for_another_list() -> None:
    refused(ExchangeCode.OTHER_LIST, trust_list(), stored=None, identifier="macau")


def test_first_import_and_its_document() -> None:
    found = import_list(STORED, None, NOW, identifier="hong-kong")
    assert found.changes == (
        Change(kind=ChangeKind.ADDED, entry=""),
        Change(kind=ChangeKind.ADDED, entry="hk-personal"),
    )
    assert read_policy(found.documents).trust_lists == (STORED,)
    assert found.changes[0].message_zh == "列表：新增"
    assert found.changes[1].message_en == "entry hk-personal: added"


def test_changes_field_by_field() -> None:
    before = trust_list(entries=(entry(), entry(identifier="gone")))
    after = trust_list(
        sequence_number=8, entries=(entry(level="medium", confidence=""), entry(identifier="new"))
    )
    found = import_list(after, before, NOW).changes
    assert found == (
        Change(kind=ChangeKind.CHANGED, entry="", field="sequence_number", before="7", after="8"),
        Change(kind=ChangeKind.CHANGED, entry="hk-personal", field="confidence", before='"A"'),
        Change(
            kind=ChangeKind.CHANGED, entry="hk-personal", field="level", before='"high"', after='"medium"'
        ),
        Change(kind=ChangeKind.ADDED, entry="new"),
        Change(kind=ChangeKind.REMOVED, entry="gone"),
    )
    assert found[1].message_en == 'entry hk-personal: confidence from "A" to (absent)'
    assert found[2].message_zh == '条目 hk-personal：level 由 "high" 改为 "medium"'
    assert found[4].message_zh == "条目 gone：移除"


def test_issues_are_numbered() -> None:
    period = timedelta(days=180)
    first = next_issue(STORED, None, NOW, period)
    assert (first.sequence_number, first.issued, first.next_update) == (7, NOW, NOW + period)
    assert next_issue(STORED, first, NOW + timedelta(days=89), period) is first
    renewed = next_issue(STORED, first, NOW + timedelta(days=90), period)
    assert (renewed.sequence_number, renewed.entries) == (8, first.entries)
    changed = next_issue(trust_list(entries=()), renewed, NOW, period)
    assert (changed.sequence_number, changed.entries) == (9, ())
    assert next_issue(trust_list(sequence_number=40, entries=()), renewed, NOW, period).sequence_number == 40
    endless = replace(first, next_update=None)
    assert next_issue(STORED, endless, NOW, period) is endless


def test_published_issue_is_importable_by_the_other_side() -> None:
    first = next_issue(STORED, None, NOW, timedelta(days=1))
    second = next_issue(trust_list(entries=()), first, NOW, timedelta(days=1))
    assert import_list(second, first, NOW).trust_list == second
    refused(ExchangeCode.REPLAYED, first, stored=second)


def test_shelf(tmp_path: Path) -> None:
    shelf = TrustListShelf(tmp_path / "published")
    assert shelf.last("hong-kong") is None
    shelf.keep(STORED)
    shelf.keep(trust_list(sequence_number=8))
    assert shelf.last("hong-kong") == trust_list(sequence_number=8)
    (tmp_path / "published/hong-kong.json").write_text("{}")
    with pytest.raises(ConfigurationError):
        shelf.last("hong-kong")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError):
        TrustListShelf(tmp_path / "file").keep(STORED)


def test_page_over_a_stored_list_keeps_conditions_and_other_entries() -> None:
    stored = trust_list(entries=(entry(), entry(identifier="other")))
    bare = replace(entry(level="low"), conditions=type(entry().conditions)())
    page = read_page(write_page((bare, replace(bare, identifier="third", status=RecognitionStatus.DRAFT))))
    found = import_page(page.entries, stored, NOW)
    assert [one.identifier for one in found.trust_list.entries] == ["hk-personal", "other", "third"]
    assert found.trust_list.entries[0] == entry(level="low")
    assert (found.trust_list.sequence_number, found.trust_list.next_update) == (8, None)
    assert Change(kind=ChangeKind.ADDED, entry="third") in found.changes
    with pytest.raises(TrustListRefused) as caught:
        import_page([{**page.entries[0], "level": 1}], stored, NOW)
    assert caught.value.code is ExchangeCode.MALFORMED


def test_every_refusal_is_documented_and_has_both_texts() -> None:
    text = (Path(__file__).parents[2] / "docs/trust-lists.md").read_text("utf-8")
    for code in ExchangeCode:
        assert f"| `{code}` |" in text
        params = dict.fromkeys(
            (
                "element",
                "why",
                "expected",
                "found",
                "stored",
                "issued",
                "now",
                "next_update",
                "limit",
                "entry",
            ),
            "?",
        )
        refusal = TrustListRefused(code, **params)
        assert refusal.message_zh
        assert refusal.message_en.isascii()
