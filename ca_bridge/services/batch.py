"""The batch form: one question a line in, one answer a line out, order kept (docs/batch.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter_ns
from typing import Any, BinaryIO

from ca_bridge.core.reasons.service import ENGINE_STOPPED
from ca_bridge.core.verdict import Finding, Verdict
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


class LineJudge:
    """Judges batch lines one by one; ``defect`` is told of lines the engine itself stumbled over."""

    def __init__(
        self, validate: ValidateCertificate, defect: Callable[[BaseException], None] | None = None
    ) -> None:
        self._validate = validate
        self._reader = QuestionReader()
        self._defect = defect

    def judge_line(self, line: bytes) -> dict[str, Any]:
        """The out line for one in line, as plain data. Never raises for anything in the line."""
        started_ns = perf_counter_ns()
        identity: str | int | None = None
        try:
            fields = read_object(line)
            identity = identity_of(fields)
            question = self._reader.read_line(fields, self._validate.clock.now())
            verdict = self._validate.answer(question).verdict
        except UnusableQuestion as error:
            verdict = refusal(error.finding)
        except DEFECTS as error:
            if self._defect is not None:
                self._defect(error)
            verdict = _not_judged()
        answer = answer_fields(identity, verdict)
        answer["elapsed_us"] = (perf_counter_ns() - started_ns) // 1000
        return answer

    def judge_lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Encoded out lines, one for each in line, in order."""
        return (encode(self.judge_line(line)) for line in lines)


def not_judged(identity: str | int | None = None) -> bytes:
    """The out line for a question the engine could not answer (a dead worker, a defect)."""
    return encode({**answer_fields(identity, _not_judged()), "elapsed_us": 0})


def _not_judged() -> Verdict:
    return refusal(Finding(reason=ENGINE_STOPPED))


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
