"""Whatever is in a line, one answer comes out, and it is a yes only for the question that holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ca_bridge import wiring
from ca_bridge.services.batch import LineJudge
from ca_bridge.services.question import FIELDS

GOOD = json.loads(
    (Path(__file__).resolve().parents[2] / "certs-test" / "demo" / "batch.jsonl").read_bytes().splitlines()[0]
)
JUDGE = LineJudge(wiring.gateway().validate)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NEEDED = {"certificate", "intermediates", "validation_time"}


def judge(line: bytes) -> dict[str, Any]:
    judged = JUDGE.judge(line)
    assert judged.defect == ""
    assert judged.out.endswith(b"\n")
    assert judged.out.count(b"\n") == 1
    answer: dict[str, Any] = json.loads(judged.out)
    assert (answer["indication"] == "TOTAL_PASSED") is (answer["reasons"] == [])
    return answer


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=8), VALUES, max_size=4))
def test_any_value_in_any_field(changes: dict[str, Any]) -> None:
    answer = judge(json.dumps(GOOD | changes).encode())
    if answer["indication"] == "TOTAL_PASSED":
        assert not {k for k in changes if changes[k] is not None} & (
            NEEDED - {"trust_anchors"} | {"validation_time"}
        )


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(json.dumps(GOOD)) - 1), st.binary(min_size=1, max_size=3))
def test_any_bytes_anywhere(at: int, put: bytes) -> None:
    line = json.dumps(GOOD).encode()
    judge(line[:at] + put + line[at + len(put) :])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_line(line: bytes) -> None:
    assert judge(line.replace(b"\n", b""))["indication"] == "TOTAL_FAILED"
