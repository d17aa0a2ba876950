"""The few ASN.1 values that keys and signatures are made of, read as strict DER."""

from __future__ import annotations

from ca_bridge.core.x509.der import INTEGER, SEQUENCE, decode_integer, expect, expect_whole, finish
from ca_bridge.core.x509.errors import Malformed

NULL_DER = b"\x05\x00"
NULL_OR_ABSENT: frozenset[bytes | None] = frozenset({NULL_DER, None})
ABSENT: frozenset[bytes | None] = frozenset({None})


def integer_sequence(der: bytes, count: int) -> tuple[int, ...] | None:
    """The integers of a SEQUENCE of exactly ``count`` INTEGERs filling ``der``; None for anything else."""
    values = []
    try:
        pos, end = expect_whole(der, 0, len(der), SEQUENCE)
        for _ in range(count):
            start, stop = expect(der, pos, end, INTEGER)
            values.append(decode_integer(der, start, stop))
            pos = stop
        finish(pos, end)
    except Malformed:
        return None
    return tuple(values)


def whole_integer(der: bytes) -> int | None:
    """The INTEGER that fills ``der``; None for anything else."""
    try:
        start, end = expect_whole(der, 0, len(der), INTEGER)
        return decode_integer(der, start, end)
    except Malformed:
        return None


def signature_pair(der: bytes, order: int) -> tuple[int, int] | None:
    """(r, s) of a SEQUENCE { r, s INTEGER }, each in [1, order - 1]; None for anything else.

    CVE-2022-21449 is what accepting zero costs, CVE-2026-23967 what accepting several encodings does.
    """
    pair = integer_sequence(der, 2)
    if pair is None or not (0 < pair[0] < order and 0 < pair[1] < order):
        return None
    return pair[0], pair[1]
