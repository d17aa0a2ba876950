"""Settings, read once from the environment; every unit is in the name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.printable import printable

_WHOLE = re.compile("[0-9]{1,10}", re.ASCII)
_HIGHEST, _HIGHEST_PORT = (1 << 31) - 1, 65_535
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(ConfigurationError):
    """An environment variable that cannot be used; the message names it and never shows its value."""


def _shipped_policies() -> Path:
    """The policies beside the code in a checkout, inside the package when installed."""
    here = Path(__file__).resolve().parent
    checkout = here.parent / "policies"
    return checkout if (checkout / "schema").is_dir() else here / "_policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set. Variables are CA_BRIDGE_ and the field's name in capitals."""

    policies: Path
    anchors: Path
    default_domain: str = "greater-bay-area"
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    request_max_bytes: int = 2 << 20
    batch_max_bytes: int = 16 << 20
    log_level: str = "info"
    identity_key_file: Path | None = None
    database: str | None = None
    signer_domain: str | None = None
    publisher: Path | None = None
    request_journal: Path | None = None
    request_journal_days: int = 30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from variables; SettingsError names the one that is unknown or unusable."""
        known = {f"CA_BRIDGE_{field.name.upper()}": field for field in fields(cls)}
        values: dict[str, object] = {}
        for name, text in environment.items():
            if not name.startswith("CA_BRIDGE_") or name == "CA_BRIDGE_SHARED":
                continue
            field = known.get(name)
            if field is None:
                shown = printable(name, 80)
                raise SettingsError(f"unknown setting {shown} / 未知的设置 {shown}")
            values[field.name] = _value(name, text, integer=field.type == "int")
        if values.get("log_level", "info") not in LOG_LEVELS:
            choices = ", ".join(LOG_LEVELS)
            raise SettingsError(f"CA_BRIDGE_LOG_LEVEL: one of {choices} / CA_BRIDGE_LOG_LEVEL 须为 {choices}")
        policies = Path(str(values.pop("policies", _shipped_policies())))
        anchors = Path(str(values.pop("anchors", policies / "anchors")))
        for name in ("identity_key_file", "publisher", "request_journal"):
            if name in values:
                values[name] = Path(str(values[name]))
        return cls(policies=policies, anchors=anchors, **values)  # type: ignore[arg-type]


def _value(name: str, text: str, *, integer: bool) -> object:
    if not text:
        raise SettingsError(f"{name} must not be empty / {name} 不能为空")
    if not integer:
        return text
    highest = _HIGHEST_PORT if name == "CA_BRIDGE_PORT" else _HIGHEST
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= highest:
        raise SettingsError(
            f"{name} must be a whole number from 1 to {highest} / {name} 须为 1 至 {highest} 的整数"
        )
    return int(text)
