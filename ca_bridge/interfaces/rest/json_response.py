"""JSON answers: UTF-8, fixed key order, never cached when they are verdicts."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_response(data: Any, status: int = 200) -> Response:
    """``data`` as application/json."""
    return Response(_ENCODER.encode(data) + "\n", status=status, content_type="application/json")


def json_text(data: Any, receipt: bytes | None = None) -> str:
    """``data`` (an object with members) as JSON; ``receipt``, JSON already, becomes its last member."""
    text = _ENCODER.encode(data)
    return text if receipt is None else f'{text[:-1]},"receipt":{receipt.decode()}}}'


def text_response(text: str) -> Response:
    """JSON that is text already."""
    return Response(text + "\n", content_type="application/json")
