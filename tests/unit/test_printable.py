"""Text from outside cannot lead a terminal, a log or a reader astray."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.reasons.service import ENGINE_STOPPED, FIELD_UNKNOWN
from ca_bridge.core.verdict import Finding
from ca_bridge.services.messages import Language, message, remedy
from ca_bridge.services.printable import printable


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J", "\\u{1b}[2J"),
        ("a\r\nb", "a\\u{d}\\u{a}b"),
        ("\u202ecod.exe", "\\u{202e}cod.exe"),
        ("\ud800", "\\u{d800}"),
        ("\x9b31m", "\\u{9b}31m"),
        ("网证通 CA", "网证通 CA"),
        ("[bold red]x[/]", "[bold red]x[/]"),
    ],
)
def test_hostile_characters_are_named(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


@given(st.text(alphabet=st.characters(), max_size=600))
def test_nothing_that_controls_remains(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert printable("x" * 600).endswith("…")
    assert len(printable("x" * 600)) == 512


def test_messages_fill_in_and_never_fail() -> None:
    finding = Finding(reason=FIELD_UNKNOWN, params=(("field", "a\nb"),))
    assert "a\\u{a}b" in message(finding, Language.EN)
    assert "a\\u{a}b" in message(finding, Language.ZH)
    assert "?" in message(Finding(reason=FIELD_UNKNOWN), Language.EN)
    assert remedy(Finding(reason=ENGINE_STOPPED), Language.ZH) == ENGINE_STOPPED.remedy_zh
