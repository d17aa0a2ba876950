"""Request bodies to questions: bounded in bytes, type, depth and counts before anything is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Request

from ca_bridge.core.reasons import service
from ca_bridge.interfaces.rest.problems import (
    BAD_REQUEST,
    LENGTH_REQUIRED,
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    UNUSABLE_QUESTION,
    Problem,
)
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import read_object, refuse_repetition

_JSON = re.compile(r'application/json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)
MAX_ITEMS = 1_000
MAX_COUNTS = {"intermediates": 256, "crls": 64, "ocsp_responses": 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class RestLimits:
    """How many bytes a body may have."""

    request_max_bytes: int = 2 << 20
    batch_max_bytes: int = 16 << 20


def read_body(request: Request, max_bytes: int) -> dict[str, Any]:
    """The JSON object of the body; Problem when it is of another type, too large, or not one."""
    if not _JSON.fullmatch(request.headers.get("Content-Type", "").strip()):
        raise Problem(UNSUPPORTED_TYPE, "Send Content-Type: application/json.", "请使用 application/json。")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(UNSUPPORTED_TYPE, "Send the body without a content encoding.", "请勿压缩请求体。")
    if request.content_length is None and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        raise Problem(LENGTH_REQUIRED, "Send Content-Length.", "请提供 Content-Length。")
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    body = request.stream.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise _too_large(max_bytes)
    if not body:
        raise Problem(BAD_REQUEST, "The body is empty.", "请求体为空。")
    try:
        fields = read_object(body, max_bytes)
        refuse_repetition(fields)
    except UnusableQuestion as error:
        raise Problem.of_question(error) from error
    return fields


def as_object(item: object) -> dict[str, Any]:
    """``item`` if it is a JSON object; UnusableQuestion otherwise."""
    if not isinstance(item, dict):
        raise UnusableQuestion(service.LINE_NOT_AN_OBJECT)
    return item


def limit_counts(fields: dict[str, Any]) -> None:
    """UnusableQuestion when a list has more entries than a remote caller may send."""
    for name, most in MAX_COUNTS.items():
        value = fields.get(name)
        if isinstance(value, list) and len(value) > most:
            raise UnusableQuestion(service.FIELD_TOO_MANY, field=name, max_count=str(most))


def read_items(fields: dict[str, Any]) -> list[Any]:
    """The questions of a batch; Problem unless ``items`` is a list of 1 to 1,000."""
    unknown = sorted(fields.keys() - {"items"})
    items = fields.get("items")
    if unknown or not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        raise Problem(
            UNUSABLE_QUESTION,
            f"Send one field, items, with a list of 1 to {MAX_ITEMS} questions.",
            f"请只提交字段 items，内容为 1 至 {MAX_ITEMS} 个问题的列表。",
        )
    return items


def _too_large(max_bytes: int) -> Problem:
    return Problem(TOO_LARGE, f"At most {max_bytes} bytes are read.", f"最多读取 {max_bytes} 字节。")
