"""Errors of shape told in the words of the structure being read, not of its encoding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ca_bridge.core.reasons import format as format_certificate
from ca_bridge.core.reasons import format_der
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_list import decode_extension_list
from ca_bridge.core.x509.extensions import Extension

STRUCTURAL = frozenset(
    {
        format_der.DER_TRUNCATED,
        format_der.DER_TRAILING_BYTES,
        format_der.DER_TAG_UNEXPECTED,
        format_certificate.EXTENSIONS_EMPTY,
    }
)
"""Reasons that say an element is missing, misplaced or too many; others are about its own bytes."""


@contextmanager
def told_as(reason: Reason, **params: str) -> Iterator[None]:
    """Within, a Malformed of STRUCTURAL reason is raised as one of ``reason`` instead."""
    try:
        yield
    except Malformed as error:
        if error.reason in STRUCTURAL:
            raise Malformed(reason, **params) from None
        raise


def read_extensions(
    buf: bytes, pos: int, end: int, notes: list[Note], *, duplicate: Reason, too_many: Malformed, maximum: int
) -> tuple[Extension, ...]:
    """Return the extensions of the Extensions SEQUENCE that fills the range.

    A second one of one type is told as ``duplicate``, more than ``maximum`` of them as ``too_many``.
    """
    try:
        listed = decode_extension_list(buf, pos, end, notes)
    except Malformed as error:
        if error.reason is format_certificate.EXTENSION_DUPLICATE:
            raise Malformed(duplicate, **dict(error.params)) from None
        if error.reason is format_certificate.EXTENSIONS_TOO_MANY:
            raise too_many from None
        raise
    if len(listed) > maximum:
        raise too_many
    return tuple(Extension(oid, critical, buf[start:stop]) for oid, critical, start, stop in listed)
