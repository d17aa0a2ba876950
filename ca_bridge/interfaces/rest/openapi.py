"""The OpenAPI 3.1 document of the REST interface; docs/openapi.json is its committed copy."""

from __future__ import annotations

from typing import Any

from ca_bridge.interfaces.rest.schemas import Schema, array, components, record, ref, text

VERSION = "1.0.0"
_EXAMPLE = "MIIB...base64 of the DER certificate..."


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
                "no carries its reason, the clause, and the step that mends it, in Chinese and English.\n\n"
                "提交证书，得到可据以行动的结论。仅 TOTAL_PASSED 表示可以信赖；"
                "否则给出原因、依据条款与中英文处理步骤。"
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "certificates", "description": "Validation and inspection / 验证与查看"},
            {"name": "directory", "description": "Domains and reasons / 信任域与原因"},
            {"name": "health", "description": "For operators / 运维"},
        ],
        "paths": _paths(),
        "components": {"schemas": components()},
    }


def _paths() -> Schema:
    return {
        "/v1/certificates:validate": {"post": _validate()},
        "/v1/certificates:validateBatch": {"post": _validate_batch()},
        "/v1/certificates:inspect": {"post": _inspect()},
        "/v1/domains": {"get": _get("listDomains", "directory", "Trust domains / 信任域", _domains())},
        "/v1/reasons": {
            "get": _get("listReasons", "directory", "The reason catalogue / 原因目录", _reasons())
        },
        "/v1/reasons/{code}": {"get": _one_of("getReason", "code", "One reason / 单个原因", _reason_row())},
        "/problems/{name}": {
            "get": _one_of("getProblem", "name", "One kind of problem / 问题类型", _problem_row())
        },
        "/livez": {"get": _get("live", "health", "The process answers / 存活", _live())},
        "/readyz": {"get": _ready()},
        "/metrics": {"get": _metrics()},
        "/openapi.json": {"get": _get("openapi", "health", "This document / 本文档", {"type": "object"})},
    }


def _json(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> Schema:
    body = {"application/problem+json": {"schema": ref("Problem")}}
    return {str(s): {"description": "Problem document (RFC 9457)", "content": body} for s in statuses}


def _body(schema: str, example: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": ref(schema), "example": example}}}


def _post(name: str, summary: str, description: str, body: Schema, answer: Schema) -> Schema:
    return {
        "operationId": name,
        "tags": ["certificates"],
        "summary": summary,
        "description": description,
        "requestBody": body,
        "responses": {"200": answer, **_problems(400, 411, 413, 415)},
    }


def _validate() -> Schema:
    return _post(
        "validateCertificate",
        "Validate one certificate / 验证一张证书",
        "Anchors come from the domain; a question that brings its own is refused. "
        "信任锚只来自信任域，自带信任锚的请求会被拒绝。",
        _body("Question", {"certificate": _EXAMPLE, "purpose": "digital_signature"}),
        _json(ref("Answer"), "The verdict"),
    )


def _validate_batch() -> Schema:
    return _post(
        "validateBatch",
        "Validate up to 1,000 certificates / 批量验证（至多 1000 张）",
        "Each is judged apart; one that cannot be read is answered in its place. 逐项判断，互不影响。",
        _body("QuestionBatch", {"items": [{"id": "1", "certificate": _EXAMPLE}]}),
        _json(ref("AnswerBatch"), "The verdicts, in order"),
    )


def _inspect() -> Schema:
    material = record(
        "What to look into.", {"material": text("base64 of DER or PKCS#7, or PEM.", minLength=1)}
    )
    item = {
        "type": "object",
        "description": "One object, decoded; personal numbers masked.",
        "required": ["kind"],
    }
    return _post(
        "inspect",
        "Look into a certificate, CRL, OCSP response or bundle / 查看证书、CRL、OCSP 响应或证书包",
        "Nothing is judged. 仅解析，不作判断。",
        {
            "required": True,
            "content": {"application/json": {"schema": material, "example": {"material": _EXAMPLE}}},
        },
        _json(record("What was found.", {"items": array(item, "In order.")}), "Decoded"),
    )


def _get(name: str, tag: str, summary: str, schema: Schema) -> Schema:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "responses": {"200": _json(schema, summary)},
    }


def _one_of(name: str, parameter: str, summary: str, schema: Schema) -> Schema:
    operation = _get(name, "directory", summary, schema)
    operation["parameters"] = [
        {
            "name": parameter,
            "in": "path",
            "required": True,
            "description": summary,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        }
    ]
    operation["responses"] |= _problems(404)
    return operation


def _both(description: str) -> Schema:
    return record(description, {"zh": text("Chinese."), "en": text("English.")})


def _reason_row() -> Schema:
    return record(
        "One row of the catalogue.",
        {
            "code": ref("ReasonCode"),
            "indication": text("EN 319 102-1."),
            "sub_indication": text("EN 319 102-1."),
            "clause": text("The clause that asks for it."),
            "actor": text("Who must act."),
            "params": array(text("A name."), "What the messages are filled with."),
            "message": _both("What was found."),
            "remedy": _both("The step that mends it."),
        },
    )


def _reasons() -> Schema:
    return record("The catalogue.", {"reasons": array(_reason_row(), "By code.")})


def _problem_row() -> Schema:
    return record(
        "One kind of problem.",
        {
            "type": text("Its URI."),
            "status": {"type": "integer", "description": "HTTP status."},
            "title": text("English."),
            "title_zh": text("Chinese."),
        },
    )


def _domains() -> Schema:
    anchor = record("One trust anchor.", {"sha256": text("Fingerprint."), "name": text("Subject.")})
    domain = record(
        "One trust domain; a caller may tighten it, never loosen it.",
        {
            "name": text("Name to ask by."),
            "default": {"type": "boolean", "description": "Used when a question names none."},
            "title": _both("For people."),
            "snapshot_id": text("SHA-256 of everything trusted."),
            "purposes": array(text("A purpose."), "What it vouches for."),
            "revocation": text("Revocation rule."),
            "algorithm_profile": text("Row of the algorithm table."),
            "user_initial_policy_set": array(text("A policy OID."), "2.5.29.32.0 = any."),
            "initial_explicit_policy": {"type": "boolean", "description": "RFC 5280 §6.1.1 (f)."},
            "initial_policy_mapping_inhibit": {"type": "boolean", "description": "RFC 5280 §6.1.1 (e)."},
            "initial_any_policy_inhibit": {"type": "boolean", "description": "RFC 5280 §6.1.1 (g)."},
            "max_path_length": {"type": ["integer", "null"], "description": "null = no limit."},
            "trust_anchors": array(anchor, "Imported anchors."),
        },
    )
    return record("All domains.", {"domains": array(domain, "By name.")})


def _live() -> Schema:
    return record("Alive.", {"status": {"const": "live", "description": "Always."}})


def _ready() -> Schema:
    check = record(
        "One check.",
        {
            "name": text("Stable name."),
            "passed": {"type": "boolean", "description": "Outcome."},
            "detail": _both("What was seen: versions, SM2 engine, anchors."),
        },
    )
    schema = record(
        "Readiness.", {"status": text("ready or not ready."), "checks": array(check, "All checks.")}
    )
    operation = _get("ready", "health", "Ready to judge / 就绪", schema)
    operation["responses"]["503"] = _json(schema, "Not ready / 未就绪")
    return operation


def _metrics() -> Schema:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "operationId": "metrics",
        "tags": ["health"],
        "summary": "Prometheus metrics / 监控指标",
        "responses": {"200": {"description": "Prometheus text format", "content": content}},
    }
