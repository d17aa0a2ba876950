"""GET /livez, /readyz, /metrics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.metrics import CONTENT_TYPE, Metrics
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.ports import Check


def health_routes(gateway: Gateway, metrics: Metrics) -> Blueprint:
    """The blueprint; readiness is the gateway's own diagnosis."""
    routes = Blueprint("health", __name__)

    @routes.get("/livez")
    def livez() -> Response:
        return json_response({"status": "live"})

    @routes.get("/readyz")
    def readyz() -> Response:
        checks = gateway.diagnosis()
        ready = all(check.passed for check in checks)
        body = {"status": "ready" if ready else "not ready", "checks": [check_row(c) for c in checks]}
        return json_response(body, 200 if ready else 503)

    @routes.get("/metrics")
    def expose() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE)

    return routes


def check_row(check: Check) -> dict[str, Any]:
    """One check as plain data."""
    return {
        "name": check.name,
        "passed": check.passed,
        "detail": {"zh": check.detail_zh, "en": check.detail_en},
        "facts": dict(check.facts),
    }
