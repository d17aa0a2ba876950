"""`ca-bridge what-if` as a person and as a program read it."""

from __future__ import annotations

import json
from base64 import encodebytes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ca_bridge import wiring
from ca_bridge.interfaces.cli.what_if import what_if_command
from ca_bridge.services.minimal_fix import FindMinimalFix
from tests.recognition.refusals import finder
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint, pki
from tests.recognition.scheme_documents import documents, entry_document, list_document, write_folder
from tests.recognition.test_minimal_fix import PAIRS, hk_bridge

import status  # isort: skip

AT = "2026-01-15T08:00:00Z"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = wiring.gateway(write_folder(tmp_path / "policies", documents()))

    def ask(docs: dict[str, Any] | None, *words: str, **fields: Any) -> Result:
        composition = replace(wiring.composition(), gateway=lambda: made)

        def factory() -> FindMinimalFix:
            return finder(docs, **fields)

        return CliRunner().invoke(what_if_command(factory), list(words), obj=composition)

    return ask


def pem(folder: Path, name: str, *ders: bytes, label: str = "CERTIFICATE") -> str:
    path = folder / name
    path.write_text(
        "".join(
            f"-----BEGIN {label}-----\n{encodebytes(der).decode()}-----END {label}-----\n" for der in ders
        )
    )
    return str(path)


@pytest.fixture
def company(tmp_path: Path) -> tuple[str, ...]:
    """The words that ask Hong Kong about a company's certificate of Guangdong."""
    target = pem(tmp_path, "company.pem", LEAVES["gd-a-sm2-company-sign"])
    chain = pem(tmp_path, "chain.pem", *HK_TO_GD_A)
    return (target, "--chain", chain, "--domain", "hk", "--at", AT, "--revocation", "none")


def test_a_fix_for_a_person(run: Run, company: tuple[str, ...]) -> None:
    result = run(hk_bridge(mappings=PAIRS[1:]), *company, "--lang", "en")
    assert result.exit_code == 0
    pair = (pki.HK_HIGH, pki.BRIDGE_HIGH)
    row = '{{"issuer_domain_policy":"{}","level":"basic","subject_domain_policy":"{}"}}'.format(*pair)
    assert (
        result.output
        == f"""\
? Could not be confirmed: do not rely on it
  trust hk · judged at {AT} · purpose any
  POLICY_MAPPING_NOT_AGREED
    No mapping approved by hk-bridge, bridge-gd leads from hk to the policies {pki.GD_HIGH}.

Smallest fix: 1 change(s), 1 way(s)

Way 1
  1. [policy] Approve a mapping in the agreement hk-bridge: policy {pki.HK_HIGH} of hk <- policy \
{pki.BRIDGE_HIGH} of bridge, at the level basic.
     agreements/hk-bridge.yaml mappings[+]: - → {row}
     who: the operator of this gateway → the authority of the other domain → an author of the release \
→ an approver, another person
     ! This widens trust: other certificates under the same terms will be accepted too.
  → Result: it passes (basic · hk-bridge · bridge-gd)
  by a release, drafted and approved (agreements)
"""
    )


def test_a_fix_in_both_languages(run: Run, company: tuple[str, ...]) -> None:
    result = run(hk_bridge(effective_until="2026-01-01T00:00:00Z"), *company, "--lang", "both")
    assert result.exit_code == 0
    for words in (
        "最小修复：1 项变更，2 种方案 / Smallest fix: 1 change(s), 2 way(s)",
        "方案 2 / Way 2",
        "validation_time: 2026-01-15T08:00:00Z → 2025-12-31T23:59:59Z",
        'effective_until: "2026-01-01T00:00:00Z" → "2026-01-16T00:00:00Z"',
        "仅当时间戳等可靠证据证明行为发生在该时间或之前。",
        "Only where a time-stamp or proof as good shows that the act was done by then.",
        "由谁: 提交方（依赖方站点）",
    ):
        assert words in result.output


def test_a_fix_for_a_program(run: Run, company: tuple[str, ...]) -> None:
    result = run(hk_bridge(status="suspended"), *company, "--json")
    data = json.loads(result.output)
    assert (result.exit_code, data["outcome"], data["complete"]) == (0, "fixable", True)
    assert data["release"].startswith("0:")
    assert [reason["code"] for reason in data["reasons"]] == ["AGREEMENT_SUSPENDED"]
    (fix,) = data["fixes"]
    assert (fix["assumed"], fix["widens_trust"], fix["release_kinds"]) == (False, True, ["agreements"])
    assert fix["recognition"]["references"] == ["hk-bridge", "bridge-gd"]
    (change,) = fix["changes"]
    assert change["edits"] == [
        {
            "document": "agreements/hk-bridge.yaml",
            "place": "status",
            "operation": "set",
            "before": '"suspended"',
            "after": '"active"',
        }
    ]
    assert [party["code"] for party in change["parties"]] == [
        "operator",
        "other_domain",
        "author",
        "approver",
    ]
    assert (change["code"], change["kind"], change["answers"]) == (
        "AGREEMENT_RESUMED",
        "policy",
        "AGREEMENT_SUSPENDED",
    )
    assert set(change["what"]) == set(change["cautions"][0]["text"]) == {"zh", "en"}


def test_an_assumed_status_says_so(run: Run, company: tuple[str, ...]) -> None:
    result = run(None, *company[:-1], "require_target", "--lang", "en")
    assert result.exit_code == 0
    assert "http://crl.test-pki.example/gd-a-sm2.crl" in result.output
    assert "Assumes that the current CRL or OCSP response says good" in result.output
    data = json.loads(run(None, *company[:-1], "require_target", "--json").output)
    assert data["fixes"][0]["assumed"] is True
    assert data["fixes"][0]["changes"][0]["edits"] == []


