"""The composition root: the only package that names concrete adapters."""

from ca_bridge.wiring.commands import composition, liveness, rest_app, serve, wsgi_app
from ca_bridge.wiring.engine import settings
from ca_bridge.wiring.gateways import gateway
from ca_bridge.wiring.policies import offline_trust, pins, policy_lint, policy_report
from ca_bridge.wiring.releases import release_compiler, release_store

__all__ = [
    "composition",
    "gateway",
    "liveness",
    "offline_trust",
    "pins",
    "policy_lint",
    "policy_report",
    "release_compiler",
    "release_store",
    "rest_app",
    "serve",
    "settings",
    "wsgi_app",
]
