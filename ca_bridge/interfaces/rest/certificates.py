"""POST /v1/certificates: validate, validateBatch, inspect."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any

from flask import Blueprint, Response, request

from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.metrics import Metrics
from ca_bridge.interfaces.rest.problems import UNUSABLE_QUESTION, Problem
from ca_bridge.interfaces.rest.reading import RestLimits, as_object, limit_counts, read_body, read_items
from ca_bridge.services.answer import answer_fields, refusal
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.inspect_material import inspect_material
from ca_bridge.services.question import QuestionReader, identity_of
from ca_bridge.services.report import reason_in_full, report_fields


def certificate_routes(gateway: Gateway, limits: RestLimits, metrics: Metrics) -> Blueprint:
    """The blueprint; questions are judged by ``gateway`` within ``limits``."""
    routes = Blueprint("certificates", __name__)
    judge = _Judge(gateway, metrics)

    @routes.post("/v1/certificates:validate")
    def validate() -> Response:
        fields = read_body(request, limits.request_max_bytes)
        try:
            limit_counts(fields)
            return json_response(judge.report(fields))
        except UnusableQuestion as error:
            raise Problem.of_question(error) from error

    @routes.post("/v1/certificates:validateBatch")
    def validate_batch() -> Response:
        items = read_items(read_body(request, limits.batch_max_bytes))
        return json_response({"items": [judge.item(item) for item in items]})

    @routes.post("/v1/certificates:inspect")
    def inspect() -> Response:
        fields = read_body(request, limits.request_max_bytes)
        material = fields.get("material")
        if fields.keys() != {"material"} or not isinstance(material, str):
            raise Problem(
                UNUSABLE_QUESTION,
                "Send one field, material: base64 of DER or PKCS#7, or PEM.",
                "请只提交字段 material：DER 或 PKCS#7 的 Base64，或 PEM 文本。",
            )
        try:
            return json_response({"items": inspect_material(material.encode("utf-8"), gateway.engine.pool)})
        except Malformed as error:
            raise Problem.of_material(error) from error

    return routes


class _Judge:
    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        self._gateway = gateway
        self._metrics = metrics
        self._reader = QuestionReader()

    def report(self, fields: dict[str, Any]) -> dict[str, Any]:
        started_ns = perf_counter_ns()
        question = self._reader.read_request(fields, self._gateway.clock.now())
        answer = self._gateway.validate.answer(question)
        document = report_fields(identity_of(fields), question, answer)
        self._metrics.verdict(answer.verdict)
        document["elapsed_us"] = (perf_counter_ns() - started_ns) // 1000
        return document

    def item(self, item: object) -> dict[str, Any]:
        """One answer of a batch; a bad item is answered in its place and fails no other."""
        fields = item if isinstance(item, dict) else {}
        try:
            limit_counts(as_object(item))
            return self.report(fields)
        except UnusableQuestion as error:
            verdict = refusal(error.finding)
            self._metrics.verdict(verdict)
            reasons = [reason_in_full(error.finding)]
            return {**answer_fields(identity_of(fields), verdict), "reasons": reasons, "elapsed_us": 0}
