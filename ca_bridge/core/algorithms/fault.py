"""Making findings of this stage."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding


def fault(reason: Reason, **params: str | int) -> Finding:
    """A finding of ``reason`` without position: the caller knows which certificate it speaks of."""
    return Finding(reason=reason, params=tuple(sorted((name, str(value)) for name, value in params.items())))
