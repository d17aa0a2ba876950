"""What a checkpoint says beside size and root: when and by which node it was signed, and with which keys.

One line each: "time 2026-01-02T03:04:05Z", "node n1", "custody KEY WHERE" for every key that signs, and
"certificate KEY SHA-256" for a key whose SignedData holds a certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ca_bridge.core.x509.times import time_text


def extension_lines(
    time: datetime, node: str, custodies: Iterable[tuple[str, str]], certificates: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The lines; ``custodies`` and ``certificates`` are (key, custody) and (key, SHA-256)."""
    return (
        f"time {time_text(time)}",
        f"node {node}",
        *(f"custody {key} {custody}" for key, custody in custodies),
        *(f"certificate {key} {digest}" for key, digest in certificates),
    )


def said(lines: Sequence[str], name: str) -> str:
    """The last word of the first line that says nothing else than ``name``: "time", "node", or "custody KEY".

    "" when there is none.
    """
    words = (line.rpartition(" ") for line in lines)
    return next((word for before, _, word in words if before == name), "")
