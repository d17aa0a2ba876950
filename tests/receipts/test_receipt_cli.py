"""`ca-bridge receipt verify`: what it shows, and its exit codes."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.interfaces.cli.receipt import receipt_commands
from ca_bridge.services.decision_log.statement import request_sha256
from ca_bridge.services.receipts.making import receipt_bytes
from tests.pki_writers import small
from tests.receipts.house import House, changed, house, soft_key, statement

REQUEST = {"id": "7", "certificate": "MII", "purpose": "any", "receipt": True}


class Desk:
    """A folder with a receipt and its keys, and the command over it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.house = folder, house("all")
        self.write("keys.json", self.house.key_file)
        self.write("receipt.json", self.receipt())
        self.write("request.json", json.dumps(REQUEST).encode())
        self.write("certificate.der", small.leaf())

    def receipt(self, **members: object) -> bytes:
        said = statement(
            certificate_sha256=sha256(small.leaf()).hexdigest(), request_sha256=request_sha256(REQUEST)
        )
        (one,) = self.house.included((canonical_bytes(said | members),))
        return receipt_bytes(one, self.house.origin)

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def verify(self, *more: str, key: str = "keys.json", file: str = "receipt.json") -> Result:
        paths = [str(self.folder / one) if "." in one else one for one in more]
        group: click.Group = receipt_commands(verify_statement)
        arguments = ["verify", str(self.folder / file), "--key", str(self.folder / key), *paths]
        return CliRunner().invoke(group, arguments, env={"LANG": "C.UTF-8"})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_it_holds_and_is_of_what_was_given(desk: Desk) -> None:
    result = desk.verify("--certificate", "certificate.der", "--request", "request.json", "--lang", "both")
    assert result.exit_code == 0, result.output
    for said in (
        "✔ 回执成立 / The receipt holds",
        "TOTAL_PASSED: 可以信赖 / Can be relied on",
        "decided at: 2026-11-25T08:00:00Z",
        "应用 / application: 财政厅 site",
        f"release: 3:{'34' * 32}",
        "gateway.example/log [0] / 1",
        "signed at: 2026-11-25T08:00:00Z",
        "kept: process",
        "✔ 所述证书即此证书 / It is about this certificate",
        "✔ 所答请求即此请求 / It answers this request",
    ):
        assert said in result.output


def test_identity_and_receipt_are_no_part_of_a_request(desk: Desk) -> None:
    desk.write("request.json", json.dumps(REQUEST | {"id": 8, "receipt": False}).encode())
    assert desk.verify("--request", "request.json").exit_code == 0
    desk.write("request.json", json.dumps(REQUEST | {"purpose": "tls_server"}).encode())
    result = desk.verify("--request", "request.json", "--lang", "zh")
    assert result.exit_code == 1
    assert "✔ 回执成立" in result.output
    assert "✘ 所答请求不是此请求" in result.output


def test_another_certificate(desk: Desk) -> None:
    desk.write("certificate.der", small.root())
    result = desk.verify("--certificate", "certificate.der", "--json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert (said["outcome"], said["matches"]) == ("holds", {"certificate": False})


def test_json_of_one_that_holds(desk: Desk) -> None:
    said = json.loads(desk.verify("--json").output)
    assert said["outcome"] == "holds"
    assert said["findings"] == []
    assert said["statement"]["indication"] == "TOTAL_PASSED"
    assert said["log"]["node"] == "n1"
    keys = [desk.house.log_key, *desk.house.receipt_keys]
    assert said["log"]["keys"] == [{"key_id": key.key_id, "custody": "process"} for key in keys]


def test_nothing_is_shown_of_one_that_does_not_hold(desk: Desk) -> None:
    raw = changed(desk.receipt(), lambda data: data["statement"].update(indication="TOTAL_FAILED"))
    desk.write("receipt.json", raw)
    result = desk.verify("--certificate", "certificate.der", "--lang", "en")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "✘ The receipt does not hold: believe nothing of it",
        "  ✘ The proof does not show the statement in the log that the checkpoint is of.",
    ]
    said = json.loads(desk.verify("--json").output)
    assert (said["outcome"], said["statement"], said["log"]) == ("does_not_hold", None, None)
    assert [finding["code"] for finding in said["findings"]] == ["NOT_INCLUDED"]
    assert "证明不能表明" in said["findings"][0]["message_zh"]


