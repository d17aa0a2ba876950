"""The catalogue: every reason the gateway can give, by its code."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ca_bridge.core.reasons.model import Reason

_STAGES = (
    "format",
    "format_certificate",
    "format_der",
    "format_status",
    "algorithms",
    "algorithm_keys",
    "building",
    "evidence",
    "validation",
    "revocation",
    "service",
)


def _collect() -> dict[str, Reason]:
    found: dict[str, Reason] = {}
    for stage in _STAGES:
        name = f"{__name__}.{stage}"
        if find_spec(name) is not None:
            module = import_module(name)
            for value in vars(module).values():
                if isinstance(value, Reason):
                    found[value.code] = value
    return found


CATALOGUE: dict[str, Reason] = _collect()
