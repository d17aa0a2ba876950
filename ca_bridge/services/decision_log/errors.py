"""Why there is no receipt."""

from __future__ import annotations

from ca_bridge.services.errors import GatewayError


class ReceiptsNotOffered(GatewayError):
    """The gateway keeps no log, or has no key to sign receipts with."""
