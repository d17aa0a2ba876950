"""The algorithm table from policies/algorithms.yaml, read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ca_bridge.adapters.policy_schema import read_schema, schema_problems
from ca_bridge.adapters.yaml_document import PolicyFileError, read_yaml
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading import Place


def read_algorithm_rules(path: Path, schema_path: Path) -> AlgorithmRules:
    """The table in ``path``, checked against the JSON Schema in ``schema_path``.

    PolicyFileError with every problem and its line: unknown keys, values out of range, days that do
    not exist, rows that name the same algorithm or overlapping key sizes twice.
    """
    document = read_yaml(path)
    schema = read_schema(schema_path)
    problems = schema_problems(document, schema) or tuple(
        document.problem(p.path, p.message_en, p.message_zh)
        for p in algorithm_problems(document.file, document.data)
    )
    if problems:
        raise PolicyFileError(*problems)
    return AlgorithmRules.from_data(document.data)


def algorithm_problems(document: str, data: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """What a schema cannot say of the table: days that do not exist, rows that say a thing twice."""
    for name, profile in data["profiles"].items():
        for table in ("signatures", "keys"):
            rows = profile[table]
            for index, row in enumerate(rows):
                where = Place(document).at("profiles", name, table, index)
                if not _is_day(row.get("until")):
                    yield where.at("until").problem("is not a day", "日期不存在")
                if any(_overlap(row, other) for other in rows[:index]):
                    yield where.problem("says again what a row above says", "与前面的行重复")
                if row.get("min_bits", 0) > row.get("max_bits", 0):
                    yield where.problem("min_bits is above max_bits", "min_bits 大于 max_bits")


def _is_day(until: str | None) -> bool:
    try:
        return until is None or bool(date.fromisoformat(until))
    except ValueError:
        return False


def _overlap(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows could both name one algorithm or key."""
    if "scheme" in row:
        return (row["scheme"], row.get("hash")) == (other["scheme"], other.get("hash"))
    sizes_meet = row["min_bits"] <= other["max_bits"] and other["min_bits"] <= row["max_bits"]
    return bool(row["type"] == other["type"] and sizes_meet)
