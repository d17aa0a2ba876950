"""The pool gives the same value for the same bytes, errors too, within its bounds."""

from __future__ import annotations

import pytest

from ca_bridge.core.reasons import format as f
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Interned, Pool
from tests.certificate_der import certificate, integer, refusal


class _Counted:
    """A parser that counts its calls and refuses what begins with "!"."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []

    def __call__(self, encoded: bytes) -> str:
        self.calls.append(encoded)
        if encoded.startswith(b"!"):
            raise Malformed(f.CERTIFICATE_TRAILING_BYTES, count="1")
        return encoded.decode()


def test_parsed_once() -> None:
    parse = _Counted()
    table = Interned(parse, max_entries=2, max_bytes=1000)
    assert [table.get(b"a"), table.get(bytes(bytearray(b"a")))] == ["a", "a"]
    assert parse.calls == [b"a"]


def test_errors_are_remembered_and_raised_anew() -> None:
    parse = _Counted()
    table = Interned(parse, max_entries=2, max_bytes=1000)
    errors = [refusal(lambda: table.get(b"!")) for _ in range(3)]
    assert parse.calls == [b"!"]
    assert {(e.reason, e.params) for e in errors} == {(f.CERTIFICATE_TRAILING_BYTES, (("count", "1"),))}
    assert len({id(e) for e in errors}) == 3


def test_least_recently_used_goes_first() -> None:
    parse = _Counted()
    table = Interned(parse, max_entries=2, max_bytes=1000)
    for key in (b"a", b"b", b"a", b"c", b"a", b"b"):
        table.get(key)
    assert parse.calls == [b"a", b"b", b"c", b"b"]
    assert len(table) == 2


def test_sum_of_bytes_is_bounded() -> None:
    parse = _Counted()
    table = Interned(parse, max_entries=1000, max_bytes=160)
    for key in range(40):
        table.get(b"%010d" % key)
    assert len(table) == 16
    table.get(b"x" * 11)
    table.get(b"x" * 11)
    assert len(table) == 16
    assert parse.calls.count(b"x" * 11) == 2


def test_one_item_may_be_allowed_more() -> None:
    parse = _Counted()
    table = Interned(parse, max_entries=9, max_bytes=160, max_item_bytes=80)
    for size in (80, 80, 81, 81):
        table.get(b"x" * size)
    assert [len(call) for call in parse.calls] == [80, 81, 81]


def test_a_value_parsed_twice_at_once_is_kept_once() -> None:
    table: Interned[str] = Interned(lambda encoded: encoded.decode(), max_entries=4, max_bytes=160)

    def parse_meanwhile(encoded: bytes) -> str:
        table._parse = bytes.decode  # type: ignore[assignment]
        return table.get(encoded)

    table._parse = parse_meanwhile
    assert table.get(b"a") == "a"
    assert (len(table), table._bytes) == (1, 1)


def test_pool_of_certificates() -> None:
    pool = Pool()
    data = certificate(serial=integer(9))
    assert pool.certificate(data) is pool.certificate(bytes(bytearray(data)))
    assert pool.certificate(data).serial_number == 9


@pytest.mark.parametrize("kind", ["certificate", "crl", "ocsp"])
def test_pool_refuses_each_kind(kind: str) -> None:
    pool = Pool()
    reasons = {refusal(lambda: getattr(pool, kind)(b"\x02\x01\x00")).reason.code for _ in range(2)}
    assert len(reasons) == 1
