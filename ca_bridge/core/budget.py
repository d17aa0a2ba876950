"""Counted limits on work that outside data can cause; running out is a finding, never a hang."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Resource(StrEnum):
    """What is counted."""

    SIGNATURES = "signatures"
    PATHS = "paths"
    BUILD_STEPS = "build_steps"
    NAME_COMPARISONS = "name_comparisons"
    POLICY_NODES = "policy_nodes"


class BudgetExhausted(Exception):
    """A counter ran out. Caught in ``decide`` (and nowhere else) and answered as a finding."""

    def __init__(self, resource: Resource, limit: int) -> None:
        """Name the resource and its limit."""
        super().__init__(f"{resource} over {limit}")
        self.resource = resource
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budget of one decision; each default says where it is from.

    signatures, build_steps, name_comparisons: the defaults of rustls-webpki's Budget
    (RUSTSEC-2023-0053, GHSA-fh2r-99q2-6mmg), signatures doubled because CRL and OCSP signers
    share it; paths: candidate paths fully validated; policy_nodes: RFC 9618 §5 graphs of
    10 certificates with 100 policies each, tenfold (CVE-2023-0464).
    """

    signatures: int = 200
    paths: int = 100
    build_steps: int = 200_000
    name_comparisons: int = 250_000
    policy_nodes: int = 10_000
    path_depth: int = 20
    _of: dict[Resource, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the limits up once, not in every decision."""
        object.__setattr__(self, "_of", {resource: getattr(self, resource.value) for resource in Resource})

    def by_resource(self) -> dict[Resource, int]:
        """How much of each resource there is, as a dict of the caller's own."""
        return self._of.copy()


class Budget:
    """Mutable counters of one decision. Never shared between decisions."""

    __slots__ = ("_left", "limits")

    def __init__(self, limits: Limits | None = None) -> None:
        """Start with everything in ``limits`` unspent."""
        self.limits = limits or Limits()
        self._left = self.limits.by_resource()

    def spend(self, resource: Resource, amount: int = 1) -> None:
        """Take ``amount`` of ``resource``; raise BudgetExhausted when it is not there."""
        left = self._left[resource] - amount
        if left < 0:
            raise BudgetExhausted(resource, self.limits.by_resource()[resource])
        self._left[resource] = left
