"""Health of a key: one signature, made and verified; nothing less shows that a token is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

from hsm.errors import TokenError
from hsm.token import Health

PROBE_TEXT = b"hsm health probe: this text is no statement of any protocol, and its signature says nothing\n"


def probe(sign: Callable[[bytes], bytes]) -> Health:
    """What comes of ``sign``, which verifies what it returns, on a text that means nothing.

    A TokenError is an answer, and not raised.
    """
    started = time.perf_counter_ns()
    try:
        sign(PROBE_TEXT)
    except TokenError as error:
        usable, detail = False, f"{type(error).__name__}: {error}"
    else:
        usable, detail = True, "signed and verified"
    return Health(usable=usable, detail=detail, elapsed_us=(time.perf_counter_ns() - started) // 1000)
