"""Findings in words, in one of the two languages."""

from __future__ import annotations

from enum import StrEnum

from ca_bridge.core.verdict import Finding
from ca_bridge.services.describe import text_shown


class Language(StrEnum):
    """Languages a reason is written in."""

    EN = "en"
    ZH = "zh"


def message(finding: Finding, language: Language) -> str:
    """What was found, with the finding's parameters made safe to show."""
    reason = finding.reason
    return _fill(reason.message_zh if language is Language.ZH else reason.message_en, finding)


def remedy(finding: Finding, language: Language) -> str:
    """What to do about it."""
    reason = finding.reason
    return _fill(reason.remedy_zh if language is Language.ZH else reason.remedy_en, finding)


def parameters(finding: Finding) -> dict[str, str]:
    """The finding's parameters by name, made safe to show; personal numbers in them are masked."""
    return {name: text_shown(value) for name, value in finding.params}


def _fill(text: str, finding: Finding) -> str:
    return text.format_map(_Shown(parameters(finding))) if "{" in text else text


class _Shown(dict[str, str]):
    """Parameters to fill in; one that is missing leaves a question mark, not an error in the answer."""

    def __missing__(self, name: str) -> str:
        return "?"
