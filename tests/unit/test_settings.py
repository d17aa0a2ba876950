from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ca_bridge.settings import Settings, SettingsError


def test_defaults_point_at_the_shipped_policies() -> None:
    settings = Settings.from_environment({"HOME": "/nowhere"})
    assert (settings.policies / "schema").is_dir()
    assert settings.anchors == settings.policies / "anchors"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


def test_variables_are_read() -> None:
    settings = Settings.from_environment(
        {"CA_BRIDGE_POLICIES": "/p", "CA_BRIDGE_ANCHORS": "/a", "CA_BRIDGE_PORT": "9090"}
    )
    assert (settings.policies, settings.anchors, settings.port) == (Path("/p"), Path("/a"), 9090)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CA_BRIDGE_PROT", "1"),
        ("CA_BRIDGE_PORT", "x"),
        ("CA_BRIDGE_PORT", "-1"),
        ("CA_BRIDGE_PORT", "٣"),
        ("CA_BRIDGE_PORT", "0"),
        ("CA_BRIDGE_PORT", "65536"),
        ("CA_BRIDGE_PORT", "9" * 5000),
        ("CA_BRIDGE_PORT", "80\n"),
        ("CA_BRIDGE_WORKERS", "0"),
        ("CA_BRIDGE_HOST", ""),
        ("CA_BRIDGE_POLICIES", ""),
        ("CA_BRIDGE_LOG_LEVEL", "loud"),
    ],
)
def test_unusable_variables_are_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: text})


def test_every_setting_is_written_down() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text("utf-8")
    for field in fields(Settings):
        assert f"`CA_BRIDGE_{field.name.upper()}`" in page


def test_unknown_names_come_out_escaped() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"CA_BRIDGE_\x1b[31m\u202e": "secret"})
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CA_BRIDGE_ENVIRONMENT", "test"),
        ("CA_BRIDGE_NODE", "a b"),
        ("CA_BRIDGE_NODE", "-a"),
        ("CA_BRIDGE_NODE", "a" * 65),
        ("CA_BRIDGE_LOG_ORIGIN", "a\nb"),
        ("CA_BRIDGE_LOG_ORIGIN", "a+b"),
        ("CA_BRIDGE_DEVELOPMENT_KEYS", "/keys"),
    ],
)
def test_settings_of_keys_and_log(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: text})


def test_production_is_what_is_not_said_to_be_development() -> None:
    assert Settings.from_environment({}).production
    chosen = {"CA_BRIDGE_ENVIRONMENT": "development", "CA_BRIDGE_DEVELOPMENT_KEYS": "/keys"}
    settings = Settings.from_environment(chosen)
    assert not settings.production
    assert settings.development_keys == Path("/keys")