def test_unknown_keys_leave_it_undecided(desk: Desk) -> None:
    one = desk.house
    alone = House(log_key=one.log_key, receipt_keys=one.receipt_keys[:1])
    desk.write("keys.json", alone.key_file)
    result = desk.verify("--lang", "zh")
    assert result.exit_code == 3
    assert f"✘ 未知密钥 {one.receipt_keys[1].key_id}" in result.output
    assert "TOTAL_PASSED" not in result.output
    assert json.loads(desk.verify("--json").output)["outcome"] == "undecided"
    desk.write("more.json", House(log_key=one.log_key, receipt_keys=one.receipt_keys[1:]).key_file)
    assert desk.verify("--key", "more.json").exit_code == 0


def test_pem_keys(desk: Desk) -> None:
    keys = (desk.house.log_key, *desk.house.receipt_keys)
    desk.write("keys.pem", "".join(key.pem for key in keys).encode())
    assert desk.verify(key="keys.pem").exit_code == 0
    desk.write("keys.pem", desk.house.log_key.pem.encode())
    assert desk.verify(key="keys.pem").exit_code == 3


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("keys.json", b"{}", "no object with keys and origin"),
        ("keys.json", b"\xff", "neither PEM nor JSON"),
        ("certificate.der", b"hello", "INPUT_UNRECOGNIZED"),
        ("certificate.der", small.CA.crl(), "文件中没有证书"),
        ("request.json", b"[]", "object"),
        ("request.json", b'{"a":1,"a":2}', "a"),
    ],
)
def test_files_that_cannot_be_used(desk: Desk, name: str, data: bytes, said: str) -> None:
    desk.write(name, data)
    result = desk.verify("--certificate", "certificate.der", "--request", "request.json")
    assert result.exit_code == 2
    assert said in result.output


def test_keys_of_two_logs(desk: Desk) -> None:
    other = House(log_key=soft_key("log", "sm2"), receipt_keys=(soft_key("receipt", "sm2"),), origin="b")
    desk.write("other.json", other.key_file)
    result = desk.verify("--key", "other.json")
    assert result.exit_code == 2
    assert "keys of two logs" in result.output


def test_no_file(desk: Desk) -> None:
    assert desk.verify(file="none.json").exit_code == 2


def test_hostile_text_is_escaped(desk: Desk) -> None:
    desk.write(
        "receipt.json",
        desk.receipt(
            application="\x1b[2J\u202e", indication="MAYBE", reasons=[{"code": "NO_SUCH", "position": 0}, 7]
        ),
    )
    result = desk.verify("--lang", "en")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "verdict: MAYBE" in result.output
    assert "    NO_SUCH" in result.output
    assert "    7" in result.output


def test_reasons_are_said_in_words(desk: Desk) -> None:
    """With what they mean where that needs no particulars, which a receipt does not have."""
    reasons = [{"code": "KEY_USAGE_NO_BIT", "position": 0}, {"code": "TARGET_REVOKED", "position": 0}]
    desk.write("receipt.json", desk.receipt(reasons=reasons, release=None, indication=["x"]))
    output = desk.verify("--lang", "en").output
    assert f"    KEY_USAGE_NO_BIT: {CATALOGUE['KEY_USAGE_NO_BIT'].message_en}\n" in output
    assert "    TARGET_REVOKED\n" in output
    assert "release" not in output
    desk.write("receipt.json", desk.receipt(reasons="none"))
    assert desk.verify("--lang", "en").exit_code == 0
