"""Receipts have one form: other shapes, and other bytes for the same value, are refused by name."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.core.receipt.encodings import der_of_pair
from ca_bridge.services.receipts.making import receipt_bytes
from tests.receipts.house import changed, faults, house, statement, with_signature

Change = Callable[[dict[str, Any]], Any]


def encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.update(ca_bridge_receipt=2), "SHAPE"),
        (lambda d: d.update(ca_bridge_receipt=True), "SHAPE"),
        (lambda d: d.update(ca_bridge_receipt="1"), "SHAPE"),
        (lambda d: d.update(more=1), "SHAPE"),
        (lambda d: d.pop("log"), "SHAPE"),
        (lambda d: d.update(log=[]), "SHAPE"),
        (lambda d: d["log"].pop("index"), "SHAPE"),
        (lambda d: d["log"].update(more=1), "SHAPE"),
        (lambda d: d["log"].update(index="1"), "SHAPE"),
        (lambda d: d["log"].update(index=True), "SHAPE"),
        (lambda d: d["log"].update(tree_size=None), "SHAPE"),
        (lambda d: d["log"].update(origin=7), "SHAPE"),
        (lambda d: d["log"].update(checkpoint=None), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof={}), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof=[1]), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof=["AB" * 32]), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof=["ab" * 31]), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof=["ab" * 32 + "\n"]), "SHAPE"),
        (lambda d: d["log"].update(inclusion_proof=["ab" * 32] * 65), "SHAPE"),
        (lambda d: d.update(signatures={}), "SHAPE"),
        (lambda d: d.update(signatures=[1]), "SHAPE"),
        (lambda d: d["signatures"][0].update(more="x"), "SHAPE"),
        (lambda d: d["signatures"][0].update(value=None), "SHAPE"),
        (lambda d: d["signatures"][0].update(form="xml"), "SHAPE"),
        (lambda d: d["signatures"][0].update(key_id="receipt"), "SHAPE"),
        (lambda d: d["signatures"][0].update(algorithm="HS256"), "ALGORITHM"),
        (lambda d: d["signatures"][0].update(value=""), "JWS_MALFORMED"),
        (lambda d: d["signatures"][0].update(value="a.b.c.d"), "JWS_MALFORMED"),
        (lambda d: d["signatures"][0].update(value="...."), "JWS_MALFORMED"),
        (lambda d: d["signatures"][0].update(value="é.é.é"), "JWS_MALFORMED"),
        (lambda d: d["signatures"][0].update(form="gbt35275"), "ALGORITHM"),
        (lambda d: d["statement"].update(ca_bridge_log=2), "STATEMENT_SHAPE"),
        (lambda d: d["statement"].update(ca_bridge_log=True), "STATEMENT_SHAPE"),
        (lambda d: d["statement"].update(kind="key_use"), "STATEMENT_SHAPE"),
        (lambda d: d["statement"].pop("kind"), "STATEMENT_SHAPE"),
        (lambda d: d.update(statement="yes"), "STATEMENT_SHAPE"),
    ],
)
def test_shapes(change: Change, expected: str) -> None:
    one = house("p256")
    assert faults(one, changed(one.receipts(3)[1], change)) == [expected]


def test_base64url_has_one_form() -> None:
    one = house("p256")
    raw = one.receipts(1)[0]
    value = json.loads(raw)["signatures"][0]["value"]
    head, _, tail = value.rpartition(".")
    for other in (
        value + "=",
        value + "\n",
        value[:-1] + "/",
        f"{head}.{tail}A",
        f"{head}.",
        head,
        " " + value,
    ):
        assert faults(one, with_signature(raw, value=other))[0] == "JWS_MALFORMED"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    idle = (
        value[:-1] + last[last.index(value[-1]) ^ 1]
    )  # 64 octets leave four idle bits in the last character
    assert faults(one, changed(raw, lambda d: d["signatures"][0].update(value=idle))) == ["JWS_MALFORMED"]


def test_zero_and_out_of_range_signatures() -> None:
    for kind in ("p256", "sm2"):
        one = house(kind)
        raw = one.receipts(1)[0]
        head = json.loads(raw)["signatures"][0]["value"].rpartition(".")[0]
        for octets in (bytes(64), b"\xff" * 64, bytes(32) + b"\x01" * 32):
            forged = f"{head}.{encoded(octets)}"
            found = faults(one, with_signature(raw, value=forged))
            assert found == ["SIGNATURE_INVALID"]
    assert der_of_pair(bytes(63)) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\n",
        lambda raw: b" " + raw,
        lambda raw: raw + raw,
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw.replace(b'"index":1', b'"index": 1'),
        lambda raw: raw.replace(b'"index":1', b'"index":1.0'),
        lambda raw: raw.replace(b'"index":1', b'"index":1e0'),
        lambda raw: raw.replace(b'"index":1', b'"index":01'),
        lambda raw: raw.replace(b'"index":1', b'"index":-0'),
        lambda raw: raw.replace(b'"index":1', b'"index":9007199254740992'),
        lambda raw: raw.replace(b'"index":1', b'"index":' + b"9" * 5000),
        lambda raw: raw.replace(b'"index":1', b'"index":NaN'),
        lambda raw: raw.replace(b'"index":1', b'"index":1,"index":1'),
        lambda raw: raw.replace(b'"index":1', b'"index":0,"index":1'),
        lambda raw: raw.replace(b'"ca_bridge_receipt"', b'"\\u0063a_bridge_receipt"'),
        lambda raw: raw.replace(b"validate", b"valid\\u0061te"),
        lambda raw: raw.replace(b"validate", b"valid\x01ate"),
        lambda raw: raw.replace(b"validate", b"\\ud800"),
        lambda raw: raw.replace(b"validate", b"\xff"),
        lambda raw: raw.replace(b"/log", b"\\/log"),
        lambda raw: b"[" * 200_000,
        lambda raw: b'{"a":' * 40_000,
        lambda raw: raw[:-1],
        lambda raw: b"",
        lambda raw: b"null",
        lambda raw: b"7",
        lambda raw: b'"x"',
        lambda raw: b"x" * ((256 << 10) + 1),
        lambda raw: raw[:1] + b" " * (256 << 10) + raw[1:],
    ],
)
def test_other_bytes_for_the_same_value(spoil: Callable[[bytes], bytes]) -> None:
    one = house("p256")
    raw = one.receipts(3)[1]
    spoilt = spoil(raw)
    assert spoilt != raw
    assert faults(one, spoilt) in (["NOT_CANONICAL"], ["SHAPE"])


def test_the_deepest_statement() -> None:
    """Sixteen levels may be nested, and no more: the receipt and the statement are two of them."""
    one = house("p256")
    for levels, expected in ((14, []), (15, ["NOT_CANONICAL"])):
        nested: Any = []
        for _ in range(levels - 1):
            nested = [nested]
        (included,) = one.included((canonical_bytes(statement(nested=nested)),))
        assert faults(one, receipt_bytes(included, one.origin)) == expected


def test_statement_in_any_script() -> None:
    """Names beyond the basic plane are ordered by UTF-16, and every character stands for itself."""
    one = house("p256")
    odd = {"\U0001f600": 1, "\uff5a": 2, "z": 3, "é": '\u2028\x7f\x00\x1f"\\/\b', "": {"b": [], "a": {}}}
    (included,) = one.included((canonical_bytes(statement(odd=odd)),))
    assert faults(one, receipt_bytes(included, one.origin)) == []
