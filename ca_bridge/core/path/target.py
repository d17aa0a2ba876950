"""Whether the target certificate fits what it is to be used for."""

from __future__ import annotations

from ca_bridge.core.request import Parameters
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate


def check_target(certificate: Certificate, parameters: Parameters) -> tuple[Finding, ...]:
    """Purpose, key usage and host name."""
    return ()
