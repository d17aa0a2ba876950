"""The state variables of path validation and their first values, RFC 5280 §6.1.2."""

from __future__ import annotations

from dataclasses import dataclass, field

from ca_bridge.core.budget import Budget
from ca_bridge.core.path.candidate import CandidatePath, WorkingKey
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import inherited
from ca_bridge.core.path.name_constraints import NameSubtrees
from ca_bridge.core.path.policy_graph import PolicyGraph, initial_policy_graph
from ca_bridge.core.path.trust_anchor import inputs_of_parameters, merge_inputs
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.request import Parameters
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.names import Name

MAX_FINDINGS = 32
"""Findings kept of one path: more of them tell nobody more."""


@dataclass(slots=True, eq=False)
class PathState:
    """What §6.1.2 calls the state variables, and the findings so far. Lives for one path.

    ``subtrees`` holds permitted_subtrees and excluded_subtrees, None while there are none.
    ``length_limit_is_asked``: max_path_length is still the caller's own.
    """

    parameters: Parameters
    budget: Budget
    user_initial_policy_set: frozenset[str]
    policy_graph: PolicyGraph | None
    explicit_policy: int
    inhibit_any_policy: int
    policy_mapping: int
    max_path_length: int
    length_limit_is_asked: bool
    working_issuer_name: Name
    working_key: WorkingKey
    subtrees: NameSubtrees | None = None
    policy_lost: bool = False
    issuer_keys: list[WorkingKey] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Keep ``finding``, up to MAX_FINDINGS."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    def fail(self, reason: Reason, position: int, **params: str) -> None:
        """Keep a finding of ``reason`` about the certificate at ``position``."""
        self.add(Finding(reason=reason, position=position, params=tuple(sorted(params.items()))))


def initial_state(candidate: CandidatePath, context: Context) -> PathState:
    """The state before the first certificate: §6.1.2 (a)-(k) with the merged inputs."""
    anchor, length = candidate.anchor, len(candidate.certificates)
    asked = inputs_of_parameters(context.parameters)
    inputs = merge_inputs(asked, anchor.inputs)
    limit = inputs.max_path_length
    return PathState(
        context.parameters,
        context.budget,
        inputs.user_initial_policy_set,
        initial_policy_graph(),
        _counter(inputs.explicit_policy, length),
        _counter(inputs.inhibit_any_policy, length),
        _counter(inputs.policy_mapping, length),
        length if limit is None else min(limit, length),
        limit is not None and limit == asked.max_path_length,
        anchor.certificate.subject,
        WorkingKey(anchor.certificate.spki, inherited(anchor.certificate.spki, None)),
    )


def _counter(asked: int | None, length: int) -> int:
    """First value of explicit_policy, inhibit_anyPolicy or policy_mapping: n + 1 unless asked less."""
    return length + 1 if asked is None else min(asked, length + 1)
