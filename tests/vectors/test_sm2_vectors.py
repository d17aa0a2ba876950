"""The published and constructed SM2 and SM3 vectors, each with its expected result, on each engine."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from ca_bridge.adapters.gmssl_sm2 import GmsslSm2
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.sm2 import sm2_digest, sm3
from tests.algorithm_samples import AT, SM2_CURVE, SM3_WITH_SM2, checker, ec_key, signed
from tests.shared_data import shared_data

_CHECKERS = {"libcrypto": LibcryptoSm2, "gmssl": GmsslSm2}


@cache
def _checker(name: str) -> SignatureChecker:
    return checker(_CHECKERS[name]())


def _tests(file: str) -> list[dict[str, Any]]:
    return json.loads(shared_data("sm2", file).read_text("utf-8"))["tests"]


@pytest.mark.parametrize("engine", ["libcrypto", "gmssl"])
def test_every_sm2_vector(engine: str) -> None:
    tests = _tests("sm2_verify.json")
    assert len(tests) == 88
    wrong = []
    for test in tests:
        octets = b"\x04" + bytes.fromhex(test["public_x"] + test["public_y"])
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig_der"])
        finding = _checker(engine).verify(
            signed(message, signature, SM3_WITH_SM2),
            ec_key(SM2_CURVE, octets),
            profile="default",
            at=AT,
            sm2_user_ids=(bytes.fromhex(test["user_id"]),),
        )
        if (finding is None) != (test["result"] == "valid"):
            wrong.append((test["group"], test["comment"], finding))
    assert wrong == []


def test_every_sm3_vector() -> None:
    tests = _tests("sm3.json")
    assert len(tests) == 22
    assert [t for t in tests if sm3(bytes.fromhex(t["msg"])).hex() != t["md"]] == []


def test_digest_of_the_published_example() -> None:
    test = _tests("sm2_verify.json")[0]
    point = bytes.fromhex(test["public_x"] + test["public_y"])
    assert sm2_digest(bytes.fromhex(test["user_id"]), point, bytes.fromhex(test["msg"])).hex() == test["e"]
