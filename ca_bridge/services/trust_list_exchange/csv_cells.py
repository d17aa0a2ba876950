"""Cells of a trust-list page: intervals in Hong Kong time, policies with open arcs, safe text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from ca_bridge.core.x509.times import time_text
from ca_bridge.services.recognition_reading.scalars import UnusableValue, time_of
from ca_bridge.services.trust_list_exchange.errors import TrustListRefused, malformed

_HONG_KONG = timezone(timedelta(hours=8))
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DATE = r"([0-9]{2}):([0-9]{2}) ([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})"
_PUBLISHED = re.compile(rf"From {_DATE} to (?:until further notice|{_DATE})", re.ASCII)
_OPEN = ".."
_ARC = re.compile(r"([0-9]+(?:\.[0-9]+)*)((?:\.x+)*)", re.ASCII)
_OPEN_NODES = ".xxxx.x.x"
# What a spreadsheet takes for the beginning of a formula, in half and full width, and what it skips.
_FORMULA = re.compile(r"'*[\s\x00]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_QUOTES = (('"', '"'), ("\u201c", "\u201d"), ("\u300c", "\u300d"))


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before it when a spreadsheet could take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unsafe_cell(cell: str) -> str:
    """The text that ``safe_cell`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def lines(cell: str) -> list[str]:
    """The lines of a cell, without empty ones."""
    return [line.strip() for line in cell.split("\n") if line.strip()]


def quoted(text: str) -> str:
    """The text as pages give a certificate type's name."""
    return f'"{text}"'


def unquoted(cell: str) -> str:
    """The cell's text without one pair of quotation marks around it."""
    text = cell.strip()
    for first, last in _QUOTES:
        if len(text) > 1 and text.startswith(first) and text.endswith(last):
            return text[1:-1]
    return text


def interval_of(cell: str, number: int) -> tuple[str | None, str | None]:
    """RFC 3339 times of a cell: as the pages write it, in Hong Kong time, or as ISO 8601 interval.

    "From 00:00 11 July 2015 to until further notice"; "2015-07-10T16:00:00Z/.."; empty = both unknown.
    """
    text = " ".join(cell.split())
    try:
        published = _PUBLISHED.fullmatch(text)
        if published:
            parts = published.groups()
            return _local(parts[:5]), None if parts[5] is None else _local(parts[5:])
        if not text:
            return None, None
        since, _, until = text.partition("/")
        return _iso(since), _iso(until)
    except (ValueError, OverflowError) as error:
        raise _not_an_interval(number) from error


def _local(parts: tuple[str, ...]) -> str:
    hour, minute, day, month, year = parts
    number = _MONTHS.index(month) + 1
    return time_text(datetime(int(year), number, int(day), int(hour), int(minute), tzinfo=_HONG_KONG))


def _iso(text: str) -> str | None:
    if text == _OPEN:
        return None
    try:
        return time_text(time_of(text))
    except UnusableValue as error:
        raise ValueError(text) from error


def _not_an_interval(number: int) -> TrustListRefused:
    return malformed(
        f"row {number}: validity_period_of_mr_status",
        "neither From 00:00 11 July 2015 to until further notice nor 2015-07-10T16:00:00Z/..",
    )


def interval_text(since: datetime | None, until: datetime | None) -> str:
    """The interval as the pages write it; as ISO 8601 where that has seconds or an open beginning."""
    known = [time for time in (since, until) if time is not None]
    if not known:
        return ""
    if since is None or any(time.astimezone(UTC).second for time in known):
        return "/".join(_OPEN if time is None else time_text(time) for time in (since, until))
    end = "until further notice" if until is None else _published(until)
    return f"From {_published(since)} to {end}"


def _published(time: datetime) -> str:
    local = time.astimezone(_HONG_KONG)
    return f"{local:%H:%M} {local.day} {_MONTHS[local.month - 1]} {local.year:04}"


def oids_of(cell: str, number: int) -> tuple[list[str], list[str]]:
    """(arcs, exact policies): "2.16.344.8.2.2008.810.2.xxxx.x.x" is the arc before the open nodes."""
    arcs: list[str] = []
    policies: list[str] = []
    for text in lines(cell):
        oid = _ARC.fullmatch(text.removeprefix("certificatePolicies.policyIdentifier = "))
        if oid is None:
            raise malformed(f"row {number}: oid_of_mr_certificate_policy", "not an OID or arc")
        (arcs if oid[2] else policies).append(oid[1])
    return arcs, policies


def oids_text(arcs: Iterable[str], policies: Iterable[str]) -> str:
    """The cell of arcs and exact policies."""
    return "\n".join([*(f"{arc}{_OPEN_NODES}" for arc in arcs), *policies])
