"""Bytes to one JSON object, or the reason why not."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import read_object, refuse_repetition


def refusal(line: bytes) -> str:
    with pytest.raises(UnusableQuestion) as caught:
        refuse_repetition(read_object(line, 1 << 20))
    return caught.value.finding.reason.code


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b" " * ((1 << 20) + 1), "LINE_TOO_LARGE"),
        (b'{"id":"\xff"}', "LINE_NOT_UTF8"),
        (b'{"id":"\xed\xa0\x80"}', "LINE_NOT_UTF8"),
        (b"", "LINE_NOT_JSON"),
        (b"   ", "LINE_NOT_JSON"),
        (b"{", "LINE_NOT_JSON"),
        (b'{"id":1}{"id":2}', "LINE_NOT_JSON"),
        (b"{'id':1}", "LINE_NOT_JSON"),
        (b'{"id":NaN}', "LINE_NOT_JSON"),
        (b'{"id":-Infinity}', "LINE_NOT_JSON"),
        (b'{"id":' + b"9" * 21 + b"}", "LINE_NOT_JSON"),
        (b'{"id":' + b"9" * 100_000 + b"}", "LINE_NOT_JSON"),
        (b"[1]", "LINE_NOT_AN_OBJECT"),
        (b"null", "LINE_NOT_AN_OBJECT"),
        (b'"[[[[[[[[[[[[[[[[[[[["', "LINE_NOT_AN_OBJECT"),
        (b'{"id":1,"id":1}', "FIELD_REPEATED"),
        (b'{"i\\u0064":1,"id":2}', "FIELD_REPEATED"),
        (b"[" * 17, "LINE_TOO_DEEP"),
        (b'{"a":' * 17, "LINE_TOO_DEEP"),
        (b"[" * 500_000, "LINE_TOO_DEEP"),
    ],
)
def test_refused_with_its_reason(line: bytes, code: str) -> None:
    assert refusal(line) == code


def test_brackets_in_texts_are_not_nesting() -> None:
    assert read_object(b'{"id":"' + b"[{" * 100 + b'\\"]"}') == {"id": "[{" * 100 + '"]'}
    assert read_object(b'{"id":' + b"[" * 15 + b"]" * 15 + b"}")["id"] is not None
    assert read_object(b'{"id":[' + b"[],{}," * 50 + b"[]]}")["id"] is not None


def test_a_repeated_field_leaves_the_rest_readable() -> None:
    fields = read_object(b'{"id":"x","crls":[],"crls":[]}')
    assert fields["id"] == "x"
    with pytest.raises(UnusableQuestion) as caught:
        refuse_repetition(fields)
    assert dict(caught.value.finding.params) == {"field": "crls"}


@pytest.mark.parametrize(
    "line", [b'"' + b'\\"[' * 300_000, b'"' + b'\\"[' * 300_000 + b"\\", b'{"a":[' * 150_000]
)
def test_nesting_is_measured_in_linear_time(line: bytes) -> None:
    started_s = time.process_time()
    refusal(line)
    assert time.process_time() - started_s < 2


@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_our_error(line: bytes) -> None:
    with contextlib.suppress(UnusableQuestion):
        assert isinstance(read_object(line), dict)


@pytest.mark.parametrize("number", ["1e400", "-1e999", "[1e309]"])
def test_numbers_beyond_all_bounds_are_no_json(number: str) -> None:
    with pytest.raises(UnusableQuestion) as caught:
        read_object(f'{{"x":{number}}}'.encode())
    assert caught.value.finding.reason.code == "LINE_NOT_JSON"
