"""Real certificates of real CAs, judged: one command, one answer (the data is not part of the project)."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.services.batch import LineJudge
from ca_bridge.wiring import gateway
from tests.shared_data import shared_data

_NO_ISSUER_IN_THE_SET = {"5e625d64a011f77adff2c399cdfa8f1c834d1b89209f110ed20213f27d53b14d"}


def _der(path: Path) -> str:
    return b64encode(decode_bundle(path.read_bytes())[0].der).decode()


@pytest.fixture(scope="module")
def everything() -> dict[str, tuple[dict[str, object], str]]:
    """Every certificate of the manifest by SHA-256: its row and its base64 DER."""
    rows = json.loads(shared_data("real", "manifest.json").read_text("utf-8"))
    certificates = [row for row in rows if row["file"].endswith(".pem")]
    return {row["sha256"]: (row, _der(shared_data("real", row["file"]))) for row in certificates}


@pytest.fixture(scope="module")
def judge() -> LineJudge:
    return LineJudge(gateway().validate)


def _ask(judge: LineJudge, **fields: object) -> dict[str, object]:
    return judge.judge_line(json.dumps({"id": "real", **fields}).encode())


def _find(everything: dict[str, tuple[dict[str, object], str]], prefix: str) -> str:
    return next(der for fingerprint, (_, der) in everything.items() if fingerprint.startswith(prefix))


def _pool(everything: dict[str, tuple[dict[str, object], str]]) -> list[str]:
    return [der for _, der in everything.values()]


def test_sm2_signing_certificate_up_to_the_national_root(everything, judge) -> None:
    answer = _ask(
        judge,
        certificate=_find(everything, "0147ac31"),
        intermediates=_pool(everything),
        trust_anchors=[_find(everything, "9c28d384")],
        validation_time="2023-01-01T00:00:00Z",
        purpose="digital_signature",
    )
    assert answer["indication"] == "TOTAL_PASSED"
    assert [f[:8] for f in answer["path"]] == ["0147ac31", "3bffef10", "1ec27345"]
    assert answer["trust_anchor"].startswith("9c28d384")


def test_its_encryption_twin_is_refused_for_signatures(everything, judge) -> None:
    question = {
        "certificate": _find(everything, "f8b8f85f"),
        "intermediates": _pool(everything),
        "trust_anchors": [_find(everything, "9c28d384")],
        "validation_time": "2023-01-01T00:00:00Z",
    }
    assert _ask(judge, **question)["indication"] == "TOTAL_PASSED"
    answer = _ask(judge, **question, purpose="digital_signature")
    assert answer["indication"] == "INDETERMINATE"
    assert [r["code"] for r in answer["reasons"]] == ["ENCRYPTION_CERTIFICATE_FOR_SIGNATURE"]


def test_hongkong_post_server_certificate(everything, judge) -> None:
    answer = _ask(
        judge,
        certificate=_find(everything, "04ac5d80"),
        intermediates=_pool(everything),
        trust_anchors=[_find(everything, "5a2fc03f")],
        validation_time="2021-01-01T00:00:00Z",
        purpose="server_auth",
    )
    assert answer["indication"] == "TOTAL_PASSED"
    assert [f[:8] for f in answer["path"]] == ["04ac5d80", "69ecdbc3"]


def test_each_certificate_under_its_issuer(everything, judge) -> None:
    judged = 0
    for fingerprint, (row, der) in everything.items():
        names = [name for name in row.get("chain_to", ()) if name != row["subject"]]
        if not names or fingerprint in _NO_ISSUER_IN_THE_SET:
            continue
        anchors = [d for r, d in everything.values() if r["subject"] == names[-1]]
        year = max(2016, 2000 + int(str(row["not_before"])[:2]) + 1)
        answer = _ask(
            judge,
            certificate=der,
            intermediates=_pool(everything),
            trust_anchors=anchors,
            validation_time=f"{year}-{str(row['not_before'])[2:4]}-28T00:00:00Z",
        )
        assert answer["indication"] == "TOTAL_PASSED", (row["file"], answer["reasons"])
        judged += 1
    assert judged >= 20


def test_a_real_certificate_with_one_bit_turned_is_refused(everything, judge) -> None:
    from base64 import b64decode

    der = bytearray(b64decode(_find(everything, "0147ac31")))
    der[-5] ^= 1
    answer = _ask(
        judge,
        certificate=b64encode(bytes(der)).decode(),
        intermediates=_pool(everything),
        trust_anchors=[_find(everything, "9c28d384")],
        validation_time="2023-01-01T00:00:00Z",
    )
    assert answer["indication"] == "TOTAL_FAILED"
    assert answer["reasons"][0]["code"] == "SIGNATURE_INVALID"
