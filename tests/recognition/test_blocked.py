"""A block stops acceptance under either trust model, for its time, with its own reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ca_bridge.core.recognition.blocklist import Block, BlockKind
from tests.recognition.scheme import (
    LEAVES,
    NOW,
    POLICY,
    SINCE,
    C,
    ask,
    codes,
    fingerprint,
    key_of,
    listed,
    pki,
)

COMPANY = LEAVES["gd-a-sm2-company-sign"]
PERSON = LEAVES["hk-person-sign"]


def _block(kind: BlockKind, value: str, **fields: object) -> Block:
    given = {"effective_from": SINCE, "publication": "notice 1"} | fields
    return Block(identifier="b-1", kind=kind, value=value, reason_zh="测试", reason_en="test", **given)


def _blocked(*blocks: Block) -> object:
    return replace(POLICY, blocks=blocks)


CASES = {
    "target": (BlockKind.CERTIFICATE, fingerprint(COMPANY), "CERTIFICATE_BLOCKED", 0),
    "target key": (BlockKind.KEY, key_of(COMPANY), "KEY_BLOCKED", 0),
    "certificate on the path": (
        BlockKind.CERTIFICATE,
        fingerprint(C["bridge-sm2-to-gd-a-sm2"]),
        "CERTIFICATE_BLOCKED",
        1,
    ),
    "key on the path": (BlockKind.KEY, key_of(C["gd-a-sm2"]), "KEY_BLOCKED", 1),
    "CA": (BlockKind.CA, key_of(C["gd-a-sm2"]), "CA_BLOCKED", 1),
    "anchor": (BlockKind.CA, key_of(C["hk-root"]), "CA_BLOCKED", 4),
}


@pytest.mark.parametrize("case", CASES)
def test_a_block_in_force_refuses(case: str) -> None:
    kind, value, code, position = CASES[case]
    verdict = ask(COMPANY, _blocked(_block(kind, value)))
    assert codes(verdict) == [code]
    finding = verdict.findings[0]
    assert finding.position == position
    assert finding.params == (
        ("block", "b-1"),
        ("publication", "notice 1"),
        ("since", "2020-01-01T00:00:00Z"),
    )


def test_a_ca_block_is_not_about_end_entities() -> None:
    assert codes(ask(COMPANY, _blocked(_block(BlockKind.CA, key_of(COMPANY))))) == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (NOW, None, ["KEY_BLOCKED"]),
        (NOW + timedelta(seconds=1), None, []),
        (SINCE, NOW, []),
        (SINCE, NOW + timedelta(seconds=1), ["KEY_BLOCKED"]),
    ],
)
def test_a_block_holds_for_its_time(since: object, until: object, expected: list[str]) -> None:
    block = _block(BlockKind.KEY, key_of(COMPANY), effective_from=since, effective_until=until)
    assert codes(ask(COMPANY, _blocked(block))) == expected


def test_a_blocked_ca_stops_a_listed_certificate() -> None:
    assert codes(listed(PERSON, _blocked(_block(BlockKind.CA, key_of(C["hk-ca"]))))) == ["CA_BLOCKED"]


def test_a_block_of_a_subject_is_by_identity_key() -> None:
    policy = _blocked(_block(BlockKind.SUBJECT, f"org:{pki.identity.COMPANY_1[8:17]}"))
    assert codes(ask(COMPANY, policy)) == ["SUBJECT_BLOCKED"]
    rsa = {"chain": (C["gd-a-rsa"],), "anchors": (C["gd-a-rsa-root"],), "relying": "gd"}
    assert codes(ask(LEAVES["gd-a-rsa-company-sign"], policy, **rsa)) == ["SUBJECT_BLOCKED"]
    assert codes(ask(LEAVES["gd-a-sm2-person-sign"], policy)) == []


def test_a_block_stands_in_domains_that_grade_nothing() -> None:
    policy = _blocked(_block(BlockKind.KEY, key_of(COMPANY)))
    assert codes(ask(COMPANY, policy, relying="shop")) == ["KEY_BLOCKED"]
