"""What goes wrong with SM2 engines."""

from __future__ import annotations

from ca_bridge.services.errors import ConfigurationError


class Sm2EngineError(ConfigurationError):
    """An SM2 engine that cannot be loaded, or does not give the answers of the published vectors."""
