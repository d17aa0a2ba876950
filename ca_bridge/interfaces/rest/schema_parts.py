"""The pieces schemas are made of; every description is in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

OID = r"^([01]\.([1-3]?[0-9])|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*$"
SHA256 = r"^[0-9a-f]{64}$"


def both(en: str, zh: str) -> str:
    """A description in both languages."""
    return f"{en} / {zh}"


def text(en: str, zh: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": both(en, zh), **more}


def whole(en: str, zh: str, **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": both(en, zh), **more}


def flag(en: str, zh: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": both(en, zh)}


def choice(values: Iterable[str], en: str, zh: str) -> Schema:
    """One of a closed list of texts."""
    return text(en, zh, enum=[str(value) for value in values])


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema, en: str, zh: str, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": both(en, zh), **more}


def record(en: str, zh: str, properties: Schema, optional: frozenset[str] = frozenset()) -> Schema:
    """An object all of whose members but the ``optional`` ones are always there, and no others."""
    return {
        "type": "object",
        "description": both(en, zh),
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        made["enum"] = [*schema["enum"], None]
    return made


def languages(en: str, zh: str) -> Schema:
    """A text in both languages."""
    return record(en, zh, {"zh": text("Chinese.", "中文。"), "en": text("English.", "英文。")})


def sha256(en: str, zh: str) -> Schema:
    """A SHA-256 in lower-case hex."""
    return text(en, zh, pattern=SHA256)


def utc(en: str, zh: str) -> Schema:
    """An RFC 3339 time in UTC."""
    return text(en, zh, format="date-time")


def oids(en: str, zh: str, **more: Any) -> Schema:
    """A list of policy OIDs."""
    return array(text("A policy OID.", "策略 OID。", pattern=OID, maxLength=128), en, zh, **more)


POSITION: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "description": both(
        "0 = the target, counting up to the trust anchor; null = the whole path, or the question.",
        "0 为目标证书，向信任锚方向递增；null 表示整条路径或请求本身。",
    ),
}
