"""Column types that give the same values back on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

_POSTGRESQL = "postgresql"


class UtcTime(TypeDecorator[datetime]):
    """An instant, to the microsecond: aware in, aware UTC out.

    PostgreSQL keeps instants (timestamptz). SQLite keeps text of a fixed width, here always of UTC, so that
    the order of texts is the order of times.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """``value`` in UTC; a naive time is a defect of the caller, for nobody knows what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive time cannot be stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == _POSTGRESQL else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == _POSTGRESQL else value.replace(tzinfo=UTC)
