"""What one decision walks with: trust, what the caller brought, and its budget."""

from __future__ import annotations

from dataclasses import dataclass, field

from ca_bridge.core.budget import Budget
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.request import Parameters
from ca_bridge.core.verdict import RejectedPath
from ca_bridge.core.x509.certificate import Certificate


@dataclass(slots=True, kw_only=True)
class Context:
    """One decision's working set. ``rejected`` collects every candidate that was not accepted."""

    trust: TrustSnapshot
    parameters: Parameters
    supplied: tuple[Certificate, ...]
    budget: Budget
    rejected: list[RejectedPath] = field(default_factory=list)
