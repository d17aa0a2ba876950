"""The CRL of the national SM2 root, as published, about CAs certified by it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from ca_bridge.core.request import RevocationRule
from tests.shared_data import shared_data
from tests.status_pki import POOL, REQUIRE_ALL, Party, World, key

CURRENT = datetime(2022, 5, 20, tzinfo=UTC)
AFTER = datetime(2023, 1, 1, tzinfo=UTC)
LICENSED = (
    "Beijing_SM2_CA-ff112d2c",
    "GDCA_TrustAUTH_E1_CA-7da12702",
    "NETCA-fddc6bed",
    "SHECA_SM2-d03f82e2",
    "SZCA_SM2_CA-275d303c",
)


def _party(name: str) -> Party:
    text = shared_data("real", "sm2", f"{name}.pem").read_text("ascii")
    body = "".join(line for line in text.splitlines() if not line.startswith("-"))
    return Party(name, key("unused"), base64.b64decode(body))


@pytest.mark.parametrize("name", LICENSED)
def test_a_licensed_ca_is_good_while_the_list_is_current(name: str) -> None:
    crl = POOL.crl(shared_data("real", "crl", "C_CN_O_NRCAC_CN_ROOTCA-77bdbb41.crl").read_bytes())
    world, target = World((_party("ROOTCA-9c28d384"),)), _party(name)
    assert world.statuses(target, crl, rule=REQUIRE_ALL, at=CURRENT) == ["good crl"]
    assert world.codes(target, crl, rule=RevocationRule.IF_AVAILABLE, at=AFTER) == ["CRL_STALE"]
