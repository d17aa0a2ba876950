"""POST /v1/certificates: validate, validateBatch, inspect."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any

from flask import Blueprint, Response, request

from ca_bridge.core.reasons.service import BATCH_TIME_SPENT, ENGINE_STOPPED
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.rest.decisions import this_call, written
from ca_bridge.interfaces.rest.defects import log_defect
from ca_bridge.interfaces.rest.json_response import json_response, json_text, text_response
from ca_bridge.interfaces.rest.metrics import Metrics
from ca_bridge.interfaces.rest.problems import Problem
from ca_bridge.interfaces.rest.reading import (
    RestLimits,
    as_object,
    limit_fields,
    limit_question,
    named_private_key,
    read_body,
    read_items,
    read_material,
)
from ca_bridge.services.answer import answer_fields, refusal
from ca_bridge.services.batch import DEFECTS
from ca_bridge.services.decision_log.decision_log import Decided
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.inspect_material import inspect_material
from ca_bridge.services.question import QuestionReader, identity_of, receipt_wanted
from ca_bridge.services.report import reason_in_full, report_fields

_BATCH = "validateBatch"


def certificate_routes(gateway: Gateway, limits: RestLimits, metrics: Metrics) -> Blueprint:
    """The blueprint; questions are judged by ``gateway`` within ``limits``."""
    routes = Blueprint("certificates", __name__)
    judge = _Judge(gateway, metrics)

    @routes.post("/v1/certificates:validate")
    def validate() -> Response:
        fields = read_body(request, limits.request_max_bytes, limits.body_timeout_s)
        try:
            decided = judge.one(fields, "validate", None)
        except UnusableQuestion as error:
            raise Problem.of_question(named_private_key(error)) from error
        (receipt,) = written(gateway.decisions, (decided,))
        return text_response(json_text(decided.document, receipt))

    @routes.post("/v1/certificates:validateBatch")
    def validate_batch() -> Response:
        items = read_items(read_body(request, limits.batch_max_bytes, limits.body_timeout_s))
        decisions = judge.items(items, limits.batch_judging_s)
        receipts = written(gateway.decisions, decisions)
        texts = (json_text(d.document, receipt) for d, receipt in zip(decisions, receipts, strict=True))
        return text_response(f'{{"items":[{",".join(texts)}]}}')

    @routes.post("/v1/certificates:inspect")
    def inspect() -> Response:
        fields = read_body(request, limits.request_max_bytes, limits.body_timeout_s)
        try:
            return json_response({"items": inspect_material(read_material(fields), gateway.engine.pool)})
        except Malformed as error:
            raise Problem.of_material(error) from error

    return routes


class _Judge:
    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        self._gateway = gateway
        self._metrics = metrics
        self._reader = QuestionReader()

    def one(self, fields: dict[str, Any], method: str, item: int | None) -> Decided:
        """The decision, not written down yet; raises UnusableQuestion."""
        started_ns = perf_counter_ns()
        limit_fields(fields)
        question = self._reader.read_request(fields, self._gateway.clock.now())
        limit_question(question)
        answer = self._gateway.validate.answer(question)
        document = report_fields(identity_of(fields), question, answer)
        self._metrics.verdict(answer.verdict)
        document["elapsed_us"] = _since_us(started_ns)
        call = this_call(method, fields, item)
        return Decided(call=call, question=question, document=document, receipt=receipt_wanted(fields))

    def items(self, items: list[Any], most_s: float) -> list[Decided]:
        """Decisions in order; what is not reached within ``most_s`` is answered as not judged."""
        started_ns = perf_counter_ns()
        decisions = []
        for number, item in enumerate(items):
            spent = _since_us(started_ns) >= most_s * 1_000_000
            finding = Finding(reason=BATCH_TIME_SPENT)
            decisions.append(self._refused(item, number, finding, 0) if spent else self.item(item, number))
        return decisions

    def item(self, item: object, number: int) -> Decided:
        """One answer of a batch; a bad item is answered in its place and fails no other."""
        started_ns = perf_counter_ns()
        try:
            return self.one(as_object(item), _BATCH, number)
        except UnusableQuestion as error:
            finding = named_private_key(error).finding
        except DEFECTS as error:
            log_defect(error)
            finding = Finding(reason=ENGINE_STOPPED)
        return self._refused(item, number, finding, _since_us(started_ns))

    def _refused(self, item: object, number: int, finding: Finding, elapsed_us: int) -> Decided:
        verdict = refusal(finding)
        self._metrics.verdict(verdict)
        document = answer_fields(_identity(item), verdict)
        document["reasons"] = [reason_in_full(finding)]
        document["elapsed_us"] = elapsed_us
        fields = item if isinstance(item, dict) else {"item": item}
        return Decided(call=this_call(_BATCH, fields, number), question=None, document=document)


def _identity(item: object) -> str | int | None:
    """The id of a refused item when it can be sent back."""
    if not isinstance(item, dict):
        return None
    try:
        limit_fields({"id": item.get("id")})
    except UnusableQuestion:
        return None
    return identity_of(item)


def _since_us(started_ns: int) -> int:
    return (perf_counter_ns() - started_ns) // 1000
