"""The catalogue of refusals: every row shown, documented and bilingual; and material that is mutated."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from ca_bridge.services.issue_cross_certificate.errors import REFUSALS, BridgeRefused
from ca_bridge.services.issue_cross_certificate.member import read_member
from tests.bridge_ca import house as h
from tests.bridge_ca.requests import request
from tests.bridge_ca.test_refusals import CASES, pem

MATERIALS = (
    h.GD_ROOT,
    h.HK_ROOT,
    request(h.GD.name, h.GD.key),
    pem(b"CERTIFICATE REQUEST", request(h.GD.name, h.GD.key)),
)


def test_every_row_is_shown() -> None:
    assert {case[1] for case in CASES} == {row.code for row in REFUSALS}
    assert len({row.code for row in REFUSALS}) == len(REFUSALS)


def test_the_page_names_every_row_and_who_must_act() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "bridge-ca.md").read_text("utf-8")
    actors: dict[str, str] = {}
    for codes, actor in re.findall(r"^\| ([A-Z_, ]+) \| (\w+)[^|]*\|$", page, re.MULTILINE):
        actors |= dict.fromkeys(codes.split(", "), actor)
    assert actors == {row.code: row.must_act.value for row in REFUSALS}


@hypothesis.settings(deadline=None)
@hypothesis.given(st.data())
def test_mutated_material_is_refused_and_never_crashes(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(MATERIALS)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BridgeRefused):
        read_member(bytes(whole))


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.code)
def test_rows_are_bilingual_and_use_the_same_fields(row: Any) -> None:
    fields = [set(re.findall(r"{(\w+)}", text)) for text in (row.message_en, row.message_zh)]
    assert re.search("[\u4e00-\u9fff]", row.message_zh)
    assert re.search("[\u4e00-\u9fff]", row.remedy_zh)
    assert row.message_en.isascii()
    assert fields[0] == fields[1]
