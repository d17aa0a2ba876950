"""Settings, read once from the environment; every unit is in the name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from pathlib import Path
from tempfile import gettempdir
from types import MappingProxyType

from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.printable import printable

_WHOLE = re.compile("[0-9]{1,10}", re.ASCII)
_HIGHEST, _HIGHEST_PORT = (1 << 31) - 1, 65_535
LOG_LEVELS = ("debug", "info", "warning", "error")
PRODUCTION, DEVELOPMENT = "production", "development"
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"log_level": LOG_LEVELS, "environment": (PRODUCTION, DEVELOPMENT)}
)
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "node": re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII),
        # C2SP tlog-checkpoint: a URL without a scheme.
        "log_origin": re.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}", re.ASCII),
    }
)
_PATHS = ("identity_key_file", "publisher", "request_journal", "development_keys", "run_folder", "bridge_ca")


class SettingsError(ConfigurationError):
    """An environment variable that cannot be used; the message names it and never shows its value."""


def _shipped_policies() -> Path:
    """The policies beside the code in a checkout, inside the package when installed."""
    here = Path(__file__).resolve().parent
    checkout = here.parent / "policies"
    return checkout if (checkout / "schema").is_dir() else here / "_policies"


def _temporary_folder() -> Path:
    """One for each user of the machine: what is noted there by one is not for another to change."""
    return Path(gettempdir()) / f"ca-bridge-{os.getuid()}"


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
    environment: str = PRODUCTION
    node: str = "node-1"
    log_origin: str = "localhost/ca-bridge"
    development_keys: Path | None = None
    run_folder: Path = dataclass_field(default_factory=_temporary_folder)
    bridge_ca: Path | None = None

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
        _check_choices(values)
        _check_forms(values)
        policies = Path(str(values.pop("policies", _shipped_policies())))
        anchors = Path(str(values.pop("anchors", policies / "anchors")))
        for name in _PATHS:
            if name in values:
                values[name] = Path(str(values[name]))
        return cls(policies=policies, anchors=anchors, **values)  # type: ignore[arg-type]

    @property
    def production(self) -> bool:
        """Whether keys in software are refused."""
        return self.environment == PRODUCTION


def _check_choices(values: Mapping[str, object]) -> None:
    for field, choices in _CHOICES.items():
        if values.get(field, choices[0]) not in choices:
            variable, one_of = f"CA_BRIDGE_{field.upper()}", ", ".join(choices)
            raise SettingsError(f"{variable}: one of {one_of} / {variable} 须为 {one_of}")


def _check_forms(values: Mapping[str, object]) -> None:
    for field, form in _FORMS.items():
        if field in values and not form.fullmatch(str(values[field])):
            variable = f"CA_BRIDGE_{field.upper()}"
            raise SettingsError(f"{variable}: {form.pattern} / {variable} 格式须为 {form.pattern}")
    if "development_keys" in values and values.get("environment") != DEVELOPMENT:
        raise SettingsError(
            "CA_BRIDGE_DEVELOPMENT_KEYS needs CA_BRIDGE_ENVIRONMENT=development"
            " / CA_BRIDGE_DEVELOPMENT_KEYS 仅可用于 CA_BRIDGE_ENVIRONMENT=development"
        )


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
