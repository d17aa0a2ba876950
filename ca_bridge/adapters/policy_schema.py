"""Policy files against the JSON Schemas of policies/schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator

from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument
from ca_bridge.services.policy_report import DocumentProblem, KeyPath, PolicyProblem

_LONGEST = 300
_ZH: Mapping[str, str] = MappingProxyType(
    {
        "type": "类型不对",
        "enum": "不在可选值之列",
        "pattern": "格式不对",
        "not": "含有不允许的内容",
        "minItems": "项数过少",
        "maxItems": "项数过多",
        "uniqueItems": "有重复的项",
        "minLength": "不能为空",
        "maxLength": "过长",
        "minimum": "数值过小",
        "maximum": "数值过大",
        "required": "缺少必填的键",
        "dependentRequired": "缺少相关的键",
    }
)


def _unique_items(
    validator: Any,  # noqa: ARG001 - the shape the library calls
    unique: Any,
    instance: Any,
    schema: Any,  # noqa: ARG001
) -> Iterator[ValidationError]:
    """The keyword in one pass: the library's own compares every pair of a mixed list."""
    if unique and isinstance(instance, list) and len({_canonical(item) for item in instance}) < len(instance):
        yield ValidationError("items stand twice")


def _canonical(item: Any) -> str:
    return json.dumps(item, sort_keys=True, separators=(",", ":"), default=str)


PolicyValidator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"uniqueItems": _unique_items}
)
"""Draft 2020-12, each keyword in time that grows with the document."""
MAX_PROBLEMS = 1_000
_LONGEST_KEY = 100


def read_schema(path: Path) -> Mapping[str, Any]:
    """A JSON Schema of policies/schema; PolicyFileError when the file is none."""
    try:
        schema = json.loads(path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
    except (OSError, ValueError, RecursionError, SchemaError) as error:
        raise PolicyFileError(
            PolicyProblem(
                file=f"schema/{path.name}",
                line=1,
                message_en="cannot be read as a JSON Schema: is this a policies folder?",
                message_zh="无法作为 JSON Schema 读取：这是策略目录吗？",
            )
        ) from error
    found: Mapping[str, Any] = schema
    return found


def schema_problems(document: YamlDocument, schema: Mapping[str, Any]) -> tuple[PolicyProblem, ...]:
    """Everything in ``document`` that the schema refuses, by line; unknown keys one by one."""
    refused = data_problems(document.file, document.data, PolicyValidator(schema))
    problems = (document.problem(p.path, p.message_en, p.message_zh) for p in refused)
    return tuple(sorted(problems, key=lambda p: (p.line, p.message_en)))


def data_problems(name: str, data: Any, validator: Validator) -> Iterator[DocumentProblem]:
    """What in plain data of document ``name`` the schema refuses, unknown keys one by one, at most 1,000."""
    refused = chain.from_iterable(map(_refusals, validator.iter_errors(data)))
    for path, en, zh in islice(refused, MAX_PROBLEMS):
        yield DocumentProblem(document=name, path=path, message_en=en, message_zh=zh)


def _refusals(error: ValidationError) -> Iterator[tuple[KeyPath, str, str]]:
    where = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema["properties"] if isinstance(error.schema, dict) else {}
        for key in error.instance:
            if key not in known:
                shown = key[:_LONGEST_KEY] if isinstance(key, str) else key
                yield (*where, str(shown)), f"unknown key {shown!r}", f"未知的键 {shown!r}"
        return
    field = ".".join(map(str, where))
    yield (
        where,
        f"{field or 'the file'}: {error.message[:_LONGEST]}",
        f"{field or '文件'}：{_ZH.get(str(error.validator), '不符合规则')}（{error.validator}）",
    )
