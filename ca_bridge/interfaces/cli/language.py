"""Which language the command line speaks: as asked, else as the environment says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import click

from ca_bridge.services.messages import Language

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Speech(StrEnum):
    """One language, or both."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages to say things in, in this order."""
        return (Language.ZH, Language.EN) if self is Speech.BOTH else (Language(self.value),)

    def say(self, zh: str, en: str) -> str:
        """A short text in this language; both are set side by side."""
        return {Speech.ZH: zh, Speech.EN: en, Speech.BOTH: f"{zh} / {en}"}[self]


def speech_of(environment: Mapping[str, str]) -> Speech:
    """Chinese when the locale is Chinese, else English; the first variable set decides (POSIX)."""
    locale = next((environment[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(n)), "")
    return Speech.ZH if locale.lower().startswith("zh") else Speech.EN


def language_option(command: _Command) -> _Command:
    """Add --lang; the command gets ``speech``."""
    return click.option(
        "--lang",
        "speech",
        type=click.Choice([s.value for s in Speech]),
        callback=lambda _ctx, _param, value: Speech(value) if value else speech_of(os.environ),
        help="Language: zh, en or both. / 语言。",
    )(command)