def test_nothing_to_change(run: Run, company: tuple[str, ...]) -> None:
    result = run(None, *company, "--lang", "both")
    assert result.exit_code == 0
    assert "无须变更：已可信赖 / Nothing to change: it passes" in result.output


def test_beyond_repair(run: Run, tmp_path: Path, company: tuple[str, ...]) -> None:
    target = pem(tmp_path, "revoked.pem", status.REVOKED_COMPANY.certificate)
    crl = pem(tmp_path, "a.crl", status.CRLS["gd-a-sm2"], label="X509 CRL")
    words = (target, *company[1:-1], "if_available", "--crl", crl)
    result = run(hk_bridge(status="suspended"), *words, "--lang", "en")
    assert result.exit_code == 1
    assert "There is no change to propose that would let it pass" in result.output
    assert "Revoked: no change may let it pass; the CA must issue a new certificate." in result.output
    data = json.loads(run(hk_bridge(status="suspended"), *words, "--json").output)
    assert data["barred"][0]["why"]["code"] == "revoked"
    assert data["barred"][0]["reason"]["code"] == "TARGET_REVOKED"


def test_an_issuer_nobody_knows(run: Run, tmp_path: Path) -> None:
    target = pem(tmp_path, "mo.pem", LEAVES["mo-person-sign"])
    result = run(None, target, "--at", AT[:10], "--lang", "en")
    assert result.exit_code == 3
    assert "Undecided" in result.output
    assert (
        "First get the certificate of the issuer: CN=Test Macau CA, O=Test Macau Sign, C=MO ("
        in result.output
    )


def test_a_search_cut_short(run: Run, company: tuple[str, ...]) -> None:
    result = run(hk_bridge(status="suspended"), *company, "--lang", "en", max_judgements=2)
    assert result.exit_code == 3
    assert "The search stopped after 2 judgements: there may be other ways" in result.output


def test_many_ways_are_cut_for_a_person(run: Run, tmp_path: Path) -> None:
    """Six types of entries, each of which could be given the certificate's policy."""
    entries = [entry_document(entry=f"e-{n}", policy_arcs=[f"2.999.{n}"]) for n in range(6)]
    docs = documents(trust_lists__hong_kong=list_document(*entries))
    target = pem(tmp_path, "person.pem", LEAVES["hk-person-sign"])
    words = (target, "--at", AT, "--revocation", "none", "--purpose", "contract_signing")
    output = run(docs, *words, "--lang", "en").output
    assert "1 change(s), 6 way(s)" in output
    assert "Way 5" in output
    assert "Way 6" not in output
    assert "… +1 (--json)" in output


def test_certificates_to_send_along(run: Run, tmp_path: Path) -> None:
    target = pem(tmp_path, "company.pem", LEAVES["gd-a-sm2-company-sign"])
    result = run(None, target, "--at", AT, "--revocation", "none", "--json")
    (change,) = json.loads(result.output)["fixes"][0]["changes"]
    assert result.exit_code == 0
    assert f"SHA-256 {fingerprint(C['gd-a-sm2'])}" in change["what"]["zh"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--at", "yesterday"), "--at"),
        (("--domain", "nowhere"), "no trust domain named nowhere"),
        (("--level", "not a level"), "assurance_level"),
        (("--purpose", "fun"), "--purpose"),
    ],
)
def test_words_that_cannot_be_used(
    run: Run, company: tuple[str, ...], words: tuple[str, ...], told: str
) -> None:
    result = run(None, company[0], *words)
    assert result.exit_code == 2
    assert told in result.output


def test_files_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no certificate")
    assert run(None, str(tmp_path / "text")).exit_code == 2
    assert run(None, str(tmp_path / "absent")).exit_code == 2
    crl = pem(tmp_path, "a.crl", status.CRLS["gd-a-sm2"], label="X509 CRL")
    result = run(None, crl)
    assert (result.exit_code, "no certificate in it" in result.output) == (2, True)


def test_every_option_is_asked(run: Run, company: tuple[str, ...]) -> None:
    result = run(
        None,
        *company,
        *("--purpose", "digital_signature", "--key-usage", "digital_signature", "--policy", pki.HK_HIGH),
        *("--explicit-policy", "--max-path-length", "5", "--level", "high", "--identity"),
        "--json",
    )
    data = json.loads(result.output)
    assert (result.exit_code, data["outcome"], data["purpose"]) == (0, "passes", "digital_signature")


def test_a_root_that_nobody_imported(run: Run, tmp_path: Path) -> None:
    target = pem(tmp_path, "mo.pem", LEAVES["mo-person-sign"])
    chain = pem(tmp_path, "mo-chain.pem", C["mo-ca"], C["mo-root"])
    result = run(None, target, "--chain", chain, "--at", AT, "--lang", "zh")
    assert result.exit_code == 3
    assert "须先由运营方决定是否导入该根证书" in result.output
    assert fingerprint(C["mo-root"]) in result.output


def test_an_issuer_with_an_address(run: Run, tmp_path: Path) -> None:
    import extensions

    address = extensions.authority_info_access(issuers="http://ca.example/issuer.cer")
    leaf = pki.leaf(pki.MO_CA, "with address", "CN=ALONE", pki.Rsa("rsa-leaf-1"), pki.MO_ADVANCED, address)
    target = pem(tmp_path, "mo.pem", leaf.certificate)
    result = run(None, target, "--at", AT, "--lang", "en")
    assert "http://ca.example/issuer.cer" in result.output
