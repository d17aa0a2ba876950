"""Batch lines judged by several processes: order kept, memory bounded, a dead worker answered for.

Workers are spawned, so nothing of the parent but the factory reaches them. When a worker dies, the
lines it may have died of are judged again one at a time; only the one that kills again is not judged.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Self

from ca_bridge.services.batch import JudgedLine, LineJudge, not_judged
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.gateway import GatewayFactory

_CHUNK_LINES = 64
_CHUNK_BYTES = 1 << 20
_CHUNKS_PER_WORKER = 3
_MAX_DEATHS = 50

Chunk = list[bytes]


class WorkersLost(GatewayError):
    """Workers died too often to go on."""


@dataclass(slots=True)
class _Worker:
    """What a worker process keeps between chunks."""

    judge: LineJudge | None = None


_worker = _Worker()


def _start(factory: GatewayFactory) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run
    Thread(target=_end_with_parent, daemon=True).start()
    _worker.judge = LineJudge(factory().validate)


def _end_with_parent() -> None:
    """A parent that was killed says nothing: without it a worker would wait for lines for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_chunk(chunk: Chunk) -> list[JudgedLine]:
    if _worker.judge is None:
        raise AssertionError("the worker was not started")
    return [_worker.judge.judge(line) for line in chunk]


class Workers:
    """``jobs`` processes that judge; use as a context manager."""

    def __init__(self, factory: GatewayFactory, jobs: int) -> None:
        self._factory = factory
        self._jobs = jobs
        self._deaths = 0
        self._executor = self._spawn(jobs)
        self._careful: ProcessPoolExecutor | None = None

    def judge_lines(self, lines: Iterable[bytes]) -> Iterator[JudgedLine]:
        """One answer for each line, in order, lazily; raises WorkersLost after 50 dead workers."""
        waiting: deque[tuple[Chunk, Future[list[JudgedLine]]]] = deque()
        for chunk in chunks(lines):
            waiting.append((chunk, self._submit(chunk)))
            if len(waiting) >= self._jobs * _CHUNKS_PER_WORKER:
                yield from self._result(*waiting.popleft())
        while waiting:
            yield from self._result(*waiting.popleft())

    def __enter__(self) -> Self:
        """Nothing is started before the first line."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what has not been judged and end the workers."""
        for executor in (self._executor, self._careful):
            if executor is not None:
                executor.shutdown(wait=True, cancel_futures=True)

    def _submit(self, chunk: Chunk) -> Future[list[JudgedLine]]:
        with _interrupts_kept_from_children():
            try:
                return self._executor.submit(_judge_chunk, chunk)
            except BrokenExecutor:
                self._executor = self._spawn(self._jobs)
                return self._executor.submit(_judge_chunk, chunk)

    def _result(self, chunk: Chunk, future: Future[list[JudgedLine]]) -> Iterator[JudgedLine]:
        try:
            yield from future.result()
        except BrokenExecutor:
            yield from map(self._judge_alone, chunk)

    def _judge_alone(self, line: bytes) -> JudgedLine:
        if self._careful is None:
            self._careful = self._spawn(1)
        try:
            with _interrupts_kept_from_children():
                future = self._careful.submit(_judge_chunk, [line])
            return future.result()[0]
        except BrokenExecutor:
            self._careful = None
            self._deaths += 1
            if self._deaths >= _MAX_DEATHS:
                raise WorkersLost(f"{self._deaths} workers died / {self._deaths} 个工作进程中止") from None
            return not_judged(line)

    def _spawn(self, jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(self._factory,)
        )


def chunks(lines: Iterable[bytes]) -> Iterator[Chunk]:
    """Lines in groups of at most 64, and of at most one line when they are large."""
    chunk: Chunk = []
    size = 0
    for line in lines:
        if chunk and (len(chunk) >= _CHUNK_LINES or size + len(line) > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line)
    if chunk:
        yield chunk


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Processes started inside never see an interrupt, not even while they start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
