"""Texts peeled out of identity extensions as deployed CAs wrap them (STANDARDS §3.3)."""

from __future__ import annotations

import pytest

from ca_bridge.core.x509.identity_text import PeeledText, peel_texts


def _tlv(tag, content):
    return bytes((tag, len(content))) + content


_NUMBER = b"110105491231002"


@pytest.mark.parametrize(
    ("value", "context_tag"),
    [
        (_tlv(0xA0, _tlv(0x13, _NUMBER)), 0),
        (_tlv(0x31, _tlv(0xA0, _tlv(0x13, _NUMBER))), 0),
        (_tlv(0x30, _tlv(0x31, _tlv(0xA2, _tlv(0x0C, _NUMBER)))), 2),
        (_tlv(0x80, _NUMBER), 0),
        (_tlv(0x81, _NUMBER), 1),
        (_tlv(0x13, _NUMBER), None),
        (_tlv(0x0C, _NUMBER), None),
        (_tlv(0x04, _NUMBER), None),
        (_tlv(0x16, b" " + _NUMBER + b"\x00"), None),
        (_tlv(0x1E, _NUMBER.decode().encode("utf-16-be")), None),
        (_tlv(0x1C, _NUMBER.decode().encode("utf-32-be")), None),
        (_NUMBER, None),
    ],
)
def test_every_wrapping_gives_the_text(value, context_tag):
    assert peel_texts(value) == (PeeledText(_NUMBER.decode(), context_tag),)


def test_several_texts_come_in_order():
    value = _tlv(0x30, _tlv(0x0C, b"one") + _tlv(0x13, b"two") + _tlv(0x02, b"\x05"))
    assert [t.text for t in peel_texts(value)] == ["one", "two"]


def test_at_most_eight_texts():
    assert len(peel_texts(_tlv(0x30, _tlv(0x0C, b"x") * 20))) == 8


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x05\x00",
        b"\x0c\x02\xff\xfe",
        b"\x0c\x01\x07",
        b"\x0c\x00",
        b"\x0c\x05ab",
        b"x" * 5000,
        bytes(range(256)),
    ],
)
def test_what_holds_no_text_gives_none(value):
    assert peel_texts(value) == ()


def test_depth_is_bounded():
    value = _tlv(0x0C, b"deep")
    for _ in range(8):
        value = _tlv(0x30, value)
    assert peel_texts(value) == ()
