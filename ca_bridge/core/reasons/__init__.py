"""The catalogue: every reason the gateway can give, by its code."""

from __future__ import annotations

from types import MappingProxyType, ModuleType

from ca_bridge.core.reasons import (
    algorithm_keys,
    algorithms,
    building,
    conformance,
    evidence,
    format,  # noqa: A004 - the stage's name
    format_der,
    format_input,
    format_status,
    identity,
    name_constraints,
    recognition,
    revocation,
    service,
    target,
    trust_list,
    validation,
)
from ca_bridge.core.reasons.model import Reason

_STAGES = (
    service,
    format,
    format_der,
    format_input,
    format_status,
    algorithms,
    algorithm_keys,
    building,
    evidence,
    conformance,
    validation,
    name_constraints,
    target,
    revocation,
    recognition,
    trust_list,
    identity,
)


def _rows(stage: ModuleType) -> dict[str, Reason]:
    return {value.code: value for value in vars(stage).values() if isinstance(value, Reason)}


CATALOGUE = MappingProxyType({code: row for stage in _STAGES for code, row in sorted(_rows(stage).items())})
