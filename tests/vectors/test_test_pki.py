"""The test PKI: rebuilt byte for byte, agreed with by OpenSSL, and answered as each case argues."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from OpenSSL import crypto

from ca_bridge import wiring
from ca_bridge.core.x509.bundle import decode_binary, decode_bundle
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.identity import HolderKind, unified_identity
from ca_bridge.core.x509.identity_registry import IdentityKind
from ca_bridge.core.x509.identity_value import CheckResult
from ca_bridge.services.batch import LineJudge

ROOT = Path(__file__).resolve().parents[2] / "certs-test"


def _cases() -> list[dict[str, Any]]:
    groups = (json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "cases").glob("*.json")))
    return [case for group in groups for case in group]


CASES = _cases()
LISTS = frozenset({"intermediates", "trust_anchors", "crls", "ocsp_responses"})
OTHER_DOORS = ("bundle", "single")
# OpenSSL does not go back on an issuer once chosen, so a pool with dead ends is not for it.
NEEDS_BACKTRACKING = {"accepted-bridge-whole-pool"}
ACCEPTED = [
    case for case in CASES if case["id"].startswith("accepted-") and case["id"] not in NEEDS_BACKTRACKING
]
LINES = [case for case in CASES if not case.get("runs", {}).keys() & set(OTHER_DOORS)]
FILES = [case for case in CASES if case.get("runs", {}).keys() & set(OTHER_DOORS)]


def _named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in cases]


def _whole(pieces: list[tuple[str, int]]) -> bytes:
    """A value kept as pieces, each with how many times it comes."""
    return b"".join(base64.b64decode(piece) * times for piece, times in pieces)


def line_of(case: dict[str, Any]) -> bytes:
    """The batch line of a case, values kept as pieces put together."""
    line = dict(case["line"])
    for key, pieces in case.get("runs", {}).items():
        whole = _whole(pieces)
        if key == "line":
            return whole
        line[key] = base64.b64encode(whole).decode()
    return json.dumps(line).encode()


@cache
def _judge() -> LineJudge:
    return LineJudge(wiring.gateway().validate)


def _build(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "build.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_committed_files_are_what_build_makes() -> None:
    checked = _build("--check")
    assert checked.returncode == 0, checked.stdout


def test_check_names_what_differs(tmp_path: Path) -> None:
    """And a second build, elsewhere, gives the same bytes as the first."""
    made = _build("--out", str(tmp_path))
    assert made.returncode == 0, made.stderr
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (ROOT / path.relative_to(tmp_path)).read_bytes(), path
    (tmp_path / "cases" / "accepted.json").write_text("[]")
    (tmp_path / "crls" / "extra.crl").write_bytes(b"")
    (tmp_path / "demo" / "chain.pem").unlink()
    checked = _build("--check", "--out", str(tmp_path))
    assert checked.returncode == 1
    assert checked.stdout.split("\n")[:-1] == [
        "stale: crls/extra.crl",
        "different: cases/accepted.json",
        "missing: demo/chain.pem",
    ]


def test_fingerprints_are_of_the_files() -> None:
    listed = dict(
        reversed(row.split("  ")) for row in (ROOT / "certificates/SHA256").read_text().splitlines()
    )
    for path in (ROOT / "certificates").rglob("*.pem"):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        der = certificate.public_bytes(serialization.Encoding.DER)
        assert listed.pop(path.stem) == hashlib.sha256(der).hexdigest()
    assert not listed


def test_readme_names_the_demo_anchors() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for path in (ROOT / "demo").glob("anchor-*.pem"):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        assert hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest() in readme


def test_case_ids_are_unique_and_argued() -> None:
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids))
    assert all(case["line"]["id"] == case["id"] for case in CASES)
    assert all(case["title"] and case["why"] for case in CASES)


@pytest.mark.parametrize("case", _named(ACCEPTED))
def test_openssl_accepts_too(case: dict[str, Any]) -> None:
    """OpenSSL's own path building and signature checks, SM2 among them."""

    def load(text: str) -> crypto.X509:
        return crypto.load_certificate(crypto.FILETYPE_ASN1, base64.b64decode(text))

    line = case["line"]
    store = crypto.X509Store()
    for anchor in line["trust_anchors"]:
        store.add_cert(load(anchor))
    store.set_time(datetime.fromisoformat(line["validation_time"]))
    chain = [load(text) for text in line.get("intermediates", ())]
    crypto.X509StoreContext(store, load(line["certificate"]), chain).verify_certificate()


