"""What the command line is given by the composition root; it names no adapter itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from ca_bridge.interfaces.cli.anchors import AnchorShelf
from ca_bridge.services.gateway import Gateway, GatewayFactory
from ca_bridge.services.policy_report import PolicyReport
from ca_bridge.services.ports import Check


@dataclass(slots=True)
class Composition:
    """Factories: nothing is built before a command needs it.

    ``gateway`` must be importable by name, since worker processes call it again.
    ``further`` are commands made elsewhere (the REST server, the demonstration).
    """

    gateway: GatewayFactory
    policy_report: Callable[[], PolicyReport]
    anchor_shelf: Callable[[], AnchorShelf]
    liveness: Callable[[], Check]
    policy_lint: Callable[[Path | None], PolicyReport]
    further: tuple[click.Command, ...] = ()
    _built: list[Gateway] = field(default_factory=list)

    def built_gateway(self) -> Gateway:
        """The gateway of this process, built once."""
        if not self._built:
            self._built.append(self.gateway())
        return self._built[0]
