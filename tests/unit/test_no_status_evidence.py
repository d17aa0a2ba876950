"""What decisions without status evidence share stays empty."""

from __future__ import annotations

import json
from pathlib import Path

from ca_bridge.core import decide
from ca_bridge.services.batch import LineJudge
from tests.fakes.gateways import fragile_gateway

DEMO = Path(__file__).resolve().parents[2] / "certs-test" / "demo" / "batch.jsonl"


def test_no_decision_leaves_anything_in_the_evidence_that_is_none() -> None:
    judge = LineJudge(fragile_gateway().validate)
    fields = json.loads(DEMO.read_bytes().splitlines()[0]) | {"crls": [], "ocsp_responses": []}
    asked = {
        rule: judge.judge_line(json.dumps(fields | {"revocation": rule}).encode())["indication"]
        for rule in ("none", "if_available", "require_target", "require_all")
    }
    assert asked["require_all"] == "INDETERMINATE"
    assert asked["none"] == "TOTAL_PASSED"
    shared = decide._NO_STATUS_EVIDENCE
    assert shared.is_empty
    assert shared.checked == {}
