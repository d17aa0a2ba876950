"""Settings, read once from the environment; every unit is in the name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ca_bridge.services.errors import ConfigurationError

LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(ConfigurationError):
    """An environment variable that cannot be used; the message names it, never its value's secrets."""


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
                raise SettingsError(f"unknown setting {name} / 未知的设置 {name}")
            values[field.name] = _value(name, text, integer=field.type == "int")
        if values.get("log_level", "info") not in LOG_LEVELS:
            choices = ", ".join(LOG_LEVELS)
            raise SettingsError(f"CA_BRIDGE_LOG_LEVEL: one of {choices} / CA_BRIDGE_LOG_LEVEL 须为 {choices}")
        policies = Path(str(values.pop("policies", _shipped_policies())))
        anchors = Path(str(values.pop("anchors", policies / "anchors")))
        return cls(policies=policies, anchors=anchors, **values)  # type: ignore[arg-type]


def _value(name: str, text: str, *, integer: bool) -> object:
    if not integer:
        return text
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) < 1 << 31:
        raise SettingsError(f"{name} must be a whole number / {name} 必须是整数")
    return int(text)
