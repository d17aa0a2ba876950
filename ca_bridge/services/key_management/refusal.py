"""A refusal of an act on keys: its row of the catalogue (errors.py), and the error that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ca_bridge.services.errors import GatewayError
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import RefusalKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who has to act, in both languages."""

    en: str
    zh: str


AUTHOR = Actor("whoever wrote the plan", "计划编写人")
APPROVER = Actor("the approver named", "所指的批准人")
HOLDER = Actor("whoever holds the ceremony", "仪式主持人")
OPERATOR = Actor("an operator", "操作员")
TOKEN_KEEPER = Actor("whoever keeps the token", "密码设备管理员")


@dataclass(frozen=True, slots=True)
class KeyRefusal:
    """One row of the catalogue; texts may use ``{name}`` fields, given when it is raised."""

    code: str
    kind: RefusalKind
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str
    actor: Actor


class KeyRefused(GatewayError):
    """An act on keys was refused; no key was made, moved or destroyed by it."""

    def __init__(self, refusal: KeyRefusal, **params: str | int) -> None:
        """``params`` are those the refusal's texts use."""
        super().__init__(refusal.code)
        self.refusal = refusal
        self.params = {name: printable(str(value)) for name, value in sorted(params.items())}

    def fields(self) -> dict[str, Any]:
        """The refusal as plain data, its texts filled in."""
        return {
            "code": self.refusal.code,
            "kind": self.refusal.kind.value,
            **self._texts(),
            "who_must_act_en": self.refusal.actor.en,
            "who_must_act_zh": self.refusal.actor.zh,
            "params": dict(self.params),
        }

    def _texts(self) -> Mapping[str, str]:
        names = ("message_en", "message_zh", "remedy_en", "remedy_zh")
        return {name: getattr(self.refusal, name).format_map(self.params) for name in names}
