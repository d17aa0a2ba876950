"""Parameters read once for lines that ask the same: remembering never changes what is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.question import read_parameters

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "validation_time": "2025-06-01T00:00:00Z",
    "purpose": "server_auth",
    "dns_name": "shop.example.com",
    "initial_explicit_policy": True,
    "max_path_length": 1,
}


def test_equal_fields_give_equal_parameters() -> None:
    first, second = read_parameters(FIELDS, NOW), read_parameters(dict(FIELDS), NOW)
    assert first == second
    assert first.validation_time == datetime(2025, 6, 1, tzinfo=UTC)
    assert read_parameters({**FIELDS, "purpose": "client_auth"}, NOW).purpose == "client_auth"


@pytest.mark.parametrize(
    "changed",
    [
        {"initial_explicit_policy": 1},
        {"max_path_length": True},
        {"max_path_length": 1.0},
        {"purpose": ["server_auth"]},
        {"dns_name": {}},
    ],
)
def test_what_only_compares_equal_is_still_refused(changed: dict[str, Any]) -> None:
    read_parameters(FIELDS, NOW)
    for _ in range(2):
        with pytest.raises(UnusableQuestion) as caught:
            read_parameters(FIELDS | changed, NOW)
        assert caught.value.finding.reason.code == "FIELD_WRONG_TYPE"


def test_lists_are_read_each_time() -> None:
    parameters = read_parameters({**FIELDS, "key_usage": ["digital_signature"]}, NOW)
    assert parameters.key_usage == {KeyUsageBit.DIGITAL_SIGNATURE}


def test_the_present_is_not_remembered() -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "validation_time"}
    later = NOW.replace(year=2027)
    assert read_parameters(fields, NOW).validation_time == NOW
    assert read_parameters(fields, later).validation_time == later
