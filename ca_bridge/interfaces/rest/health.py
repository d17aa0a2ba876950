"""GET /livez, /readyz, /metrics."""

from __future__ import annotations

from flask import Blueprint, Response

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.metrics import CONTENT_TYPE, Metrics
from ca_bridge.services.gateway import Gateway


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
        rows = [
            {"name": c.name, "passed": c.passed, "detail": {"zh": c.detail_zh, "en": c.detail_en}}
            for c in checks
        ]
        body = {"status": "ready" if ready else "not ready", "checks": rows}
        return json_response(body, 200 if ready else 503)

    @routes.get("/metrics")
    def expose() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE)

    return routes
