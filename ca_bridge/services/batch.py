"""The batch form: one question a line in, one answer a line out, order kept (docs/batch.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, BinaryIO

from ca_bridge.core.reasons.service import ENGINE_STOPPED
from ca_bridge.core.verdict import Finding
from ca_bridge.services.answer import answer_fields, encode, refusal
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import MAX_LINE_BYTES, read_object
from ca_bridge.services.question import QuestionReader, identity_of
from ca_bridge.services.validate_certificate import ValidateCertificate

# What a defect of ours can raise. The run goes on: the line is answered as not judged, never as passed.
DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """An out line, encoded; its indication; and the defect of ours that kept it from being judged, or ""."""

    out: bytes
    indication: str
    defect: str = ""


class LineJudge:
    """Judges batch lines one by one."""

    def __init__(self, validate: ValidateCertificate) -> None:
        self._validate = validate
        self._reader = QuestionReader()

    def judge_line(self, line: bytes) -> dict[str, Any]:
        """The out line for one in line, as plain data. Never raises for anything in the line."""
        return self._judge(line)[0]

    def judge(self, line: bytes) -> JudgedLine:
        """The out line for one in line, encoded."""
        answer, defect = self._judge(line)
        return JudgedLine(encode(answer), answer["indication"], defect)

    def _judge(self, line: bytes) -> tuple[dict[str, Any], str]:
        started_ns = perf_counter_ns()
        identity: str | int | None = None
        defect = ""
        try:
            fields = read_object(line)
            identity = identity_of(fields)
            question = self._reader.read_line(fields, self._validate.clock.now())
            given = self._validate.answer(question)
            answer = answer_fields(identity, given.verdict, given.release)
        except UnusableQuestion as error:
            answer = answer_fields(identity, refusal(error.finding))
        except DEFECTS as error:
            defect = _place_of(error)
            answer = answer_fields(identity, _NOT_JUDGED)
        answer["elapsed_us"] = (perf_counter_ns() - started_ns) // 1000
        return answer, defect


_NOT_JUDGED = refusal(Finding(reason=ENGINE_STOPPED))


def not_judged(line: bytes) -> JudgedLine:
    """The out line for a question whose worker died of it."""
    try:
        identity = identity_of(read_object(line))
    except UnusableQuestion:
        identity = None
    answer = {**answer_fields(identity, _NOT_JUDGED), "elapsed_us": 0}
    return JudgedLine(encode(answer), answer["indication"], "worker process died")


def _place_of(error: BaseException) -> str:
    """Kind of the error and where it was raised; nothing of the question."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{where}"


def read_lines(stream: BinaryIO, max_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes]:
    """Lines of ``stream`` without their newline, at most ``max_bytes`` + 1 of each held in memory.

    A longer line comes as its first ``max_bytes`` + 1 bytes, which LINE_TOO_LARGE then answers. An empty
    line is a line; the end of the file after a newline is not. A UTF-8 mark at the start is left out.
    """
    first = True
    while line := stream.readline(max_bytes + 2):
        if not line.endswith(b"\n") and len(line) > max_bytes:
            _skip_line(stream)
            line = line[: max_bytes + 1]
        line = line.removesuffix(b"\n")
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
        pass
