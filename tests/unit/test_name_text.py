"""Two attribute texts are equal exactly when their prepared forms are (RFC 5280 §7.1, RFC 4518)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.x509.name_text import (
    NORMALIZED_MAX_CHARACTERS,
    decode_text,
    is_printable,
    is_text,
    prepare,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Example CA", "  EXAMPLE   ca "),
        ("a\tb", "a b"),
        ("Stra\u00dfe", "STRASSE"),
        ("\uff21\uff22\uff23\u3000Root", "abc root"),
        ("caf\u00e9", "CAFE\u0301"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u210cand", "hand"),
        ("广东省\u00a0数字证书", "广东省 数字证书"),
        ("nul\x00inside", "nulinside"),
        ("", "   "),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert prepare(one) == prepare(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("广东", "廣東"), ("a.b", "a-b"), ("é", "e")])
def test_different(one: str, other: str) -> None:
    assert prepare(one) != prepare(other)


@given(st.text(max_size=40))
def test_preparing_twice_changes_nothing(text: str) -> None:
    once = prepare(text)
    assert once is not None
    assert prepare(once) == once


def test_long_text_is_not_normalized() -> None:
    assert prepare("é" * NORMALIZED_MAX_CHARACTERS) is not None
    assert prepare("é" * (NORMALIZED_MAX_CHARACTERS + 1)) is None
    assert prepare("E" * 100_000) == "e" * 100_000


@pytest.mark.parametrize(
    ("tag", "content", "text"),
    [
        (0x0C, "证书".encode(), "证书"),
        (0x13, b"Root", "Root"),
        (0x16, b"a@b", "a@b"),
        (0x1E, "证书".encode("utf-16-be"), "证书"),
        (0x1C, "证书".encode("utf-32-be"), "证书"),
        (0x0C, "证书".encode("gb18030"), None),
        (0x14, "证书".encode("gb18030"), None),
        (0x13, b"caf\xe9", None),
        (0x1E, b"abc", None),
        (0x1C, b"\xff\xff\xff\xff", None),
    ],
)
def test_decoding(tag: int, content: bytes, text: str | None) -> None:
    assert is_text(tag)
    assert decode_text(tag, content) == text


def test_kinds() -> None:
    assert not is_text(0x03)
    assert is_printable(b"O=Root (CA), No. 1:+-/?'")
    assert not is_printable(b"a@b")
    assert not is_printable(b"*")
