"""Trust-list pages as Hong Kong publishes them, in rows of CSV: one row for each certificate type.

A row of the kind "former" gives authorities that stood in the entry above before (the page's amendment
record). A name is never matched: a row whose root or issuer has no SHA-256 beside it is a draft.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.trust_list import AuthorityPin, TrustListEntry
from ca_bridge.services.trust_list_exchange.csv_cells import (
    interval_of,
    interval_text,
    lines,
    oids_of,
    oids_text,
    quoted,
    safe_cell,
    unquoted,
    unsafe_cell,
)
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused, malformed
from ca_bridge.services.trust_list_exchange.plain_data import entry_data

MAX_BYTES = 4 << 20
MAX_CSV_ROWS = 5_000
_MAX_CELL = 16_384
COLUMNS = (
    "kind",
    "entry",
    "title_en",
    "title_zh",
    "regulator",
    "authority",
    "status",
    "validity_period_of_mr_status",
    "root_certificate",
    "root_sha256",
    "signing_certificate",
    "signing_sha256",
    "certificate_type_name",
    "oid_of_mr_certificate_policy",
    "level",
    "undated",
    "sources",
    "confidence",
)
_CURRENT, _FORMER = "current", "former"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvProblem:
    """Why a row became a draft; ``number`` is the row's, the header being 1."""

    number: int
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvPage:
    """Plain data of the entries, and which of them are drafts because a pin is missing."""

    entries: tuple[Mapping[str, Any], ...]
    problems: tuple[CsvProblem, ...]


def read_page(raw: bytes) -> CsvPage:
    """The entries in ``raw`` (UTF-8, with or without BOM); TrustListRefused: TOO_LARGE, MALFORMED."""
    entries: list[dict[str, Any]] = []
    problems: list[CsvProblem] = []
    for number, row in _rows(raw):
        if row["kind"] == _CURRENT:
            entries.append(_current(row, number, problems))
        elif row["kind"] == _FORMER and entries and row["entry"] in ("", entries[-1]["entry"]):
            entries[-1].setdefault("history", []).append(_former(row, number, problems))
        else:
            raise malformed(f"row {number}: kind", "current, or former below its entry")
    return CsvPage(entries=tuple(entries), problems=tuple(problems))


