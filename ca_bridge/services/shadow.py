"""Shadow mode: an approved release that is not yet in force judges live traffic beside the live one.

Answers wait for nothing: questions go into a queue of bounded length and are judged by one thread. What
does not fit is counted as left out, never judged late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Lock, Thread

from ca_bridge.core.reasons.model import Indication
from ca_bridge.services.ports import DomainSnapshot
from ca_bridge.services.validate_certificate import Answer, Question, SuppliedOnly, answer_under

_QUEUE = 1_000
_IDLE_S = 5.0
Upcoming = Callable[[str], DomainSnapshot | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one question fared under the live release and under the upcoming one."""

    release: str
    domain: str
    live: Indication
    upcoming: Indication
    reason: str = ""

    @property
    def disagrees(self) -> bool:
        """Whether the answer would change between yes and no."""
        passed = Indication.TOTAL_PASSED
        return (self.live is passed) != (self.upcoming is passed)


class Shadow:
    """Counts, in one process, how often the release that ``upcoming`` gives would answer otherwise."""

    def __init__(self, upcoming: Upcoming, *, queue_size: int = _QUEUE) -> None:
        self._upcoming = upcoming
        self._queue: Queue[tuple[DomainSnapshot, Question, Answer]] = Queue(queue_size)
        self._counts: Counter[Comparison] = Counter()
        self._left_out = 0
        self._lock = Lock()
        self._thread: Thread | None = None
        self._listeners: list[Callable[[Comparison], None]] = []

    def listen(self, listener: Callable[[Comparison], None]) -> None:
        """Have ``listener`` hear of every comparison, in the judging thread."""
        self._listeners.append(listener)

    def __call__(self, domain: DomainSnapshot, question: Question, answer: Answer) -> None:
        """Have the question judged under the upcoming release, if there is one; returns at once."""
        upcoming = self._upcoming(domain.name)
        if upcoming is None or upcoming.release == answer.release:
            return
        try:
            self._queue.put_nowait((upcoming, question, answer))
        except Full:
            with self._lock:
                self._left_out += 1
        self._run()

    def counts(self) -> dict[Comparison, int]:
        """How often each comparison came out, since the process started."""
        with self._lock:
            return dict(self._counts)

    @property
    def left_out(self) -> int:
        """Questions that were not judged because the queue was full."""
        return self._left_out

    def drain(self) -> None:
        """Wait until everything queued has been judged."""
        self._queue.join()

    def _run(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._judge_all, name="shadow", daemon=True)
                self._thread.start()

    def _judge_all(self) -> None:
        """Judge what is queued; end when nothing has come for a while."""
        while True:
            try:
                upcoming, question, answer = self._queue.get(timeout=_IDLE_S)
            except Empty:
                with self._lock:
                    if self._queue.empty():
                        self._thread = None
                        return
                continue
            try:
                self._count(upcoming, question, answer)
            finally:
                self._queue.task_done()

    def _count(self, upcoming: DomainSnapshot, question: Question, answer: Answer) -> None:
        other = answer_under(upcoming, question, SuppliedOnly()).verdict
        found = Comparison(
            release=str(upcoming.release),
            domain=upcoming.name,
            live=answer.verdict.indication,
            upcoming=other.indication,
            reason=other.findings[0].reason.code if other.findings else "",
        )
        with self._lock:
            self._counts[found] += 1
        for listener in self._listeners:
            listener(found)
