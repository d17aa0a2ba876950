"""Threads that sign without pause, and what became of every call."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hsm.errors import TokenError
from hsm.token import KeyRef, SignatureAlgorithm, Token
from hsm.verifying import verify


@dataclass
class Load:
    """What callers saw, by when each call ended."""

    good: list[float] = field(default_factory=list)
    wrong: list[bytes] = field(default_factory=list)
    refused: list[tuple[float, str]] = field(default_factory=list)
    longest_s: float = 0.0

    def errors(self) -> Counter[str]:
        return Counter(kind for _, kind in self.refused)

    def healed_after(self, moment: float, *, within_s: float) -> float:
        """Waits for the first signature after ``moment``; the seconds from then to it."""
        while time.monotonic() < moment + within_s:
            if self.good and self.good[-1] >= moment:
                return min(when for when in self.good if when >= moment) - moment
            time.sleep(0.02)
        raise AssertionError(f"no signature within {within_s} s of the fault's end")

    def good_between(self, start: float, end: float) -> int:
        return sum(start <= when < end for when in self.good)


@contextmanager
def signing(
    token: Token, ref: KeyRef, algorithm: SignatureAlgorithm, spki: bytes, *, threads: int = 8
) -> Iterator[Load]:
    """Threads at work until the block ends; after an error each waits 10 ms."""
    load, over = Load(), threading.Event()

    def work(number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            message = f"{number} {count}".encode()
            start = time.monotonic()
            try:
                signature = token.sign(ref, algorithm, message)
            except TokenError as error:
                load.refused.append((time.monotonic(), type(error).__name__))
                over.wait(0.01)
            else:
                right = verify(spki, algorithm, message, signature)
                if right:
                    load.good.append(time.monotonic())
                else:
                    load.wrong.append(signature)
            load.longest_s = max(load.longest_s, time.monotonic() - start)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        over.set()
        for worker in workers:
            worker.join(60)
        assert not any(worker.is_alive() for worker in workers)


def in_children(count: int, work: Callable[[], object]) -> list[str]:
    """What ``work`` came to in each of the forked children, begun together: "signed", or its error."""
    gate, door = os.pipe()
    reports = [_forked(gate, door, work) for _ in range(count)]
    os.close(gate)
    os.close(door)
    answers = []
    for child, report in reports:
        with open(report, "rb") as pipe:  # noqa: PTH123 - a descriptor
            answers.append(pipe.read().decode())
        os.waitpid(child, 0)
    return answers


def _forked(gate: int, door: int, work: Callable[[], object]) -> tuple[int, int]:
    """A child, and what its report is read from."""
    report, mouth = os.pipe()
    child = os.fork()
    if child:
        os.close(mouth)
        return child, report
    try:
        os.close(door)
        os.read(gate, 1)
        try:
            work()
            answer = "signed"
        except Exception as error:  # noqa: BLE001 - the test looks at its name
            answer = type(error).__name__
        os.write(mouth, answer.encode())
    finally:
        os._exit(0)
