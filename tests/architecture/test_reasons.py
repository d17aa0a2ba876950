"""Every reason is whole: both languages, a clause, a remedy, and exactly the parameters it names."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Indication, Reason

_ROWS = sorted(CATALOGUE.values(), key=lambda r: r.code)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("reason", _ROWS, ids=lambda r: r.code)
def test_row_is_whole(reason: Reason) -> None:
    assert CATALOGUE[reason.code] is reason
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", reason.code)
    assert re.search(r"RFC|GB/T|GM/T|EN 319|X\.690|ePrint|CVE|FIPS|SP 800|SEC 1|docs/", reason.clause)
    assert reason.indication in {Indication.TOTAL_FAILED, Indication.INDETERMINATE}
    for text in (reason.message_zh, reason.remedy_zh):
        assert re.search(r"[\u4e00-\u9fff]", text)
    for text in (reason.message_en, reason.remedy_en):
        assert not re.search(r"[\u4e00-\u9fff]", text)
        assert text[0].isupper() or text[0] == "{"
        assert text.endswith(".")
    used = _fields(reason.message_en) | _fields(reason.message_zh)
    used |= _fields(reason.remedy_en) | _fields(reason.remedy_zh)
    assert used <= set(reason.params)
    assert set(reason.params) <= _fields(reason.message_en) & _fields(reason.message_zh) | _fields(
        reason.remedy_en
    ) | _fields(reason.remedy_zh)


def test_catalogue_is_not_empty() -> None:
    assert len(_ROWS) > 60
