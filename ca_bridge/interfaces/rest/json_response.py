"""JSON answers: UTF-8, fixed key order, never cached when they are verdicts."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_response(data: Any, status: int = 200) -> Response:
    """``data`` as application/json."""
    return Response(_ENCODER.encode(data) + "\n", status=status, content_type="application/json")
