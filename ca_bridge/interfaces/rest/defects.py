"""Defects of ours, logged: where it broke and in which request; never what was sent."""

from __future__ import annotations

from pathlib import PurePath
from traceback import walk_tb

import structlog
from flask import g

_log = structlog.get_logger("ca_bridge.rest")
_FRAMES = 8


def log_defect(error: BaseException) -> None:
    """One line: kind of the error, innermost frames. Its text stays out, since it may quote input."""
    frames = [
        f"{PurePath(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    _log.error("defect", request_id=g.request_id, kind=type(error).__name__, frames=frames[-_FRAMES:])
