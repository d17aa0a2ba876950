"""Plan files: what is taken, what is refused and where, and that one plan has one hash."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.services.key_management.model import KeyAction, KeyState, KeyUse, OutputForm
from ca_bridge.services.key_management.refusal import KeyRefused
from tests.keys.key_house import KeyHouse


def cause(house: KeyHouse, data: Any) -> str:
    with pytest.raises(KeyRefused) as caught:
        read_plan_file(house.file(data))
    assert caught.value.refusal.code == "KEY_PLAN_UNUSABLE"
    return caught.value.params["cause"]


def test_a_plan(house: KeyHouse) -> None:
    output = {"form": "self_signed", "subject": "CN=a", "days": 30}
    data = house.data(key={"use": "bridge_ca", "kind": "sm2", "sealed": True, "output": output})
    plan = read_plan_file(house.file(data))
    assert (plan.action, plan.approvals, plan.approvers) == (KeyAction.CEREMONY, 2, ("ann", "ben", "cho"))
    assert (plan.title_zh, plan.title_en) == ("回执密钥", "the receipt key")
    wish = plan.wish
    assert wish is not None
    assert (wish.use, wish.kind, wish.algorithm) == (KeyUse.BRIDGE_CA, "sm2", "sm2-sm3")
    assert (wish.sealed, wish.existing, wish.state) == (True, False, KeyState.CURRENT)
    assert (wish.output.form, wish.output.subject, wish.output.days) == (OutputForm.SELF_SIGNED, "CN=a", 30)


def test_the_hash_is_of_the_content(house: KeyHouse) -> None:
    """Not of how it is laid out: order of keys, comments and quotes change nothing; a value does."""
    data = house.data()
    plan = read_plan_file(house.file(data))
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert (plan.text, plan.sha256) == (canonical, sha256(canonical.encode()).hexdigest())
    turned = house.place / "turned.yaml"
    turned.write_text("# a comment\n" + json.dumps(dict(reversed(data.items()))))
    assert read_plan_file(turned).sha256 == plan.sha256
    data["approvals"] = 3
    assert read_plan_file(house.file(data)).sha256 != plan.sha256


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"ca_bridge_key_plan": 2}, "ca_bridge_key_plan"),
        ({"action": "key_rotation"}, "action"),
        ({"approvals": 0}, "approvals"),
        ({"approvals": "2"}, "approvals"),
        ({"approvals": 4}, "approvers: 3 < approvals: 4"),
        ({"approvers": ["ann", "ann"]}, "approvers"),
        ({"approvers": ["../ann", "ben"]}, "approvers"),
        ({"installation": ""}, "installation"),
        ({"not_before": "soon"}, "not_before: soon"),
        ({"not_after": "2026-01-16T00:00:00"}, "not_after"),
        ({"not_after": "2026-01-14T00:00:00Z"}, "not_after <= not_before"),
        ({"title": {"en": "a"}}, "title"),
        ({"key_id": "receipt-0123456789abcdef"}, "the file"),
    ],
)
def test_refused(house: KeyHouse, changes: dict[str, Any], told: str) -> None:
    assert told in cause(house, house.data(**changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"use": "tls"}, "key.use"),
        ({"kind": "rsa-1024"}, "key.kind"),
        ({"use": "log", "kind": "rsa-2048"}, "key.kind"),
        ({"use": "receipt", "kind": "p-384"}, "key.kind"),
        ({"state": "retired"}, "key.state"),
        ({"uri": ""}, "key.uri"),
        ({"uri": "a" * 3000}, "key.uri"),
        ({"sealed": "yes"}, "key.sealed"),
        ({"use": "bridge_ca", "kind": "rsa-2048", "sealed": True}, "key.kind"),
        ({"output": {"form": "self_signed", "subject": "CN=a"}}, "days"),
        ({"output": {"form": "csr"}}, "subject"),
        ({"output": {"form": "csr", "subject": "CN=a", "days": 1}}, "key.output"),
        ({"output": {"form": "none", "subject": "CN=a"}}, "key.output"),
        ({"output": {"form": "self_signed", "subject": "CN=a", "days": 20_000}}, "days"),
    ],
)
def test_refused_of_the_key(house: KeyHouse, changes: dict[str, Any], told: str) -> None:
    assert told in cause(house, house.data(key=changes))


def test_destruction(house: KeyHouse) -> None:
    plan = read_plan_file(house.file(house.destruction("log-0123456789abcdef")))
    assert (plan.action, plan.key_id, plan.wish) == (KeyAction.DESTRUCTION, "log-0123456789abcdef", None)
    assert "the file" in cause(house, house.data() | {"action": "key_destruction"})
    assert "key_id" in cause(house, house.destruction("log-1"))


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"[]", b"", b"a: &x 1\nb: *x", b"a: 1\na: 2", b"[" * 5000, b"x" * (2 << 20)],
    ids=["not-utf8", "list", "empty", "alias", "twice", "deep", "large"],
)
def test_files_that_hold_no_plan(house: KeyHouse, content: bytes) -> None:
    path = house.place / "plan.yaml"
    path.write_bytes(content)
    with pytest.raises(KeyRefused) as caught:
        read_plan_file(path)
    assert caught.value.refusal.code == "KEY_PLAN_UNUSABLE"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused) as caught:
        read_plan_file(tmp_path / "none.yaml")
    assert "none.yaml:1" in caught.value.params["cause"]
