"""`ca-bridge inspect`, `explain`, `doctor`, and what the program says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ca_bridge import wiring
from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.interfaces.cli.app import command_line, run
from ca_bridge.interfaces.cli.language import Speech, speech_of
from tests.shared_data import shared_data

DEMO = Path(__file__).resolve().parents[2] / "certs-test" / "demo"
APP = command_line(wiring.composition())


def invoke(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(APP, [str(a) for a in arguments], env={"LANG": "C.UTF-8"} | (env or {}))


def test_inspect_names_and_decodes_every_extension() -> None:
    result = invoke("inspect", DEMO / "accepted.pem")
    assert result.exit_code == 0
    for said in ("subject: CN=测试企业一有限公司", "key: SM2", "keyUsage", "digital_signature", "critical"):
        assert said in result.output


def test_inspect_json_of_a_bundle() -> None:
    items = json.loads(invoke("inspect", DEMO / "chain.p7b", "--json").output)
    assert {i["kind"] for i in items} == {"certificate"}
    assert all(e["name"] or e["values"] for i in items for e in i["extensions"])
    crls = json.loads(invoke("inspect", DEMO / "crls.pem", "--json").output)
    assert {i["kind"] for i in crls} == {"crl"}
    assert all("revoked_count" in i and i["next_update"] for i in crls)


def test_inspect_every_real_certificate() -> None:
    for path in sorted(shared_data("real").glob("*/*.pem")):
        result = invoke("inspect", path, "--lang", "both")
        assert result.exit_code == 0, (path, result.output)
        assert "证书 / certificate" in result.output


def test_inspect_tells_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"hello")
    result = invoke("inspect", path)
    assert result.exit_code == 2
    assert "INPUT_UNRECOGNIZED" in result.output
    path.write_bytes(b"\x30\x06\x30\x00\x30\x00\x03\x00")
    result = invoke("inspect", path, "--lang", "both")
    assert result.exit_code == 1
    assert "✘" in result.output
    assert "→" in result.output


@pytest.mark.parametrize("code", ["TARGET_REVOKED", "target-revoked", " target_revoked "])
def test_explain_one(code: str) -> None:
    result = invoke("explain", code)
    assert result.exit_code == 0
    row = CATALOGUE["TARGET_REVOKED"]
    for said in (row.clause, row.message_zh, row.message_en, row.remedy_zh, row.remedy_en):
        assert said[:30] in result.output
    assert json.loads(invoke("explain", code, "--json").output)["code"] == "TARGET_REVOKED"


def test_explain_all_and_none() -> None:
    listed = invoke("explain")
    assert all(code in listed.output for code in CATALOGUE)
    assert len(json.loads(invoke("explain", "--json").output)) == len(CATALOGUE)
    unknown = invoke("explain", "TARGET_REVOKE")
    assert unknown.exit_code == 2
    assert "TARGET_REVOKED" in unknown.output


def test_doctor() -> None:
    result = invoke("doctor", "--json")
    report = json.loads(result.output)
    assert report["healthy"] is (result.exit_code == 0)
    assert {"runtime", "cryptography", "sm2", "algorithms", "clock"} <= {c["name"] for c in report["checks"]}
    assert "✔ sm2" in invoke("doctor", "--lang", "both").output


def test_doctor_names_a_broken_configuration(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        command_line(wiring.composition()), ["doctor"], env={"CA_BRIDGE_POLICIES": str(tmp_path)}
    )
    assert result.exit_code == 1
    assert "✘ configuration" in result.output


@pytest.mark.parametrize(
    ("environment", "speech"),
    [
        ({}, Speech.EN),
        ({"LANG": "zh_CN.UTF-8"}, Speech.ZH),
        ({"LANG": "zh_HK.UTF-8", "LC_ALL": "en_US.UTF-8"}, Speech.EN),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW"}, Speech.ZH),
    ],
)
def test_the_locale_decides_the_language(environment: dict[str, str], speech: Speech) -> None:
    assert speech_of(environment) is speech


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["explain", "NOPE"], 2),
        (["nonsense"], 2),
        (["validate", "/nowhere"], 2),
        (["validate", str(DEMO / "accepted.pem")], 3),
    ],
)
def test_exit_codes_of_the_program(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ca-bridge", *arguments])
    with pytest.raises(SystemExit) as caught:
        run(wiring.composition())
    assert (caught.value.code or 0) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_setting_that_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CA_BRIDGE_NONSENSE", "1")
    monkeypatch.setattr("sys.argv", ["ca-bridge", "validate", str(DEMO / "accepted.pem")])
    with pytest.raises(SystemExit) as caught:
        run(wiring.composition())
    assert caught.value.code == 2
    assert "CA_BRIDGE_NONSENSE" in capsys.readouterr().err
