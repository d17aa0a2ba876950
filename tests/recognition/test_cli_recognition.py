"""What people see of recognition at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ca_bridge import wiring
from ca_bridge.interfaces.cli.app import command_line
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    list_document,
    write_folder,
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CA_BRIDGE_POLICIES", str(tmp_path / "policies"))
    monkeypatch.setenv("CA_BRIDGE_DEFAULT_DOMAIN", "gd")

    def ask(docs: dict | None, *words: str) -> Result:
        write_folder(tmp_path / "policies", docs or documents())
        return CliRunner().invoke(command_line(wiring.composition()), list(words))

    return ask


def _file(folder: Path, name: str, *ders: bytes) -> str:
    from base64 import encodebytes

    path = folder / name
    path.write_text(
        "".join(
            f"-----BEGIN CERTIFICATE-----\n{encodebytes(der).decode()}-----END CERTIFICATE-----\n"
            for der in ders
        )
    )
    return str(path)


def test_a_recognised_certificate_says_by_what_and_at_which_level(run, tmp_path: Path) -> None:
    target = _file(tmp_path, "target.pem", LEAVES["hk-person-sign"])
    words = (
        "validate",
        target,
        "--at",
        "2026-01-15",
        "--revocation",
        "none",
        "--purpose",
        "contract_signing",
    )
    result = run(None, *words, "--level", "medium", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "recognised by trust list · level medium (gba) · hong-kong/e-cert-personal" in result.output
    assert "✔ recognition: agreements, trust lists, blocks, licences" in result.output
    result = run(None, *words, "--level", "high", "--lang", "zh")
    assert result.exit_code == 3
    assert "证书被认可的保证级别为 medium，低于所要求的 high。" in result.output
    assert "✘ 跨域互认" in result.output


def test_an_expired_certificate_never_reached_recognition(run, tmp_path: Path) -> None:
    target = _file(tmp_path, "target.pem", LEAVES["hk-person-sign"])
    words = ("validate", target, "--at", "2040-01-15", "--revocation", "none", "--lang", "en")
    result = run(None, *words)
    assert result.exit_code != 0
    assert "· recognition: agreements" in result.output


def test_models_that_disagree_are_told_of(run, tmp_path: Path) -> None:
    from tests.recognition.scheme import fingerprint, pki

    pair = {
        "issuer_domain_policy": pki.GD_MEDIUM,
        "subject_domain_policy": pki.HK_MUTUAL_RECOGNITION,
        "level": "medium",
    }
    docs = documents(
        domains__gd=domain_document(
            "gd", trust_lists=["hong-kong"], anchors=[{"sha256": fingerprint(C["hk-root"]), "name": "x"}]
        ),
        trust_lists__hong_kong=list_document(entry_document(type_name="Other")),
        agreements__gd_hk={
            **agreement_document("hk-bridge", issuer_domain="gd", subject_domain="hk", mappings=[pair]),
            "agreement": "gd-hk",
        },
    )
    target = _file(tmp_path, "target.pem", LEAVES["hk-person-sign"])
    words = ("validate", target, "--chain", _file(tmp_path, "ca.pem", C["hk-ca"]), "--at", "2026-01-15")
    result = run(docs, *words, "--revocation", "none", "--lang", "both")
    assert result.exit_code == 0, result.output
    assert "the two trust models disagree: tell the operator" in result.output
    assert "medium (gba) · gd-hk" in result.output


def test_across_the_bridge_as_json(run, tmp_path: Path) -> None:
    target = _file(tmp_path, "target.pem", LEAVES["gd-a-sm2-company-sign"])
    chain = _file(tmp_path, "chain.pem", *HK_TO_GD_A)
    words = (
        "validate",
        target,
        "--chain",
        chain,
        "--domain",
        "hk",
        "--at",
        "2026-01-15",
        "--revocation",
        "none",
    )
    result = run(None, *words, "--identity", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["recognition"]["references"] == ["hk-bridge", "bridge-gd"]
    assert report["identity"]["keys"][0]["key"].startswith("org:TE5T0001")
    assert report["release"].startswith("0:")


def test_lint_names_file_and_line(run) -> None:
    assert run(None, "policy", "lint").exit_code == 0
    result = run(
        documents(agreements__hk_bridge=agreement_document("hk-bridge", surprise=1)), "policy", "lint"
    )
    assert result.exit_code == 1
    assert "agreements/hk-bridge.yaml:" in result.output
    assert "unknown key 'surprise' / 未知的键 'surprise'" in result.output


def test_the_matrix_and_the_conflicts_of_the_folder(run) -> None:
    result = run(None, "matrix", "--at", "2026-01-15", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)
    result = run(None, "conflicts", "--at", "2026-01-15", "--json")
    assert result.exit_code in {0, 1}
    assert "TRANSITIVE_TRUST" not in result.output
