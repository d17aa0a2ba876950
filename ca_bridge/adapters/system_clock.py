"""The time of day from the operating system."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Clock port over the system's clock."""

    def now(self) -> datetime:
        """Now, aware, in UTC, to the second: certificates know no fractions."""
        return datetime.now(UTC).replace(microsecond=0)
