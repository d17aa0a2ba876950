"""Problem documents, RFC 9457: what a caller sent that cannot be answered, and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from flask import Response, g

from ca_bridge.core.reasons.format import PRIVATE_KEY_IN_INPUT
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.reasons.service import LINE_TOO_LARGE
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.messages import Language, message, remedy

PROBLEM_TYPE = "application/problem+json"
_RETRY_AFTER_S = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """One kind of problem: the last part of its type URI, status, and titles."""

    name: str
    status: HTTPStatus
    title_en: str
    title_zh: str


class Problem(Exception):
    """A request that ends in a problem document."""

    def __init__(self, kind: ProblemKind, detail_en: str = "", detail_zh: str = "", code: str = "") -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.detail_en = detail_en
        self.detail_zh = detail_zh
        self.code = code

    @classmethod
    def of_question(cls, error: UnusableQuestion) -> Problem:
        """The problem an unusable question is, with its reason and remedy."""
        return cls._of(error.finding)

    @classmethod
    def of_material(cls, error: Malformed) -> Problem:
        """The problem material is that cannot be read as anything."""
        return cls._of(Finding(reason=error.reason, params=error.params))

    @classmethod
    def _of(cls, finding: Finding) -> Problem:
        en = f"{message(finding, Language.EN)} {remedy(finding, Language.EN)}"
        zh = f"{message(finding, Language.ZH)}{remedy(finding, Language.ZH)}"
        return cls(_OF_REASON.get(finding.reason, UNUSABLE_QUESTION), en, zh, finding.reason.code)


def _kind(name: str, status: HTTPStatus, en: str, zh: str) -> ProblemKind:
    return ProblemKind(name=name, status=status, title_en=en, title_zh=zh)


UNUSABLE_QUESTION = _kind(
    "unusable-question", HTTPStatus.BAD_REQUEST, "The question cannot be used", "请求内容无法使用"
)
PRIVATE_KEY = _kind("private-key", HTTPStatus.BAD_REQUEST, "A private key was sent", "请求中含有私钥")
BAD_REQUEST = _kind("bad-request", HTTPStatus.BAD_REQUEST, "The request cannot be read", "请求无法读取")
NOT_FOUND = _kind("not-found", HTTPStatus.NOT_FOUND, "There is nothing here", "资源不存在")
METHOD_NOT_ALLOWED = _kind(
    "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "The method is not allowed here", "不允许使用该方法"
)
REQUEST_TIMEOUT = _kind(
    "request-timeout", HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time", "请求体未按时到达"
)
TOO_LARGE = _kind(
    "content-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large", "请求体过大"
)
URI_TOO_LONG = _kind("uri-too-long", HTTPStatus.REQUEST_URI_TOO_LONG, "The URI is too long", "URI 过长")
UNSUPPORTED_TYPE = _kind(
    "unsupported-media-type",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "The body must be application/json",
    "请求体必须是 application/json",
)
NOT_OFFERED = _kind(
    "receipts-not-offered",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "No receipts are given here",
    "本网关不提供回执",
)
NO_RECEIPT = _kind(
    "receipt-unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "A receipt cannot be signed now",
    "目前无法签署回执",
)
LOG_AWAY = _kind(
    "log-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "The log cannot be reached now", "目前无法访问日志"
)
INTERNAL = _kind("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "A defect of the gateway", "网关内部错误")

KINDS = (
    UNUSABLE_QUESTION,
    PRIVATE_KEY,
    BAD_REQUEST,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    REQUEST_TIMEOUT,
    TOO_LARGE,
    URI_TOO_LONG,
    UNSUPPORTED_TYPE,
    NOT_OFFERED,
    NO_RECEIPT,
    LOG_AWAY,
    INTERNAL,
)
_OF_REASON: Mapping[Reason, ProblemKind] = MappingProxyType(
    {LINE_TOO_LARGE: TOO_LARGE, PRIVATE_KEY_IN_INPUT: PRIVATE_KEY}
)


def problem_fields(problem: Problem) -> dict[str, object]:
    """The members of the document, RFC 9457 §3.1; zh beside en."""
    kind = problem.kind
    fields: dict[str, object] = {
        "type": f"/problems/{kind.name}",
        "title": kind.title_en,
        "title_zh": kind.title_zh,
        "status": int(kind.status),
    }
    if problem.detail_en:
        fields |= {"detail": problem.detail_en, "detail_zh": problem.detail_zh}
    if problem.code:
        fields["code"] = problem.code
    fields["instance"] = f"urn:request:{g.request_id}"
    return fields


def problem_response(problem: Problem) -> Response:
    """The HTTP answer for a problem."""
    body = json.dumps(problem_fields(problem), ensure_ascii=False, separators=(",", ":"))
    response = Response(body, status=int(problem.kind.status), content_type=PROBLEM_TYPE)
    if problem.kind.status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_AFTER_S
    return response
