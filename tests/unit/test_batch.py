"""The batch: one answer a line, order kept, whatever the lines hold and whoever dies of them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.services.batch import LineJudge, not_judged, read_lines
from ca_bridge.services.batch_workers import Workers, chunks
from tests.fakes.gateways import DEADLY_HOST, DEFECTIVE_HOST, fragile_gateway

DEMO = Path(__file__).resolve().parents[2] / "certs-test" / "demo" / "batch.jsonl"
LINES = DEMO.read_bytes().splitlines()
OUT_FIELDS = [
    "id",
    "indication",
    "sub_indication",
    "reasons",
    "path",
    "trust_anchor",
    "user_constrained_policy_set",
    "revocation",
    "release",
    "recognition",
    "elapsed_us",
]


@pytest.fixture(scope="module")
def judge() -> LineJudge:
    return LineJudge(fragile_gateway().validate)


def marked(host: str, identity: str = "x") -> bytes:
    return json.dumps(json.loads(LINES[0]) | {"id": identity, "dns_name": host}).encode()


def untimed(out: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(out)
    answer.pop("elapsed_us")
    return answer


def test_fields_and_their_order(judge: LineJudge) -> None:
    for line in (*LINES, b"", b"{}"):
        answer = judge.judge_line(line)
        assert list(answer) == OUT_FIELDS
        for reason in answer["reasons"]:
            assert list(reason) == ["code", "position", "message", "params"]
        assert isinstance(answer["elapsed_us"], int)


def test_accepted_and_refused(judge: LineJudge) -> None:
    answers = [judge.judge_line(line) for line in LINES]
    assert answers[0]["id"] == "accepted"
    assert answers[0]["indication"] == "TOTAL_PASSED"
    assert answers[0]["reasons"] == []
    assert answers[0]["trust_anchor"]
    assert {a["indication"] for a in answers[1:]} <= {"TOTAL_FAILED", "INDETERMINATE"}
    assert all(a["reasons"] and a["sub_indication"] for a in answers[1:])


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        (b"", None),
        (b"nonsense", None),
        (b'{"id":"a"}', "a"),
        (b'{"id":3,"x":1}', 3),
        (b'{"id":"d","id":"d"}', "d"),
    ],
)
def test_malformed_line_is_answered(judge: LineJudge, line: bytes, identity: object) -> None:
    answer = judge.judge_line(line)
    assert answer["id"] == identity
    assert (answer["indication"], answer["sub_indication"]) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert len(answer["reasons"]) == 1
    assert answer["reasons"][0]["position"] is None
    assert answer["path"] == answer["user_constrained_policy_set"] == answer["revocation"] == []
    assert answer["trust_anchor"] is None


def test_trust_is_the_anchors_or_the_domain(judge: LineJudge) -> None:
    good = json.loads(LINES[0])
    anchors = good.pop("trust_anchors")

    def ask(**fields: Any) -> tuple[str, str]:
        answer = judge.judge_line(json.dumps(good | fields).encode())
        return answer["indication"], answer["reasons"][0]["code"] if answer["reasons"] else ""

    assert ask(trust_anchors=anchors)[0] == "TOTAL_PASSED"
    assert ask(trust_anchors=[*anchors, *reversed(anchors)])[0] == "TOTAL_PASSED"
    assert ask(trust_anchors=anchors, domain="macau")[0] == "TOTAL_PASSED"
    assert ask(trust_anchors=[])[0] == "INDETERMINATE"
    assert ask()[0] == "INDETERMINATE"
    assert ask(domain="macau")[0] == "INDETERMINATE"
    assert ask(domain="nowhere") == ("TOTAL_FAILED", "DOMAIN_UNKNOWN")
    assert ask(algorithm_profile="legacy") == ("TOTAL_FAILED", "PROFILE_NEEDS_TRUST_ANCHORS")
    assert ask(trust_anchors=["AAAA"]) == ("TOTAL_FAILED", "TRUST_ANCHOR_UNREADABLE")


def test_unreadable_evidence_stops_nothing_and_proves_nothing(judge: LineJudge) -> None:
    good = json.loads(LINES[0])
    answer = judge.judge_line(json.dumps(good | {"intermediates": [*good["intermediates"], "AAAA"]}).encode())
    assert answer["indication"] == "TOTAL_PASSED"
    answer = judge.judge_line(json.dumps(good | {"crls": ["AAAA"], "revocation": "require_all"}).encode())
    assert answer["indication"] == "INDETERMINATE"


def test_equal_input_gives_equal_bytes() -> None:
    first, second = (LineJudge(fragile_gateway().validate) for _ in range(2))
    for line in LINES:
        question = json.loads(line)
        shuffled = dict(reversed(question.items())) | {"intermediates": question["intermediates"][::-1]}
        out = untimed(first.judge(line).out)
        assert out == untimed(second.judge(line).out) == untimed(first.judge(line).out)
        assert out == untimed(second.judge(json.dumps(shuffled).encode()).out)


def test_our_defect_is_never_a_yes_and_never_the_end(judge: LineJudge) -> None:
    judged = judge.judge(marked(DEFECTIVE_HOST))
    assert judged.indication == "INDETERMINATE"
    assert judged.defect.startswith("KeyError at answer:")
    assert untimed(judged.out)["reasons"][0]["code"] == "ENGINE_STOPPED"
    assert untimed(not_judged(b"nonsense").out)["id"] is None


def test_lines_of_a_stream() -> None:
    def lines(data: bytes, limit: int = 8) -> list[bytes]:
        return list(read_lines(io.BytesIO(data), limit))

    assert lines(b"") == []
    assert lines(b"a\nb\n") == [b"a", b"b"]
    assert lines(b"a\n\nb") == [b"a", b"", b"b"]
    assert lines(b"\xef\xbb\xbfa\n\xef\xbb\xbfb") == [b"a", b"\xef\xbb\xbfb"]
    assert lines(b"12345678\nx") == [b"12345678", b"x"]
    assert lines(b"123456789\nx") == [b"123456789", b"x"]
    assert lines(b"1" * 3_000_000 + b"\nx\n") == [b"1" * 9, b"x"]
    assert lines(b"1" * 3_000_000) == [b"1" * 9]


def test_chunks_keep_order_and_bounds() -> None:
    assert list(chunks([])) == []
    assert [len(c) for c in chunks([b"x"] * 130)] == [64, 64, 2]
    large = b"x" * (1 << 20)
    assert [len(c) for c in chunks([b"a", large, b"b"])] == [1, 1, 1]


def test_workers_keep_order_and_outlive_a_deadly_line() -> None:
    lines = [*LINES, marked(DEADLY_HOST, "deadly"), b"nonsense", *LINES]
    alone = LineJudge(fragile_gateway().validate)
    with Workers(fragile_gateway, 2) as workers:
        answers = list(workers.judge_lines(lines))
    assert len(answers) == len(lines)
    for line, answer in zip(lines, answers, strict=True):
        if b"deadly" in line:
            assert untimed(answer.out)["id"] == "deadly"
            assert untimed(answer.out)["reasons"][0]["code"] == "ENGINE_STOPPED"
            assert answer.defect
        else:
            assert untimed(answer.out) == untimed(alone.judge(line).out)
