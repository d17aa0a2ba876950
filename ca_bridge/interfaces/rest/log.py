"""GET what proves receipts: public keys, signed heads of the log, proofs; the bridge CA's files."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.problems import BAD_REQUEST, LOG_AWAY, NOT_FOUND, Problem, problem_response
from ca_bridge.services.audit.errors import NotInLog
from ca_bridge.services.decision_log.public_log import PublicLog
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.gateway import Published

_NUMBER = re.compile("0|[1-9][0-9]{0,17}", re.ASCII)


def log_routes(log: PublicLog | None, published: Published | None) -> Blueprint:
    """The blueprint; without a log or a bridge CA there is nothing at these places."""
    routes = Blueprint("log", __name__)

    @routes.get("/v1/keys")
    def keys() -> Response:
        return json_response(_there(log).keys())

    @routes.get("/v1/log/checkpoint")
    def checkpoint() -> Response:
        note = _there(log).checkpoint()
        if note is None:
            raise _nothing()
        return Response(note, content_type="text/plain; charset=utf-8")

    @routes.get("/v1/log/consistency")
    def consistency() -> Response:
        return json_response(_there(log).consistency(_number("first"), _number("second")))

    @routes.get("/v1/log/inclusion")
    def inclusion() -> Response:
        return json_response(_there(log).inclusion(_number("index"), _number("tree_size")))

    @routes.get("/pki/<name>")
    def pki(name: str) -> Response:
        found = None if published is None else published(name)
        if found is None:
            raise _nothing()
        body, kind = found
        return Response(body, content_type=kind)

    @routes.errorhandler(NotInLog)
    def not_in_log(_: NotInLog) -> Response:
        problem = Problem(NOT_FOUND, "The log has no such place or size.", "日志中没有该位置或大小。")
        return problem_response(problem)

    @routes.errorhandler(GatewayError)
    def unavailable(_: GatewayError) -> Response:
        return problem_response(Problem(LOG_AWAY, "Try again in a few seconds.", "请数秒后重试。"))

    return routes


def _number(name: str) -> int:
    """The whole number given once under ``name``."""
    given = request.args.getlist(name)
    if len(given) != 1 or not _NUMBER.fullmatch(given[0]):
        raise Problem(BAD_REQUEST, f"Give {name} once, a whole number.", f"请以整数给出 {name}，且仅一次。")
    return int(given[0])


def _there(log: PublicLog | None) -> PublicLog:
    if log is None:
        raise _nothing()
    return log


def _nothing() -> Problem:
    return Problem(NOT_FOUND, "Nothing of this kind is kept here.", "此处没有该内容。")
