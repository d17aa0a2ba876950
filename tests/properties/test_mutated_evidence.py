"""One changed bit anywhere in what carries an acceptance, and it is an acceptance no more."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge import wiring
from ca_bridge.services.batch import LineJudge

CASES = Path(__file__).resolve().parents[2] / "certs-test" / "cases"
FIELDS = ("certificate", "intermediates", "crls", "ocsp_responses")
# What these cases send along is more than an acceptance needs.
SUPERFLUOUS = {
    "accepted-bridge-whole-pool",
    "building-backtrack",
    "building-supplied-unreadable-harmless",
    "revocation-delta-good",
}


def _accepted() -> list[dict[str, Any]]:
    groups = (json.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("*.json")))
    return [
        case["line"]
        for group in groups
        for case in group
        if case["expect"]["indication"] == "TOTAL_PASSED" and case["id"] not in SUPERFLUOUS
    ]


LINES = _accepted()


@cache
def _judge() -> LineJudge:
    return LineJudge(wiring.gateway().validate)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_bit_is_never_accepted(data: st.DataObject) -> None:
    line = dict(data.draw(st.sampled_from(LINES)))
    field = data.draw(st.sampled_from([name for name in FIELDS if line.get(name)]))
    values = [line[field]] if field == "certificate" else list(line[field])
    index = data.draw(st.integers(0, len(values) - 1))
    octets = bytearray(base64.b64decode(values[index]))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    values[index] = base64.b64encode(octets).decode()
    line[field] = values[0] if field == "certificate" else values
    judged = _judge().judge(json.dumps(line).encode())
    assert not judged.defect
    assert judged.indication != "TOTAL_PASSED"