@pytest.mark.parametrize("case", _named(LINES))
def test_answer_is_as_argued(case: dict[str, Any]) -> None:
    judged = _judge().judge(line_of(case))
    assert not judged.defect
    out = json.loads(judged.out)
    expect = case["expect"]
    reasons = out["reasons"]
    leading = reasons[0] if reasons else {"code": None, "position": None}
    assert {
        "indication": out["indication"],
        "sub_indication": out["sub_indication"],
        "reason": leading["code"],
        "position": leading["position"],
    } == {key: expect[key] for key in ("indication", "sub_indication", "reason", "position")}, reasons
    assert set(expect.get("also", ())) <= {reason["code"] for reason in reasons}
    if "cause" in expect:
        assert expect["cause"] in {reason["params"].get("cause") for reason in reasons}
    if "user_constrained_policy_set" in expect:
        assert sorted(out["user_constrained_policy_set"]) == expect["user_constrained_policy_set"]


@pytest.mark.parametrize("case", _named([case for case in CASES if "runs" not in case]))
def test_order_and_repetition_change_nothing(case: dict[str, Any]) -> None:
    """The answer is a function of the set of what is sent (order of input never changes the answer)."""
    line = case["line"]
    lists = {key: value[::-1] + value for key, value in line.items() if key in LISTS}
    answers = [_judge().judge_line(json.dumps(line | change).encode()) for change in ({}, lists)]
    for answer in answers:
        del answer["elapsed_us"]
    assert answers[0] == answers[1]


def test_identity_numbers_are_read() -> None:
    """Organisations' codes and persons' numbers of all three styles, check digits computed twice."""
    for x, style in (
        ("a", "1.2.86.11.7.7550243.1"),
        ("b", "1.3.6.1.4.1.18760.1.12.11"),
        ("c", "1.2.86.11.7.755024301"),
    ):
        company, person = (
            unified_identity(_certificate(f"gd-{x}-sm2-{kind}-sign")) for kind in ("company", "person")
        )
        assert (company.kind, person.kind) == (HolderKind.ORG, HolderKind.PERSON)
        codes = [field for field in company.fields if field.kind is IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE]
        assert {"1.2.156.10260.4.1.4", style} <= {field.source for field in codes}
        assert len({field.value for field in codes}) == 1
        numbers = [field for field in person.fields if field.kind is IdentityKind.RESIDENT_ID]
        assert {field.value for field in numbers} == {None}, "never in clear"
        assert {field.check for field in codes + numbers} == {CheckResult.PASSED}


def _certificate(label: str) -> Certificate:
    pem = (ROOT / "certificates/ee" / f"{label}.pem").read_bytes()
    return parse_certificate(x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER))


def _open(runs: dict[str, list[tuple[str, int]]]) -> object:
    if "bundle" in runs:
        return decode_bundle(_whole(runs["bundle"]))
    return decode_binary(_whole(runs["single"]).decode("ascii"))


@pytest.mark.parametrize("case", _named(FILES))
def test_file_is_refused_as_argued(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refusal:
        _open(case["runs"])
    assert refusal.value.reason.code == case["expect"]["reason"]
    assert refusal.value.reason.sub_indication == case["expect"]["sub_indication"]


def test_demo_bundles_hold_the_same_chain() -> None:
    bundles = [
        decode_bundle((ROOT / "demo" / name).read_bytes())
        for name in ("chain.pem", "chain.p7b", "chain-gm.p7b")
    ]
    assert [item.kind for item in bundles[0]] == ["certificate"] * 3
    assert bundles[0] == bundles[1] == bundles[2]
    assert [item.der for item in decode_bundle((ROOT / "demo/accepted.pem").read_bytes())] == [
        (ROOT / "demo/accepted.cer").read_bytes()
    ]


def test_demo_accepts_one_and_refuses_three() -> None:
    answers = [_judge().judge_line(line) for line in (ROOT / "demo/batch.jsonl").read_bytes().splitlines()]
    assert {out["id"]: [reason["code"] for reason in out["reasons"]][:1] for out in answers} == {
        "accepted": [],
        "refused-encryption": ["ENCRYPTION_CERTIFICATE_FOR_SIGNATURE"],
        "refused-level": ["EXPLICIT_POLICY_LOST"],
        "refused-revoked": ["TARGET_REVOKED"],
    }
    assert [status["status"] for status in answers[0]["revocation"]] == ["good"] * 4
