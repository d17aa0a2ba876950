"""RFC 8785, both ways; the stand-alone verifier writes the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.receipt.canonical import LARGEST_NUMBER, NotCanonical, canonical_bytes, read_canonical
from ca_bridge.core.receipt.encodings import base64_octets, base64url, base64url_octets, hash_octets
from tests.receipts.house import alone

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(raw: bytes, *, max_bytes: int = 1 << 16, max_depth: int = 16) -> Any:
    return read_canonical(raw, max_bytes=max_bytes, max_depth=max_depth)


def test_the_order_of_rfc_8785() -> None:
    """The example of RFC 8785 §3.2.3."""
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_bytes(names)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_the_strings_of_rfc_8785() -> None:
    """The example of RFC 8785 §3.2.2, its numbers left out."""
    text = '\u20ac$\x0f\nA\'B"\\\\"/'
    assert canonical_bytes([None, True, False, text]) == (
        b'[null,true,false,"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]'
    )


@settings(deadline=None)
@given(VALUES)
def test_there_and_back(value: Any) -> None:
    raw = canonical_bytes(value)
    assert read(raw) == value
    assert alone()["_canonical"](value, 99).encode() == raw


@pytest.mark.parametrize(
    "value", [1.5, 2**53, -(2**53), {1: 2}, {"a": b""}, {"a": {1}}, "\ud800", {"\ud800": 1}]
)
def test_values_without_form(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_a_value_that_is_deeper_than_any_reader() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical, match="nested too deep"):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[" * 17 + b"]" * 17, "nested more than 16 levels deep"),
        (b"\xff", "not UTF-8"),
        (b"{", "not JSON"),
        (b"1.0", "not whole"),
        (b"Infinity", "not whole"),
        (b"12345678901234567", "beyond 53 bits"),
        (b"9007199254740992", "beyond 53 bits"),
        (b"[1, 2]", "canonical form"),
        (b'{"b":1,"a":2}', "canonical form"),
        (b'{"a":1,"a":1}', "canonical form"),
        (b'"\\u0041"', "canonical form"),
        (b"-0", "canonical form"),
    ],
)
def test_bytes_without_value(raw: bytes, why: str) -> None:
    with pytest.raises(NotCanonical, match=why):
        read(raw)


def test_bounds() -> None:
    assert read(b"[" * 16 + b"]" * 16)
    assert read(b'"[[[[[[[[[[[[[[[[[[[["') == "[" * 20
    assert read(b"-9007199254740991") == -LARGEST_NUMBER
    with pytest.raises(NotCanonical, match="more than 3 bytes"):
        read(b'"ab"', max_bytes=3)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_texts_of_octets_have_one_form(text: str) -> None:
    plain, url = base64_octets(text), base64url_octets(text)
    assert url is None or base64url(url) == text
    for octets, as_url in ((plain, False), (url, True)):
        try:
            assert alone()["_octets"](text, url=as_url) == octets
        except alone()["WRONG"]:
            assert octets is None


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_octets_there_and_back(octets: bytes) -> None:
    assert base64url_octets(base64url(octets)) == octets


def test_hashes() -> None:
    assert hash_octets("0a" * 32) == b"\x0a" * 32
    for bad in ("0A" * 32, "0a" * 31, "0a" * 32 + "\n", "", "0x" + "0a" * 31):
        assert hash_octets(bad) is None
