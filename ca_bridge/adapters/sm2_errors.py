"""What goes wrong with SM2 engines."""

from __future__ import annotations


class Sm2EngineError(Exception):
    """An SM2 engine that cannot be loaded, or does not give the answers of the published vectors."""
