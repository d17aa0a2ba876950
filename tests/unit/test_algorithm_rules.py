"""The algorithm table: read strictly, and what it says by profile and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import dsa, ec

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from tests.algorithm_samples import AT, ECDSA_OIDS, POLICIES, checker, key_of, parse_key, problem, signed

_SCHEMA = POLICIES / "schema" / "algorithms.schema.json"
_P256 = ec.derive_private_key(7, ec.SECP256R1())


def _table() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((POLICIES / "algorithms.yaml").read_text("utf-8"))
    return loaded


def _rows(data: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data["profiles"]["default"][table]
    return rows


def _written(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    data = _table()
    change(data)
    path = tmp_path / "algorithms.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(extra=1), "unknown key 'extra'"),
        (lambda d: d["profiles"].update(mine={"signatures": [], "keys": []}), "unknown key 'mine'"),
        (lambda d: d["profiles"].pop("legacy"), "'legacy' is a required property"),
        (lambda d: _rows(d, "signatures")[0].update(hash="MD5"), "'MD5' is not one of"),
        (lambda d: _rows(d, "signatures")[0].pop("hash"), "'hash' is a required property"),
        (lambda d: _rows(d, "signatures")[0].pop("source"), "'source' is a required property"),
        (lambda d: _rows(d, "keys")[0].update(min_bits=512), "512 is less than the minimum of 1024"),
        (lambda d: _rows(d, "keys")[0].update(max_bits=16384), "16384 is greater than the maximum of 8192"),
        (lambda d: _rows(d, "keys")[0].update(until="2030-02-31"), "is not a day"),
        (lambda d: _rows(d, "keys")[0].update(until="soon"), "does not match"),
        (lambda d: _rows(d, "keys")[0].update(max_bits=3072), "says again what a row above says"),
        (lambda d: _rows(d, "keys")[0].update(max_bits=2047), "min_bits is above max_bits"),
        (lambda d: _rows(d, "signatures")[1].update(hash="SHA-256"), "says again what a row above says"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(PolicyFileError) as caught:
        read_algorithm_rules(_written(tmp_path, change), _SCHEMA)
    told = caught.value.problems[0]
    assert said in told.message_en
    assert told.line >= 1
    assert told.file == "algorithms.yaml"


def test_every_row_names_its_source() -> None:
    for profile in read_algorithm_rules(POLICIES / "algorithms.yaml", _SCHEMA).profiles.values():
        assert all(rule.source for rule in (*profile.signatures, *profile.keys))


def test_an_end_is_the_last_instant_of_its_day(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        next(r for r in _rows(data, "keys") if r["type"] == "P-256")["until"] = "2029-06-30"

    rules = read_algorithm_rules(_written(tmp_path, change), _SCHEMA)
    using = SignatureChecker(checker().sm2, rules)
    last = datetime(2029, 6, 30, 23, 59, 59, tzinfo=UTC)
    key = key_of(_P256.public_key())
    assert using.key_problem(key, profile="default", at=last) is None
    finding = using.key_problem(key, profile="default", at=last + timedelta(seconds=1))
    assert finding is not None
    assert finding.reason.code == "KEY_NO_LONGER_ACCEPTABLE"
    assert dict(finding.params)["until"] == "2029-06-30"
    assert dict(finding.params)["key"] == "P-256"


def test_a_signature_algorithm_ends_too(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        next(r for r in _rows(data, "signatures") if r["scheme"] == "ECDSA")["until"] = "2026-06-30"

    rules = read_algorithm_rules(_written(tmp_path, change), _SCHEMA)
    using = SignatureChecker(checker().sm2, rules)
    sample = signed(b"m", _P256.sign(b"m", ec.ECDSA(ec.hashes.SHA256())), ECDSA_OIDS["SHA-256"])
    key = key_of(_P256.public_key())

    def code(at: datetime) -> str | None:
        finding = using.verify(sample, key, profile="default", at=at, sm2_user_ids=())
        return finding and finding.reason.code

    assert code(AT) is None
    assert code(datetime(2026, 7, 1, tzinfo=UTC)) == "SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE"
    assert code(AT) is None


def test_rsa_2048_ends_with_2030() -> None:
    key = parse_key(_rsa_2048())
    assert problem(key, at=datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC)) is None
    assert problem(key, at=datetime(2031, 1, 1, tzinfo=UTC)) == "KEY_NO_LONGER_ACCEPTABLE"
    assert problem(key, "legacy", at=datetime(2031, 1, 1, tzinfo=UTC)) is None


def _rsa_2048() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return key_of(rsa.generate_private_key(65537, 2048).public_key()).der


def test_dsa_is_for_legacy_only() -> None:
    key = key_of(dsa.generate_private_key(1024).public_key())  # noqa: S505 - legacy
    assert problem(key) == "KEY_NOT_ACCEPTABLE"
    assert problem(key, "legacy") is None


def test_an_unknown_profile_accepts_nothing() -> None:
    assert problem(key_of(_P256.public_key()), "lenient") == "KEY_NOT_ACCEPTABLE"


def test_kinds_without_a_row_have_no_sizes() -> None:
    data = {"profiles": {"default": {"signatures": [], "keys": []}}}
    assert AlgorithmRules.from_data(data).profile("default").key_sizes("RSA") is None
    using = SignatureChecker(checker().sm2, AlgorithmRules.from_data(data))
    finding = using.key_problem(parse_key(_rsa_2048()), profile="default", at=AT)
    assert finding is not None
    assert finding.reason.code == "KEY_NOT_ACCEPTABLE"
    assert dict(finding.params)["key"] == "RSA 2048"
