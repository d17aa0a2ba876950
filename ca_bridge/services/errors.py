"""Errors of the services: what a caller sent that cannot be used. Never about a certificate."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding


class GatewayError(Exception):
    """Root of the services' own errors."""


class UnusableQuestion(GatewayError):
    """The question cannot be judged as sent; ``finding`` says why, for the caller to mend."""

    def __init__(self, reason: Reason, **params: str) -> None:
        """``params`` are exactly those the reason's messages use."""
        super().__init__(reason.code)
        self.finding = Finding(reason=reason, params=tuple(sorted(params.items())))


class UnknownDomain(GatewayError):
    """No trust domain of this name is configured."""


class ConfigurationError(GatewayError):
    """The gateway cannot be built from its settings or policy files; the text is for people."""