def _rows(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(raw) > MAX_BYTES:
        raise TrustListRefused(ExchangeCode.TOO_LARGE, limit=f"{MAX_BYTES} bytes")
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        _check_header(next(reader, []))
        for index, cells in enumerate(reader, 1):
            if index > MAX_CSV_ROWS or any(len(cell) > _MAX_CELL for cell in cells):
                raise TrustListRefused(ExchangeCode.TOO_LARGE, limit=f"{MAX_CSV_ROWS} rows")
            if any(cells):
                yield index + 1, _row(cells, index + 1)
    except (UnicodeDecodeError, csv.Error) as error:
        raise malformed("CSV", str(error)) from error


def _check_header(cells: list[str]) -> None:
    if tuple(cell.strip() for cell in cells) != COLUMNS:
        raise malformed("row 1", f"columns are {','.join(COLUMNS)}")


def _row(cells: list[str], number: int) -> dict[str, str]:
    if len(cells) != len(COLUMNS):
        raise malformed(f"row {number}", f"{len(COLUMNS)} cells are asked")
    return {name: unsafe_cell(cell) for name, cell in zip(COLUMNS, cells, strict=True)}


def _current(row: Mapping[str, str], number: int, problems: list[CsvProblem]) -> dict[str, Any]:
    since, until = interval_of(row["validity_period_of_mr_status"], number)
    if since is None:
        raise malformed(f"row {number}: validity_period_of_mr_status", "has no beginning")
    arcs, policies = oids_of(row["oid_of_mr_certificate_policy"], number)
    before = len(problems)
    roots, issuers = _authorities(row, number, problems)
    draft = len(problems) > before
    return _stated(
        entry=row["entry"],
        title={"zh": row["title_zh"], "en": row["title_en"]},
        regulator=row["regulator"],
        authority=row["authority"],
        status=RecognitionStatus.DRAFT.value if draft else row["status"],
        recognised_from=since,
        recognised_until=until,
        roots=roots,
        issuers=issuers,
        type_name=unquoted(row["certificate_type_name"]),
        policy_arcs=arcs or None,
        policies=policies or None,
        level=row["level"] or None,
        sources=lines(row["sources"]) or None,
        confidence=row["confidence"] or None,
    )


def _former(row: Mapping[str, str], number: int, problems: list[CsvProblem]) -> dict[str, Any]:
    since, until = interval_of(row["validity_period_of_mr_status"], number)
    before = len(problems)
    roots, issuers = _authorities(row, number, problems)
    undated = row["undated"] or None
    if len(problems) > before:
        # A former authority that is not pinned counts never; dates alone would not say so.
        since = until = None
        undated = "refuse"
    return _stated(roots=roots, issuers=issuers, since=since, until=until, undated=undated)


def _authorities(
    row: Mapping[str, str], number: int, problems: list[CsvProblem]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    return _pins(row, "root", number, problems), _pins(row, "signing", number, problems)


def _pins(row: Mapping[str, str], kind: str, number: int, problems: list[CsvProblem]) -> list[dict[str, str]]:
    names = row[f"{kind}_certificate"].split("\n")
    hashes = row[f"{kind}_sha256"].split("\n")
    if names == hashes == [""] and row["status"] != RecognitionStatus.ACTIVE:
        return []
    if len(hashes) > len(names):
        raise malformed(f"row {number}: {kind}_sha256", "more pins than names")
    pins: list[dict[str, str]] = []
    for name, sha256 in zip(names, hashes + [""] * (len(names) - len(hashes)), strict=True):
        if sha256.strip():
            pins.append(_stated(sha256=sha256.strip().lower(), name=name.strip() or None))
        else:
            problems.append(_unpinned(number, name.strip()))
    return pins


def _unpinned(number: int, name: str) -> CsvProblem:
    return CsvProblem(
        number=number,
        message_zh=f"证书“{name}”没有 SHA-256 指纹，名称不作匹配：该行不生效",
        message_en=f"certificate {name!r} has no SHA-256, and names are never matched: "
        "the row is not in force",
    )


def _stated(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def write_page(entries: tuple[TrustListEntry, ...]) -> bytes:
    """The entries as CSV in UTF-8 with BOM, safe to open in a spreadsheet.

    TrustListRefused (NOT_EXPRESSIBLE) for what a page cannot say, such as conditions beyond the five.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        for row in _page_rows(entry):
            writer.writerow([safe_cell(row.get(name, "")) for name in COLUMNS])
    raw = b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "surrogatepass")
    _refuse_unless_whole(raw, entries)
    return raw


def _refuse_unless_whole(raw: bytes, entries: tuple[TrustListEntry, ...]) -> None:
    """Read back, a page says what the entries say; what it lost would loosen them."""
    for entry, read in zip(entries, read_page(raw).entries, strict=True):
        data = entry_data(entry)
        for key in sorted(data.keys() | read.keys()):
            if data.get(key) != read.get(key):
                raise TrustListRefused(ExchangeCode.NOT_EXPRESSIBLE, entry=entry.identifier, element=key)


def _page_rows(entry: TrustListEntry) -> Iterator[dict[str, str]]:
    data = entry_data(entry)
    yield {
        **{name: data.get(name, "") for name in COLUMNS if isinstance(data.get(name, ""), str)},
        "kind": _CURRENT,
        "title_en": entry.title_en,
        "title_zh": entry.title_zh,
        "validity_period_of_mr_status": interval_text(entry.recognised_from, entry.recognised_until),
        **_pin_cells(entry.roots, entry.issuers),
        "certificate_type_name": quoted(entry.type_name),
        "oid_of_mr_certificate_policy": oids_text(entry.policy_arcs, entry.policies),
        "sources": "\n".join(entry.sources),
    }
    for row in entry.history:
        yield {
            "kind": _FORMER,
            "entry": entry.identifier,
            "validity_period_of_mr_status": interval_text(row.since, row.until),
            **_pin_cells(row.roots, row.issuers),
            "undated": "" if row.undated is None else row.undated.value,
        }


def _pin_cells(roots: tuple[AuthorityPin, ...], issuers: tuple[AuthorityPin, ...]) -> dict[str, str]:
    return {
        "root_certificate": "\n".join(pin.name for pin in roots),
        "root_sha256": "\n".join(pin.sha256 for pin in roots),
        "signing_certificate": "\n".join(pin.name for pin in issuers),
        "signing_sha256": "\n".join(pin.sha256 for pin in issuers),
    }
