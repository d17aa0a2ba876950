"""The Flask application: routes put together, every error a problem document, every answer guarded."""

from __future__ import annotations

import re
import uuid
from time import perf_counter
from types import TracebackType

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ca_bridge.interfaces.rest import problems
from ca_bridge.interfaces.rest.attempt_limit import AttemptLimit
from ca_bridge.interfaces.rest.certificates import certificate_routes
from ca_bridge.interfaces.rest.defects import log_defect
from ca_bridge.interfaces.rest.directory import directory_routes
from ca_bridge.interfaces.rest.documentation import documentation_routes
from ca_bridge.interfaces.rest.health import health_routes
from ca_bridge.interfaces.rest.log import log_routes
from ca_bridge.interfaces.rest.metrics import Metrics
from ca_bridge.interfaces.rest.problems import Problem, problem_response
from ca_bridge.interfaces.rest.reading import RestLimits
from ca_bridge.interfaces.rest.releases import absent_release_routes, release_routes
from ca_bridge.services.gateway import Gateway

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_URI_CHARS = 2_048
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_BY_STATUS = {int(kind.status): kind for kind in reversed(problems.KINDS)} | {400: problems.BAD_REQUEST}

_ExcInfo = tuple[type, BaseException, TracebackType] | tuple[None, None, None]


class _Application(Flask):
    def log_exception(self, exc_info: _ExcInfo) -> None:
        """Leave it to ``defect`` below: a traceback's texts may quote what was sent."""


def create_app(
    gateway: Gateway, limits: RestLimits | None = None, attempts: AttemptLimit | None = None
) -> Flask:
    """The application over ``gateway``; holds no other state but metrics and failed ``attempts``."""
    limits = limits or RestLimits()
    metrics = Metrics()
    if gateway.shadow is not None:
        gateway.shadow.listen(metrics.shadow)
    if gateway.recorder is not None:
        gateway.recorder.listen(metrics.journal)
    app = _Application("ca_bridge", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.register_blueprint(certificate_routes(gateway, limits, metrics))
    app.register_blueprint(directory_routes(gateway))
    app.register_blueprint(health_routes(gateway, metrics))
    if gateway.releases is None:
        app.register_blueprint(absent_release_routes())
    else:
        app.register_blueprint(release_routes(gateway.releases, limits, attempts))
    app.register_blueprint(log_routes(gateway.log, gateway.published))
    app.register_blueprint(documentation_routes())
    _guard(app, metrics)
    _answer_errors(app)
    return app


def _guard(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        g.started = perf_counter()
        given = request.headers.get("X-Request-Id", "")
        g.request_named = _REQUEST_ID.fullmatch(given) is not None
        g.request_id = given if g.request_named else uuid.uuid4().hex
        if len(request.path) + len(request.query_string) > _MAX_URI_CHARS:
            raise Problem(
                problems.URI_TOO_LONG,
                f"At most {_MAX_URI_CHARS} characters are read.",
                f"最多读取 {_MAX_URI_CHARS} 个字符。",
            )

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.request_id
        route = request.url_rule.rule if request.url_rule else None
        metrics.request(route, request.method, response.status_code, perf_counter() - g.started)
        return response


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return problem_response(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        response = problem_response(Problem(_BY_STATUS.get(error.code or 400, problems.BAD_REQUEST)))
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(500)
    def defect(error: HTTPException) -> Response:
        log_defect(getattr(error, "original_exception", None) or error)
        return problem_response(Problem(problems.INTERNAL))
