"""`ca-bridge bridge` from end to end: what it says in each language and as JSON, and how it ends."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca_bridge.interfaces.cli.bridge import bridge_commands
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse

REMEDY = "name an agreement of the release in force, or have one approved first"


def run(house: h.House, *arguments: str) -> Result:
    """Acts of an account are those of olivia, who types her secret, unless ``arguments`` say otherwise."""
    who = () if arguments[0] not in ("issue", "revoke") or "--as" in arguments else ("--as", "olivia")
    return CliRunner().invoke(
        bridge_commands(house.desk),
        (*arguments, *who),
        input=f"{h.SECRET}\n",
        env={"LANG": "C", "LC_ALL": "C"},
    )


def said(house: h.House, *arguments: str) -> Any:
    result = run(house, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def member(tmp_path: Path) -> str:
    file = tmp_path / "gd.pem"
    file.write_bytes(x509.load_der_x509_certificate(h.GD_ROOT).public_bytes(Encoding.PEM))
    return str(file)


def test_the_whole_life(open_house: OpenHouse, member: str, tmp_path: Path) -> None:
    house, out = open_house(), tmp_path / "cross.pem"
    made = said(house, "issue", "--agreement", "bridge-gd", "--member", member, "--out", str(out))[
        "certificate"
    ]
    serial = made["serial_number"]
    assert made == {
        "issuer": "bridge-sm2",
        "serial_number": serial,
        "subject": "CN=广东测试 CA SM2, O=广东测试, C=CN",
        "subject_domain": "gd",
        "agreement": "bridge-gd",
        "release": f"7:{'ab' * 32}",
        "key_sha256": h.key_hash_of(h.GD_ROOT),
        "not_before": "2026-01-15T08:00:00Z",
        "not_after": "2029-01-14T07:59:59Z",
        "created": "2026-01-15T08:00:00Z",
        "status": "good",
        "revocation": None,
        "pem": out.read_text(),
    }
    assert f"{x509.load_pem_x509_certificate(out.read_bytes()).serial_number:040x}" == serial
    assert said(house, "list")["certificates"] == [{k: v for k, v in made.items() if k != "pem"}]

    crls = said(house, "crl")["crls"]
    assert [(crl["number"], crl["base"]) for crl in crls] == [(1, None), (1, 1)]
    event = said(house, "revoke", serial, "--reason", "certificate_hold")["revocation"]
    assert event == {
        "serial_number": serial,
        "reason": "certificate_hold",
        "time": "2026-01-15T08:00:00Z",
        "event": 1,
    }
    assert said(house, "list", "--issuer", "bridge-sm2")["certificates"][0]["status"] == "on_hold"
    assert [crl["number"] for crl in said(house, "crl", "--if-due")["crls"]] == [2]
    assert said(house, "crl", "--if-due") == {"crls": []}
    said(house, "revoke", serial, "--reason", "remove_from_crl")
    assert said(house, "list")["certificates"][0]["status"] == "good"
    said(house, "revoke", serial, "--reason", "superseded")
    assert said(house, "list")["certificates"][0]["status"] == "revoked"
    (delta,) = said(house, "crl", "--delta")["crls"]
    assert (delta["number"], delta["base"]) == (3, 1)
    written = said(house, "publish", str(tmp_path / "pki"))["written"]
    assert written == [
        "bridge-sm2.cer",
        "bridge-sm2-issued-to.p7c",
        "bridge-sm2-issued-by.p7c",
        "bridge-sm2.crl",
        "bridge-sm2-delta.crl",
    ]
    assert said(house, "publish", str(tmp_path / "pki")) == {"written": []}


def test_for_people(open_house: OpenHouse, member: str, tmp_path: Path) -> None:
    house = open_house()
    issued = run(house, "issue", "--agreement", "bridge-gd", "--member", member, "--lang", "zh")
    assert issued.exit_code == 0
    assert "序列号" in issued.stdout
    assert "ca-bridge bridge publish DIR" in issued.stderr
    (row,) = house.store.certificates("bridge-sm2")
    serial = row.reservation.serial
    assert serial in run(house, "list", "--lang", "en").stdout
    assert "good" in run(house, "list", "--lang", "en").stdout
    assert "有效" in run(house, "list", "--lang", "zh").stdout
    revoked = run(house, "revoke", serial, "--reason", "superseded", "--lang", "en")
    assert "superseded" in revoked.stdout
    assert "ca-bridge bridge crl --if-due" in revoked.stderr
    assert "next update" in run(house, "crl", "--lang", "en").stdout
    assert "none is due now" in run(house, "crl", "--if-due", "--lang", "en").stderr
    run(house, "publish", str(tmp_path / "pki"))
    assert "up to date" in run(house, "publish", str(tmp_path / "pki"), "--lang", "en").stderr


def test_refusals(open_house: OpenHouse, member: str) -> None:
    house = open_house()
    asked = ("issue", "--agreement", "none", "--member", member)
    refused = run(house, *asked, "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"] == {
        "code": "AGREEMENT_UNKNOWN",
        "must_act": "operator",
        "params": {"agreement": "none"},
        "message_en": "the policy in force has no agreement none",
        "message_zh": "现行策略中没有协议 none",
        "remedy_en": "name an agreement of the release in force, or have one approved first",
        "remedy_zh": "请指定现行版本中的协议，或先批准该协议",
    }
    people = run(house, *asked, "--lang", "both")
    assert people.exit_code == 1
    assert people.stderr.splitlines()[1:] == [  # after the prompt
        "AGREEMENT_UNKNOWN: 现行策略中没有协议 none / the policy in force has no agreement none",
        f"→ 请指定现行版本中的协议，或先批准该协议 / {REMEDY}",
        "→ 由谁处理 / who must act: 桥接 CA 运营者 / the operator of the bridge CA",
    ]


def test_what_cannot_be_known_now(open_house: OpenHouse, member: str) -> None:
    house = open_house(h.issuer(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3")))
    refused = run(house, "issue", "--agreement", "bridge-gd", "--member", member, "--json")
    assert refused.exit_code == 3
    found = json.loads(refused.stdout)["refused"]
    assert (found["code"], found["params"]) == ("SIGNER_UNAVAILABLE", {"cause": "the token is gone"})
    (row,) = said(house, "list")["certificates"]
    assert row["status"] == "unfinished"

    def no_store() -> Any:
        raise StoreUnavailable("gone")

    gone = CliRunner().invoke(bridge_commands(no_store), ["list", "--json"])
    assert (gone.exit_code, json.loads(gone.stdout)["refused"]["code"]) == (3, "STORE_UNUSABLE")


def test_acts_are_of_an_operator(open_house: OpenHouse, member: str, tmp_path: Path) -> None:
    house = open_house()
    secret, wrong = tmp_path / "secret", tmp_path / "wrong"
    secret.write_text(f"{h.SECRET}\n")
    wrong.write_text("not the secret of anybody here\n")
    issue = ("issue", "--agreement", "bridge-gd", "--member", member)
    revoke = ("revoke", "00" * 20, "--reason", "superseded")
    for act in (issue, revoke):
        for account, file, code in (
            ("olivia", wrong, "AUTHENTICATION_FAILED"),
            ("nobody", secret, "AUTHENTICATION_FAILED"),
            ("oscar", secret, "ACCOUNT_DISABLED"),
            ("anna", secret, "ROLE_MISSING"),
        ):
            refused = run(house, *act, "--as", account, "--secret-file", str(file), "--json")
            assert (refused.exit_code, json.loads(refused.stdout)["refused"]["code"]) == (1, code)
        assert CliRunner().invoke(bridge_commands(house.desk), act).exit_code == 2
    assert house.log.rows == []
    made = said(house, *issue, "--as", "olivia", "--secret-file", str(secret))["certificate"]
    said(house, "revoke", made["serial_number"], "--reason", "superseded")
    told = [
        (row["method"], row["status"], row["account"]) for kind, row in house.log.rows if "account" in row
    ]
    assert told == [
        (method, status, "olivia")
        for method in ("issue_cross_certificate", "revoke_cross_certificate")
        for status in ("intended", "done")
    ]
    assert all("account" in row for kind, row in house.log.rows if kind == "administration")


def test_usage(open_house: OpenHouse, member: str, tmp_path: Path) -> None:
    house = open_house()
    for arguments in (
        ("issue", "--member", member),
        ("issue", "--agreement", "bridge-gd", "--member", str(tmp_path / "missing.pem")),
        ("issue", "--agreement", "bridge-gd", "--member", member, "--out", member),
        ("issue", "--agreement", "bridge-gd", "--member", str(tmp_path)),
        ("issue", "--agreement", "bridge-gd", "--member", "/dev/zero"),
        ("revoke", "00", "--reason", "because"),
        ("crl", "--delta", "--if-due"),
        ("publish", member),
    ):
        assert run(house, *arguments).exit_code == 2, arguments

    def unconfigured() -> Any:
        raise ConfigurationError("no bridge CA is configured / 未配置桥接 CA")

    assert CliRunner().invoke(bridge_commands(unconfigured), ["list"]).exit_code == 2


def test_timers_see_to_every_issuer(open_house: OpenHouse) -> None:
    house = open_house(h.issuer("sm2"), h.issuer("ecdsa"))
    assert [crl["issuer"] for crl in said(house, "crl", "--if-due")["crls"]] == ["bridge-sm2"] * 2 + [
        "bridge-ecdsa"
    ] * 2
    house.time += timedelta(hours=20)
    made = said(house, "crl", "--if-due", "--issuer", "bridge-ecdsa")["crls"]
    assert [(crl["issuer"], crl["number"]) for crl in made] == [("bridge-ecdsa", 2)]
    assert run(house, "crl").exit_code == 1  # which one?


def test_an_issuer_that_cannot_sign_keeps_no_other_from_it(open_house: OpenHouse) -> None:
    gone = h.issuer(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3"))
    house = open_house(gone, h.issuer("ecdsa"))
    refused = run(house, "crl", "--if-due", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["refused"]["code"]) == (3, "SIGNER_UNAVAILABLE")
    assert house.store.newest_crl("bridge-ecdsa", delta=False) is not None
