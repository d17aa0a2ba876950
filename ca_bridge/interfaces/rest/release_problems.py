"""Refusals of releases as problem documents: status by kind, the code, both languages, and the remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, Response, g

from ca_bridge.interfaces.rest.attempt_limit import TooManyAttempts
from ca_bridge.interfaces.rest.problems import (
    NOT_FOUND,
    PROBLEM_TYPE,
    Problem,
    ProblemKind,
    problem_response,
)
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.impact.journal_port import JournalFailed
from ca_bridge.services.manage_recognition.fields import refusal_fields
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.release_errors import STALE_VERSION, RefusalKind, ReleaseRefused

MAX_PROBLEMS = 500
_RETRY_AFTER_S = 2
_CHALLENGE = 'Basic realm="ca-bridge", charset="UTF-8"'


def _kind(status: HTTPStatus, name: str, en: str, zh: str) -> ProblemKind:
    return ProblemKind(name=name, status=status, title_en=en, title_zh=zh)


UNAUTHENTICATED = _kind(
    HTTPStatus.UNAUTHORIZED, "unauthenticated", "Who asks is not proven", "未能证明请求者身份"
)
FORBIDDEN = _kind(HTTPStatus.FORBIDDEN, "forbidden", "This account may not do it", "该账号无权执行")
CONFLICT = _kind(HTTPStatus.CONFLICT, "conflict", "What was seen is no longer so", "所见内容已发生变化")
PRECONDITION_FAILED = _kind(
    HTTPStatus.PRECONDITION_FAILED, "precondition-failed", "Another version is there by now", "版本已更新"
)
REFUSED = _kind(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "The change is refused", "变更被拒绝")
PRECONDITION_REQUIRED = _kind(
    HTTPStatus.PRECONDITION_REQUIRED, "precondition-required", "Say which version was seen", "须指明所见版本"
)
TOO_MANY_ATTEMPTS = _kind(
    HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts", "Too many failed attempts", "失败次数过多"
)
UNAVAILABLE = _kind(
    HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "It could not be found out now", "目前无法确定"
)
RELEASE_KINDS = (
    UNAUTHENTICATED,
    FORBIDDEN,
    CONFLICT,
    PRECONDITION_FAILED,
    REFUSED,
    PRECONDITION_REQUIRED,
    TOO_MANY_ATTEMPTS,
    UNAVAILABLE,
)
_OF_REFUSAL: Mapping[RefusalKind, ProblemKind] = MappingProxyType(
    {
        RefusalKind.UNAUTHENTICATED: UNAUTHENTICATED,
        RefusalKind.FORBIDDEN: FORBIDDEN,
        RefusalKind.NOT_FOUND: NOT_FOUND,
        RefusalKind.CONFLICT: CONFLICT,
        RefusalKind.INVALID: REFUSED,
        RefusalKind.INDETERMINATE: UNAVAILABLE,
    }
)


def kind_of_refusal(refused: ReleaseRefused) -> ProblemKind:
    """The kind of problem a refusal is; a version that is no longer there is what If-Match failed on."""
    stale = refused.refusal is STALE_VERSION
    return PRECONDITION_FAILED if stale else _OF_REFUSAL[refused.refusal.kind]


def answer_refusals(routes: Blueprint) -> None:
    """Let ``routes`` answer everything its use cases refuse."""

    @routes.errorhandler(ReleaseRefused)
    def refused(error: ReleaseRefused) -> Response:
        return _refusal_response(error)

    @routes.errorhandler(UnusableQuestion)
    def unusable(error: UnusableQuestion) -> Response:
        return problem_response(Problem.of_question(error))

    @routes.errorhandler(TooManyAttempts)
    def limited(error: TooManyAttempts) -> Response:
        seconds = error.retry_after_s
        problem = Problem(
            TOO_MANY_ATTEMPTS, f"Try again after {seconds} second(s).", f"请在 {seconds} 秒后重试。"
        )
        return _with_header(problem_response(problem), "Retry-After", str(seconds))

    @routes.errorhandler(StoreUnavailable)
    def unavailable(_: StoreUnavailable) -> Response:
        problem = Problem(
            UNAVAILABLE,
            "The store did not answer. Look first whether the step was taken.",
            "存储没有响应。请先查看该步骤是否已执行。",
        )
        return _with_header(problem_response(problem), "Retry-After", str(_RETRY_AFTER_S))

    @routes.errorhandler(JournalFailed)
    def no_requests(_: JournalFailed) -> Response:
        problem = Problem(UNAVAILABLE, "The kept requests cannot be read.", "已留存的请求无法读取。")
        return _with_header(problem_response(problem), "Retry-After", str(_RETRY_AFTER_S))


def _refusal_response(refused: ReleaseRefused) -> Response:
    kind = kind_of_refusal(refused)
    body = json.dumps(refusal_document(refused, kind), ensure_ascii=False, separators=(",", ":"))
    response = Response(body, status=int(kind.status), content_type=PROBLEM_TYPE)
    if kind is UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = _CHALLENGE
    if kind is UNAVAILABLE:
        response.headers["Retry-After"] = str(_RETRY_AFTER_S)
    return response


def refusal_document(refused: ReleaseRefused, kind: ProblemKind) -> dict[str, object]:
    """The members of the document; of a long list of problems the first 500, the detail has the count."""
    fields = refusal_fields(refused)
    document: dict[str, object] = {
        "type": f"/problems/{kind.name}",
        "title": kind.title_en,
        "title_zh": kind.title_zh,
        "status": int(kind.status),
        "detail": fields["message_en"],
        "detail_zh": fields["message_zh"],
        "remedy": fields["remedy_en"],
        "remedy_zh": fields["remedy_zh"],
        "code": fields["code"],
        "params": fields["params"],
        "instance": f"urn:request:{g.request_id}",
    }
    if refused.problems:
        document["problems"] = fields["problems"][:MAX_PROBLEMS]
    return document


def _with_header(response: Response, name: str, value: str) -> Response:
    response.headers[name] = value
    return response
