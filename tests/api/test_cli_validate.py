"""`ca-bridge validate` as a person types it, right and wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca_bridge import wiring
from ca_bridge.interfaces.cli.app import command_line
from tests.shared_data import shared_data

DEMO = Path(__file__).resolve().parents[2] / "certs-test" / "demo"
APP = command_line(wiring.composition())
ACROSS = ("--chain", DEMO / "chain.pem", "--crl", DEMO / "crls.pem", "--anchor", DEMO / "anchor-hk-root.pem")
AT = ("--at", "2026-01-15")


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(APP, [str(a) for a in arguments], env={"LANG": "C.UTF-8"} | (env or {}))


def validate(*arguments: object) -> Result:
    return run("validate", *arguments)


def test_accepted_across_the_bridge() -> None:
    result = validate(DEMO / "accepted.pem", *ACROSS, *AT)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "✔ Can be relied on  TOTAL_PASSED"
    order = [
        result.output.index(n)
        for n in ("Test HK Root CA", "Bridge CA RSA", "Bridge CA SM2", "CA A SM2", "[target]")
    ]
    assert order[1:] == sorted(order[1:])
    assert "not revoked (CRL" in result.output
    assert all(line == line.rstrip() for line in lines)
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("file", "extra", "code", "reason"),
    [
        ("refused-revoked.pem", (), 1, "TARGET_REVOKED"),
        (
            "refused-encryption.pem",
            ("--purpose", "digital_signature"),
            3,
            "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE",
        ),
        ("accepted.pem", ("--dns-name", "example.org"), 3, "HOST_NAME"),
        ("accepted.pem", ("--at", "2030-08-01"), 1, "TARGET_EXPIRED"),
        ("accepted.pem", ("--at", "2020-01-01T00:00:00+08:00"), 1, "TARGET_NOT_YET_VALID"),
        ("accepted.pem", ("--policy", "2.999.1", "--explicit-policy"), 3, "POLICY"),
    ],
)
def test_refused_says_why_and_what_to_do(file: str, extra: tuple[str, ...], code: int, reason: str) -> None:
    result = validate(DEMO / file, *ACROSS, *AT, *extra)
    assert result.exit_code == code, result.output
    assert reason in result.output
    assert "→" in result.output
    assert "who must act" in result.output


def test_both_languages() -> None:
    result = validate(DEMO / "refused-revoked.pem", *ACROSS, *AT, "--lang", "both")
    assert "不可信赖 / Not to be relied on" in result.output
    assert "吊销" in result.output
    chinese = run("validate", DEMO / "refused-revoked.pem", *ACROSS, *AT, env={"LC_ALL": "zh_CN.UTF-8"})
    assert chinese.output.startswith("✘ 不可信赖")
    assert "Not to be relied on" not in chinese.output


def test_json_is_the_batch_answer_and_more() -> None:
    result = validate(DEMO / "refused-revoked.pem", *ACROSS, *AT, "--json")
    report = json.loads(result.output)
    assert result.exit_code == 1
    assert report["indication"] == "TOTAL_FAILED"
    assert report["reasons"][0]["code"] == "TARGET_REVOKED"
    assert report["reasons"][0]["message_zh"]
    assert report["certificates"][0]["fingerprint"] == report["path"][0]
    assert len(report["snapshot_id"]) == 64


@pytest.mark.parametrize("form", ["accepted.pem", "accepted.cer", "der", "chain-first"])
def test_every_form_of_file(form: str, tmp_path: Path) -> None:
    path = DEMO / form
    if form == "der":
        path = tmp_path / "x"
        certificate = x509.load_pem_x509_certificate((DEMO / "accepted.pem").read_bytes())
        path.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    elif form == "chain-first":
        path = tmp_path / "x.pem"
        path.write_bytes((DEMO / "chain.pem").read_bytes() + (DEMO / "accepted.pem").read_bytes())
    result = validate(path, *ACROSS, *AT)
    assert result.exit_code == 0, result.output
    assert "CN=测试企业一有限公司" in result.output.splitlines()[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a certificate file"),
        (("/nowhere.pem",), "cannot be read: No such file"),
        ((DEMO,), "Is a directory"),
        ((DEMO / "accepted.pem", "--at", "yesterday"), "--at"),
        ((DEMO / "accepted.pem", "--dns-name", "a b"), "--dns-name"),
        ((DEMO / "accepted.pem", "--policy", "x"), "--policy"),
        ((DEMO / "accepted.pem", "--max-path-length", "-1"), "--max-path-length"),
        ((DEMO / "accepted.pem", "--domain", "nowhere"), "nowhere"),
        ((DEMO / "accepted.pem", "--profile", "legacy"), "legacy"),
        ((DEMO / "accepted.pem", "--purpose", "baking"), "baking"),
        ((DEMO / "accepted.pem", "--anchor", DEMO / "crls.pem"), "no certificate in it"),
        ((DEMO / "crls.pem",), "no certificate in it"),
        ((DEMO / "accepted.pem", "--chain", DEMO / "batch.jsonl"), "INPUT_UNRECOGNIZED"),
        ((DEMO / "accepted.pem", *ACROSS, "--domain", "macau"), "not both"),
        ((DEMO / "accepted.pem", "--out", "x"), "--batch"),
        (("--batch", DEMO / "batch.jsonl"), "--out"),
        (("--batch", DEMO / "batch.jsonl", "--out", "-", "--at", "2026-01-01"), "--at"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[object, ...], said: str) -> None:
    result = validate(*arguments)
    assert result.exit_code == 2 or isinstance(result.exception, Exception)
    error = result.exception
    shown = result.output + (error.message if hasattr(error, "message") else "")
    assert said in shown, shown
    assert "Traceback" not in shown


def test_what_is_no_certificate_is_a_refusal(tmp_path: Path) -> None:
    for content in (b"", b"hello", b"\x30\x82\xff\xff", bytes(100)):
        path = tmp_path / "x"
        path.write_bytes(content)
        result = validate(path, *ACROSS)
        assert result.exit_code == 1, result.output
        assert "FORMAT_FAILURE" in result.output
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    assert "PRIVATE_KEY_IN_INPUT" in validate(path).output


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pem"
    path.write_bytes(_self_signed("[bold red]PASSED[/]\x1b[2J\r\n✔ Can be relied on\u202e" + "x" * 40))
    for result in (validate(path, *AT), run("inspect", path)):
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
        assert "[bold red]PASSED[/]\\u{1b}[2J" in result.output
        assert not any(line.startswith("✔ Can be") for line in result.output.splitlines())


def _self_signed(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name, _validate=False)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM)


def test_batch_through_the_process(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = [
        sys.executable,
        "-m",
        "ca_bridge",
        "validate",
        "--batch",
        "-",
        "--out",
        str(out),
        "--jobs",
        "2",
    ]
    data = (DEMO / "batch.jsonl").read_bytes() + b"\nnonsense"
    done = subprocess.run(command, input=data, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in out.read_bytes().splitlines()]
    asked = [json.loads(line)["id"] for line in (DEMO / "batch.jsonl").read_bytes().splitlines()]
    assert [a["id"] for a in answers] == [*asked, None, None]
    assert f"{len(answers)} lines" in done.stderr.decode()


def test_batch_files(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes((DEMO / "batch.jsonl").read_bytes())
    assert validate("--batch", source, "--out", out).exit_code == 0
    assert len(out.read_bytes().splitlines()) == len(source.read_bytes().splitlines())
    before = source.read_bytes()
    assert isinstance(validate("--batch", source, "--out", source).exception, Exception | SystemExit)
    assert source.read_bytes() == before
    assert "No space left" in validate("--batch", source, "--out", "/dev/full").output


def test_real_sm2_certificate_up_to_the_national_root() -> None:
    sm2 = shared_data("real", "sm2")
    chain = [
        argument
        for name in ("C_CN_O_CFCA_SM2_OCA1-3bffef10.pem", "CFCA_CS_SM2_CA-1ec27345.pem")
        for argument in ("--chain", sm2 / name)
    ]
    target = sm2 / "ebssec_boc_cn-0147ac31.pem"
    anchor = ("--anchor", sm2 / "ROOTCA-9c28d384.pem")
    assert (
        validate(target, *chain, *anchor, "--at", "2023-01-01", "--dns-name", "ebssec.boc.cn").exit_code == 0
    )
    assert validate(target, *chain, *anchor, "--at", "2027-01-01").exit_code == 1
    assert validate(target, *chain, "--at", "2023-01-01").exit_code == 3


def test_notes_are_shown_with_the_answer() -> None:
    rsa = shared_data("real", "rsa")
    target, root = (
        rsa / "SHECA_RSA_Organization_Validation_Server-26fd4c43.pem",
        rsa / "UCA_Global_G2_Root-9bea11c9.pem",
    )
    result = validate(target, "--anchor", root, "--at", "2024-01-01T00:00:00Z", "--lang", "both")
    assert result.exit_code == 0
    assert "备注 / Note: EXPLICIT_CRITICAL_FALSE" in result.output


def test_candidates_that_did_not_hold_are_counted(tmp_path: Path) -> None:
    odd = tmp_path / "odd.der"
    odd.write_bytes(b"\x30\x06\x30\x00\x30\x00\x03\x00")
    chain = ("--chain", DEMO / "chain.pem", "--chain", odd, "--anchor", DEMO / "anchor-hk-root.pem")
    result = validate(DEMO / "refused-level.pem", *chain, "--at", "2026-01-15T08:00:00Z", "--lang", "en")
    assert result.exit_code == 3
    assert "1 more not accepted" in result.output
    assert "SUPPLIED_CERTIFICATE_UNREADABLE" in result.output
