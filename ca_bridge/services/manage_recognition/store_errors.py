"""What a store of releases says when it cannot do its work; never about what was asked."""

from __future__ import annotations

from ca_bridge.services.errors import GatewayError


class StoreUnavailable(GatewayError):
    """The store did not answer in time or at all; try later, and look first whether the step was taken."""


class StoreDamaged(GatewayError):
    """What is stored is not what was written; nothing may be decided by it."""
