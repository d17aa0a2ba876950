"""GET /livez, /readyz, /metrics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.metrics import CONTENT_TYPE, Metrics
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.ports import Check

READY, DEGRADED, NOT_READY = "ready", "degraded", "not ready"


def health_routes(gateway: Gateway, metrics: Metrics) -> Blueprint:
    """The blueprint; readiness is the gateway's own diagnosis."""
    routes = Blueprint("health", __name__)

    @routes.get("/livez")
    def livez() -> Response:
        return json_response({"status": "live"})

    @routes.get("/readyz")
    def readyz() -> Response:
        checks = gateway.diagnosis()
        status = _status(checks)
        body = {"status": status, "checks": [check_row(c) for c in checks]}
        return json_response(body, 503 if status == NOT_READY else 200)

    @routes.get("/metrics")
    def expose() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE)

    return routes


def _status(checks: tuple[Check, ...]) -> str:
    """A node whose signing key is away still gives verdicts: it stays, and says what is amiss."""
    if all(check.passed for check in checks):
        return READY
    return DEGRADED if all(check.passed or not check.needed for check in checks) else NOT_READY


def check_row(check: Check) -> dict[str, Any]:
    """One check as plain data."""
    return {
        "name": check.name,
        "passed": check.passed,
        "detail": {"zh": check.detail_zh, "en": check.detail_en},
        "facts": dict(check.facts),
    }
