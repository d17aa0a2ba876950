"""Runs one fuzz target with coverage feedback, starting from its seeds."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def run(check: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Fuzz ``check`` with the command line's libFuzzer options; returns only by exit."""
    import atheris

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], check)
        atheris.Fuzz()
