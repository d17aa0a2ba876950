"""Runs one fuzz file with the product's own code instrumented: ``instrumented.py FILE [libFuzzer options]``.

Only ca_bridge is instrumented: instrumenting everything that is loaded takes minutes and guides nothing.
"""

from __future__ import annotations

import runpy
import sys

import atheris

if __name__ == "__main__":
    target = sys.argv[1]
    sys.argv = sys.argv[1:]
    with atheris.instrument_imports(include=["ca_bridge"]):
        runpy.run_path(target, run_name="__main__")
