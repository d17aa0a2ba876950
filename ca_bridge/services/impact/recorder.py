"""Requests on their way into the journal: beside the answer, never before it, and never instead of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Lock, Thread

from ca_bridge.services.batch import DEFECTS
from ca_bridge.services.impact.journal_port import JournalFailed, RequestJournal
from ca_bridge.services.impact.record_data import certificates_of, stored_data
from ca_bridge.services.impact.request_record import store_request
from ca_bridge.services.ports import Clock, DomainSnapshot
from ca_bridge.services.validate_certificate import Answer, Question

MAX_WAITING = 1_000
MAX_WAITING_BYTES = 32 << 20
_IDLE_S = 5.0
_Noted = tuple[DomainSnapshot, Question, Answer, int]


@dataclass(slots=True)
class RecorderCounts:
    """How many requests were kept, left out because too many waited, and lost to an error."""

    recorded: int = 0
    left_out: int = 0
    failed: int = 0


class RequestRecorder:
    """Hears answers under a domain: it takes note and returns at once. ``failed`` is told of errors.

    The work is done by one thread, which is begun when
    something is noted, so that forked servers have their own, and ends when nothing has come for a while.
    """

    def __init__(self, journal: RequestJournal, clock: Clock, failed: Callable[[str], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._failed = failed
        self._queue: Queue[_Noted] = Queue(MAX_WAITING)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._waiting_bytes = 0
        self.counts = RecorderCounts()
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have ``listener`` hear "recorded", "left_out" or "failed" of each question."""
        self._listeners.append(listener)

    def __call__(self, domain: DomainSnapshot, question: Question, answer: Answer) -> None:
        """Take note; never raises and never waits. ``question`` holds all the evidence of the answer."""
        size_bytes = _size_bytes(question)
        with self._lock:
            if self._waiting_bytes + size_bytes > MAX_WAITING_BYTES:
                self._count("left_out")
                return
            try:
                self._queue.put_nowait((domain, question, answer, size_bytes))
            except Full:
                self._count("left_out")
                return
            self._waiting_bytes += size_bytes
            if self._thread is None:
                self._thread = Thread(target=self._work, name="request-recorder", daemon=True)
                self._thread.start()

    def _count(self, outcome: str) -> None:
        setattr(self.counts, outcome, getattr(self.counts, outcome) + 1)
        for listener in self._listeners:
            listener(outcome)

    def drain(self) -> None:
        """Wait until everything that was noted is kept."""
        self._queue.join()

    def _work(self) -> None:
        while True:
            try:
                domain, question, answer, size_bytes = self._queue.get(timeout=_IDLE_S)
            except Empty:
                with self._lock:
                    if self._queue.empty():
                        self._thread = None
                        return
                continue
            try:
                self._keep(domain, question, answer)
            finally:
                with self._lock:
                    self._waiting_bytes -= size_bytes
                self._queue.task_done()

    def _keep(self, domain: DomainSnapshot, question: Question, answer: Answer) -> None:
        now = self._clock.now()
        try:
            stored = store_request(
                question,
                answer.verdict,
                domain,
                time=now,
                site=question.site,
                digest=self._journal.digest,
            )
            self._journal.append(now, stored_data(stored), certificates_of(stored))
            self._count("recorded")
        except (JournalFailed, *DEFECTS) as error:
            # A request that is not kept is a gap in an analysis, not in an answer.
            self._count("failed")
            self._failed(str(error) if isinstance(error, JournalFailed) else type(error).__name__)


def _size_bytes(question: Question) -> int:
    """What keeping it waiting costs, roughly."""
    evidence = question.evidence
    sent = (*evidence.certificates, *evidence.crls, *evidence.ocsp_responses)
    return len(question.certificate) + sum(map(len, sent))
