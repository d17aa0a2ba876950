"""The Flask application: routes put together, every error a problem document, every answer guarded."""

from __future__ import annotations

import re
import uuid
from time import perf_counter

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from ca_bridge.interfaces.rest import problems
from ca_bridge.interfaces.rest.certificates import certificate_routes
from ca_bridge.interfaces.rest.directory import directory_routes
from ca_bridge.interfaces.rest.documentation import documentation_routes
from ca_bridge.interfaces.rest.health import health_routes
from ca_bridge.interfaces.rest.metrics import Metrics
from ca_bridge.interfaces.rest.problems import Problem, problem_response
from ca_bridge.interfaces.rest.reading import RestLimits
from ca_bridge.services.gateway import Gateway

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_BY_STATUS = {int(kind.status): kind for kind in problems.KINDS if kind is not problems.UNUSABLE_QUESTION}
_log = structlog.get_logger("ca_bridge.rest")


def create_app(gateway: Gateway, limits: RestLimits | None = None) -> Flask:
    """The application over ``gateway``; holds no other state."""
    limits = limits or RestLimits()
    metrics = Metrics()
    app = Flask("ca_bridge", static_folder=None)
    app.url_map.strict_slashes = True
    app.register_blueprint(certificate_routes(gateway, limits, metrics))
    app.register_blueprint(directory_routes(gateway))
    app.register_blueprint(health_routes(gateway, metrics))
    app.register_blueprint(documentation_routes())
    _guard(app, metrics)
    return app


def _guard(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.started = perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.method == "POST" or response.status_code >= 400:  # noqa: PLR2004 - the error statuses
            response.headers["Cache-Control"] = "no-store"
        response.headers["X-Request-Id"] = g.request_id
        route = request.url_rule.rule if request.url_rule else None
        metrics.request(route, request.method, response.status_code, perf_counter() - g.started)
        return response

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return problem_response(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        response = problem_response(Problem(_BY_STATUS.get(status, problems.BAD_REQUEST)))
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(500)
    def defect(error: HTTPException) -> Response:
        # Where it broke and in which request; never what was sent.
        cause = getattr(error, "original_exception", None) or error
        _log.error("defect", request_id=g.request_id, kind=type(cause).__name__, where=_place(cause))
        return problem_response(Problem(problems.INTERNAL))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
