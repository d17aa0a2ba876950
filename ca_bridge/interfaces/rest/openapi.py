"""The OpenAPI 3.1 document of the REST interface; docs/openapi.json is its committed copy."""

from __future__ import annotations

from typing import Any

from ca_bridge.interfaces.rest import examples
from ca_bridge.interfaces.rest.log_openapi import TAG, log_paths
from ca_bridge.interfaces.rest.release_openapi import SECURITY_SCHEMES, TAGS, release_paths
from ca_bridge.interfaces.rest.schema_parts import Schema, both, ref, text
from ca_bridge.interfaces.rest.schemas import components

VERSION = "1.0.0"
_OF_LOG = (422, 503)
"""No receipts are offered; the decision could not be written down, or its receipt not signed."""
_REQUEST_ID = r"^[A-Za-z0-9._-]{1,64}$"


def document() -> dict[str, Any]:
    """The whole document; the same at every call."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ca-bridge",
            "version": VERSION,
            "summary": "May this certificate be relied on, for this, at this time? / 能否信赖这张证书？",
            "description": (
                "Send a certificate, get a verdict that can be acted on. Only TOTAL_PASSED is a yes. Every "
                "no carries its reason, the clause, and the step that mends it, in Chinese and English. "
                "Personal identity numbers are answered masked; what is sent is never logged.\n\n"
                "提交证书，得到可据以行动的结论。仅 TOTAL_PASSED 表示可以信赖；"
                "否则给出原因、依据条款与中英文处理步骤。个人证件号码仅以遮蔽形式返回；提交的内容不记入日志。"
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": both("This gateway", "本网关")}],
        "tags": [
            {"name": "certificates", "description": both("Validation and inspection", "验证与查看")},
            {"name": "directory", "description": both("Domains and reasons", "信任域与原因")},
            {"name": "health", "description": both("For operators", "运维")},
            TAG,
            *TAGS,
        ],
        "paths": _paths() | log_paths() | release_paths(),
        "components": {
            "schemas": components(),
            "headers": {"RequestId": _request_id_header()},
            "parameters": {"RequestId": _request_id_parameter()},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _paths() -> Schema:
    return {
        "/v1/certificates:validate": {"post": _validate()},
        "/v1/certificates:validateBatch": {"post": _validate_batch()},
        "/v1/certificates:inspect": {"post": _inspect()},
        "/v1/domains": {
            "get": _get("listDomains", "directory", both("Trust domains", "信任域"), _json("Domains"))
        },
        "/v1/reasons": {
            "get": _get(
                "listReasons", "directory", both("The reason catalogue", "原因目录"), _json("Reasons")
            )
        },
        "/v1/reasons/{code}": {
            "get": _named("getReason", "code", both("One reason", "单个原因"), "ReasonRow", "TARGET_REVOKED")
        },
        "/problems/{name}": {
            "get": _named(
                "getProblem", "name", both("One kind of problem", "问题类型"), "ProblemKind", "not-found"
            )
        },
        "/livez": {"get": _get("live", "health", both("The process answers", "存活"), _json("Live"))},
        "/readyz": {"get": _ready()},
        "/metrics": {"get": _metrics()},
        "/openapi.json": {
            "get": _get("openapi", "health", both("This document", "本文档"), _content({"type": "object"}))
        },
    }


def _content(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _json(name: str) -> Schema:
    return _content(ref(name))


def _answer(description: str, content: Schema) -> Schema:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    return {"description": description, "headers": headers, "content": content}


def _problems(*statuses: int) -> Schema:
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {str(s): _answer(both("Problem document", "问题文档"), content) for s in statuses}


def _operation(name: str, tag: str, summary: str, content: Schema) -> Schema:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "parameters": [{"$ref": "#/components/parameters/RequestId"}],
        "responses": {"200": _answer(summary, content)},
    }


def _get(name: str, tag: str, summary: str, content: Schema) -> Schema:
    operation = _operation(name, tag, summary, content)
    operation["responses"] |= _problems(405, 414, 500)
    return operation


def _named(name: str, parameter: str, summary: str, answer: str, example: str) -> Schema:
    operation = _operation(name, "directory", summary, _json(answer))
    operation["parameters"].append(
        {
            "name": parameter,
            "in": "path",
            "required": True,
            "description": summary,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
            "example": example,
        }
    )
    operation["responses"] |= _problems(404, 405, 414, 500)
    return operation


def _post(name: str, summary: str, body: str, answer: str, example: Schema, *also: int) -> Schema:
    operation = _operation(name, "certificates", summary, _json(answer))
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": ref(body), "example": example}},
    }
    operation["responses"] |= _problems(400, 405, 408, 413, 414, 415, *also, 500)
    return operation


def _validate() -> Schema:
    summary = both("Validate one certificate", "验证一张证书")
    operation = _post("validateCertificate", summary, "Question", "Answer", examples.question(), *_OF_LOG)
    operation["description"] = both(
        "Anchors come from the domain alone: a question that brings its own is refused, and so is the "
        "algorithm profile legacy. At most 2 MB.",
        "信任锚只来自信任域：自带信任锚或要求 legacy 算法配置的请求会被拒绝。至多 2 MB。",
    )
    return operation


def _validate_batch() -> Schema:
    summary = both("Validate up to 1,000 certificates", "批量验证（至多 1000 张）")
    operation = _post(
        "validateBatch", summary, "QuestionBatch", "AnswerBatch", examples.question_batch(), *_OF_LOG
    )
    operation["description"] = both(
        "Each is judged apart: one that cannot be judged is answered in its place with a reason of "
        "sub-indication FORMAT_FAILURE and fails no other. At most 16 MB.",
        "逐项判定，互不影响：无法判定的一项在原位置以 FORMAT_FAILURE 原因答复。至多 16 MB。",
    )
    return operation


def _inspect() -> Schema:
    summary = both(
        "Look into a certificate, CRL, OCSP response or bundle", "查看证书、CRL、OCSP 响应或证书包"
    )
    operation = _post("inspect", summary, "Material", "Inspection", examples.material())
    operation["description"] = both(
        "Nothing is judged: no signature is checked and no trust is asked for.",
        "仅解析，不作判断：不验证签名，也不涉及信任。",
    )
    return operation


def _ready() -> Schema:
    summary = both(
        "Ready to judge: SM2 engine, self-test, domains, anchors", "就绪：SM2 引擎、自检、信任域、信任锚"
    )
    operation = _get("ready", "health", summary, _json("Readiness"))
    operation["responses"]["503"] = _answer(both("Not ready", "未就绪"), _json("Readiness"))
    return operation


def _metrics() -> Schema:
    content = {"text/plain": {"schema": text("Prometheus text format.", "Prometheus 文本格式。")}}
    return _get("metrics", "health", both("Prometheus metrics", "监控指标"), content)


def _request_id_parameter() -> Schema:
    return {
        "name": "X-Request-Id",
        "in": "header",
        "required": False,
        "description": both(
            "The caller's own name for the request; one of another form is replaced.",
            "调用方自定的请求编号；格式不符时由网关另行编号。",
        ),
        "schema": {"type": "string"},
        "example": "order-1024",
    }


def _request_id_header() -> Schema:
    return {
        "description": both("Name of the request, as in the logs.", "请求编号，与日志一致。"),
        "required": True,
        "schema": {"type": "string", "pattern": _REQUEST_ID},
    }
