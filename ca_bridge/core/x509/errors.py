"""The one error that leaves core.x509."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Reason


class Malformed(Exception):
    """The bytes are not what they should be; ``reason`` is a FORMAT_FAILURE row."""

    def __init__(self, reason: Reason, **params: str) -> None:
        """``params`` are exactly those the reason's messages use."""
        super().__init__(reason.code)
        self.reason = reason
        self.params = tuple(sorted(params.items()))
