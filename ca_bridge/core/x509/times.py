"""Times of RFC 5280 §4.1.2.5 where an element of either type may stand, and in words."""

from __future__ import annotations

from datetime import UTC, datetime

from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.deviations import GENERALIZED_TIME_BEFORE_2050, UTC_TIME_WITHOUT_SECONDS

_GENERALIZED_TIME_FROM = 2050


def read_time(buf: bytes, pos: int, end: int, notes: list[Note]) -> tuple[datetime, int]:
    """Return the UTCTime or GeneralizedTime at ``pos`` and where it ends; harmless deviations are noted."""
    tag, start, stop = der.read_tlv(buf, pos, end)
    time = der.decode_time(tag, buf, start, stop)
    if der.lacks_seconds(tag, start, stop):
        notes.append(Note(code=UTC_TIME_WITHOUT_SECONDS))
    elif tag == der.GENERALIZED_TIME and time.year < _GENERALIZED_TIME_FROM:
        notes.append(Note(code=GENERALIZED_TIME_BEFORE_2050))
    return time, stop


def read_generalized_time(buf: bytes, pos: int, end: int) -> tuple[datetime, int]:
    """Return the GeneralizedTime at ``pos`` and where it ends."""
    start, stop = der.expect(buf, pos, end, der.GENERALIZED_TIME)
    return der.decode_time(der.GENERALIZED_TIME, buf, start, stop), stop


def time_text(time: datetime) -> str:
    """RFC 3339 in UTC, whole seconds; strftime would write years before 1000 with fewer digits."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
