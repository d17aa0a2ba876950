"""What a door opens onto: the use cases of one process, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ca_bridge.services.decision_log.decision_log import DecisionLog
from ca_bridge.services.decision_log.public_log import PublicLog
from ca_bridge.services.impact.recorder import RequestRecorder
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.ports import Clock, Diagnosis, DomainSource
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.shadow import Shadow
from ca_bridge.services.trust import Engine
from ca_bridge.services.validate_certificate import ValidateCertificate

Published = Callable[[str], tuple[bytes, str] | None]
"""A file that the bridge CA publishes, by its name, with its media type; None = there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Use cases and the ports they stand on; built once per process by the composition root.

    ``shadow`` and ``releases`` None = no database of releases is configured; ``recorder`` None = requests
    are not kept; ``decisions`` None = decisions are not written down.
    """

    validate: ValidateCertificate
    domains: DomainSource
    default_domain: str
    engine: Engine
    clock: Clock
    diagnosis: Diagnosis
    shadow: Shadow | None = None
    releases: ReleaseDesk | None = None
    recorder: RequestRecorder | None = None
    decisions: DecisionLog | None = None
    log: PublicLog | None = None
    published: Published | None = None


GatewayOver = Callable[[PolicyDocuments], Gateway]
"""Makes a gateway that judges under other documents; ConfigurationError when they cannot be compiled."""

GatewayFactory = Callable[[], Gateway]
"""Makes the gateway of this process; a worker process calls it again for its own."""
