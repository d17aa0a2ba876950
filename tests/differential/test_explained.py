"""The rules for differences are few, named once, argued, and written down in docs/divergences.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from ca_bridge.core.reasons import CATALOGUE
from tests.differential.explained import ALL, ONE_PATH_TRIED, THEY_ACCEPT, THEY_REFUSE

RULES = (*THEY_REFUSE, *THEY_ACCEPT)
DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "divergences.md").read_text("utf-8")


@pytest.mark.parametrize("name", [ONE_PATH_TRIED, *(rule.name for rule in RULES)])
def test_each_rule_is_written_down(name: str) -> None:
    assert f"`{name}`" in DOCUMENT.partition("## Against other engines")[2]


def test_rules_are_named_once_and_argued() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.sentence
        assert rule.clause
        assert rule.engines
        assert rule.engines <= ALL


def test_codes_are_codes_of_the_catalogue() -> None:
    for rule in THEY_ACCEPT:
        assert rule.codes <= CATALOGUE.keys()
