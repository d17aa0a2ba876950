"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(time: datetime) -> str:
    """RFC 3339 in UTC; a fraction only where there is one, in microseconds."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
