"""Logs as JSON lines on standard error, ours and the server's alike."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any, TextIO

import structlog
from structlog.types import Processor

_STAMP: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs(level: str) -> None:
    """Send structlog's lines of this process to standard error from ``level`` up."""
    structlog.configure(
        processors=[*_STAMP, structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    warnings.showwarning = _warning_line


def _warning_line(
    message: Warning | str,
    category: type[Warning],
    filename: str,  # noqa: ARG001 - the standard library's shape
    lineno: int,  # noqa: ARG001
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """A warning, of keys in software and the like, as a line like any other."""
    structlog.get_logger("ca_bridge.warnings").warning(category.__name__, text=str(message))


class ThreadsAreMeant(logging.Filter):
    """Drops the server's advice on its number of threads: they wait for slow bodies."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is anything else."""
        return "Python threads" not in record.getMessage()


def server_log_config() -> dict[str, Any]:
    """What the server gives to logging.config.dictConfig, for the same lines as ours."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": list(_STAMP),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
                ],
            }
        },
        "filters": {"threads": {"()": ThreadsAreMeant}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
        },
        "loggers": {
            "_granian": {
                "handlers": ["stderr"],
                "filters": ["threads"],
                "level": "INFO",
                "propagate": False,
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
