"""GET what the gateway knows: domains, reasons, problem kinds."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Reason
from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.problems import KINDS, NOT_FOUND, Problem
from ca_bridge.interfaces.rest.release_problems import RELEASE_KINDS
from ca_bridge.services.describe import name_text
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.ports import DomainSnapshot


def directory_routes(gateway: Gateway) -> Blueprint:
    """The blueprint over the gateway's domains and the catalogue."""
    routes = Blueprint("directory", __name__)

    @routes.get("/v1/domains")
    def domains() -> Response:
        in_force = gateway.domains.current()
        snapshots = [in_force.snapshot(name) for name in in_force.names()]
        rows = [domain_document(snapshot, gateway.default_domain) for snapshot in snapshots]
        return json_response({"domains": rows})

    @routes.get("/v1/reasons")
    def reasons() -> Response:
        return json_response({"reasons": [reason_row(r) for _, r in sorted(CATALOGUE.items())]})

    @routes.get("/v1/reasons/<code>")
    def reason(code: str) -> Response:
        row = CATALOGUE.get(code)
        if row is None:
            raise Problem(NOT_FOUND, "No reason has this code.", "没有该原因代码。")
        return json_response(reason_row(row))

    @routes.get("/problems/<name>")
    def problem(name: str) -> Response:
        kind = next((k for k in (*KINDS, *RELEASE_KINDS) if k.name == name), None)
        if kind is None:
            raise Problem(NOT_FOUND, "No problem has this name.", "没有该问题类型。")
        titles = {"title": kind.title_en, "title_zh": kind.title_zh}
        return json_response({"type": f"/problems/{kind.name}", "status": int(kind.status), **titles})

    return routes


def domain_document(snapshot: DomainSnapshot, default: str) -> dict[str, Any]:
    """One domain as callers see it."""
    base = snapshot.base
    return {
        "name": snapshot.name,
        "default": snapshot.name == default,
        "title": {"zh": snapshot.title_zh, "en": snapshot.title_en},
        "snapshot_id": snapshot.trust.snapshot_id,
        "purposes": sorted(p.value for p in snapshot.purposes),
        "revocation": base.revocation.value,
        "algorithm_profile": base.algorithm_profile,
        "user_initial_policy_set": sorted(base.user_initial_policy_set),
        "initial_explicit_policy": base.initial_explicit_policy,
        "initial_policy_mapping_inhibit": base.initial_policy_mapping_inhibit,
        "initial_any_policy_inhibit": base.initial_any_policy_inhibit,
        "max_path_length": base.max_path_length,
        "trust_anchors": [
            {"sha256": anchor.fingerprint, "name": name_text(anchor.name)}
            for anchor in snapshot.trust.anchors
        ],
    }


def reason_row(reason: Reason) -> dict[str, Any]:
    """One row of the catalogue."""
    return {
        "code": reason.code,
        "indication": reason.indication.value,
        "sub_indication": reason.sub_indication.value,
        "clause": reason.clause,
        "actor": reason.actor.value,
        "params": list(reason.params),
        "message": {"zh": reason.message_zh, "en": reason.message_en},
        "remedy": {"zh": reason.remedy_zh, "en": reason.remedy_en},
    }
