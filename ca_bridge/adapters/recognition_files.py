"""Policy documents as plain data, wherever they come from, checked by schema and by meaning."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema.protocols import Validator

from ca_bridge.adapters.algorithm_file import algorithm_problems
from ca_bridge.adapters.policy_schema import PolicyValidator, data_problems, read_schema
from ca_bridge.services.policy_report import DocumentProblem, KeyPath
from ca_bridge.services.recognition_reading import DocumentKind, Place, kind_of, meaning_problems

MAX_DOCUMENTS = 10_000
_MAX_DEPTH = 32
_MOST_PROBLEMS = 1_000
_MAX_WHOLE = 1 << 53
_MAX_NAME = 200
_ALGORITHMS = "algorithms.yaml"
_SCHEMAS: Mapping[DocumentKind, str] = MappingProxyType(
    {
        DocumentKind.DOMAIN: "domain",
        DocumentKind.AGREEMENT: "agreement",
        DocumentKind.TRUST_LIST: "trust-list",
        DocumentKind.BLOCKLIST: "blocklist",
        DocumentKind.IDENTITY_REGISTRY: "identity-registry",
        DocumentKind.ALGORITHMS: "algorithms",
    }
)


def check_documents(
    documents: Mapping[str, Any], schema_dir: Path, *, unread: Collection[str] = ()
) -> tuple[DocumentProblem, ...]:
    """Everything wrong in ``documents`` (plain data by name), by document and path; () = all are right.

    A document that its schema refuses, or that ``unread`` names, is not judged further, and what refers
    to it is let be.
    PolicyFileError when a schema of ``schema_dir`` cannot be read.
    """
    if len(documents) > MAX_DOCUMENTS:
        en, zh = f"more than {MAX_DOCUMENTS} documents", f"文件超过 {MAX_DOCUMENTS} 份"
        return (Place("*").problem(en, zh),)
    schemas = _Schemas(schema_dir)
    problems: list[DocumentProblem] = []
    sound: dict[str, Any] = {}
    for name, data in documents.items():
        found = tuple(_form_problems(name, data, schemas))
        problems.extend(found)
        if len(problems) > _MOST_PROBLEMS:
            return tuple(sorted(problems[:_MOST_PROBLEMS], key=_order))
        if not found:
            sound[name] = data
    problems.extend(meaning_problems(sound, (documents.keys() - sound.keys()) | set(unread)))
    if _ALGORITHMS in sound:
        problems.extend(algorithm_problems(_ALGORITHMS, sound[_ALGORITHMS]))
    return tuple(sorted(problems, key=_order))


def _order(problem: DocumentProblem) -> tuple[str, tuple[tuple[int, int, str], ...], str]:
    """Indexes in the order of numbers, keys in the order of text."""
    path = tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in problem.path)
    return problem.document, path, problem.message_en


class _Schemas:
    """The validator of each kind, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[DocumentKind, Validator] = {}

    def validator(self, kind: DocumentKind) -> Validator:
        """The validator; PolicyFileError when the schema cannot be read."""
        if kind not in self._made:
            schema = read_schema(self._folder / f"{_SCHEMAS[kind]}.schema.json")
            self._made[kind] = PolicyValidator(schema)
        return self._made[kind]


def _form_problems(name: str, data: Any, schemas: _Schemas) -> Iterator[DocumentProblem]:
    kind = kind_of(name) if len(name) <= _MAX_NAME and name.isprintable() else None
    if kind is None:
        yield Place(name[:_MAX_NAME]).problem("is not the name of a policy document", "不是策略文件的名称")
        return
    strange = next(_strange_values(Place(name), data), None)
    if strange is not None:
        yield strange
        return
    yield from data_problems(name, data, schemas.validator(kind))


def _strange_values(place: Place, data: Any) -> Iterator[DocumentProblem]:
    """Values that YAML or JSON can carry and no policy needs: they could not be hashed or shown."""
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > _MAX_DEPTH:
            yield place.problem("is nested too deep", "嵌套过深")
            return
        if isinstance(value, dict):
            waiting.extend(((*path, str(key)), key) for key in value if not _is_plain(key))
            waiting.extend(((*path, str(key)), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(value))
        elif not _is_plain(value):
            yield place.at(*path).problem("holds a value that cannot be kept", "含有无法保存的值")


def _is_plain(value: Any) -> bool:
    """Whether canonical JSON can say it."""
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < _MAX_WHOLE
    return value is None
