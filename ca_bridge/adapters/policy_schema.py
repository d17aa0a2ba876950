"""Policy files against the JSON Schemas of policies/schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

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
    refused = data_problems(document.file, document.data, Draft202012Validator(schema))
    problems = (document.problem(p.path, p.message_en, p.message_zh) for p in refused)
    return tuple(sorted(problems, key=lambda p: (p.line, p.message_en)))


def data_problems(name: str, data: Any, validator: Draft202012Validator) -> Iterator[DocumentProblem]:
    """Everything in the plain data of document ``name`` that the schema refuses; unknown keys one by one."""
    for error in validator.iter_errors(data):
        for path, en, zh in _refusals(error):
            yield DocumentProblem(document=name, path=path, message_en=en, message_zh=zh)


def _refusals(error: ValidationError) -> Iterator[tuple[KeyPath, str, str]]:
    where = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema["properties"] if isinstance(error.schema, dict) else {}
        for key in error.instance:
            if key not in known:
                yield (*where, str(key)), f"unknown key {key!r}", f"未知的键 {key!r}"
        return
    field = ".".join(map(str, where))
    yield (
        where,
        f"{field or 'the file'}: {error.message[:_LONGEST]}",
        f"{field or '文件'}：{_ZH.get(str(error.validator), '不符合规则')}（{error.validator}）",
    )
