"""TrustSnapshot: everything that is trusted, compiled once for use and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.budget import Limits
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.x509.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrustSnapshot:
    """Anchors, known CA certificates and the engines to judge with.

    ``snapshot_id``: SHA-256, lower-case hex, over everything in it that can change an answer.
    ``domain``: name of the trust domain, "" for the caller's own anchors.
    """

    snapshot_id: str
    domain: str
    anchors: tuple[TrustAnchor, ...]
    graph: CaGraph
    signatures: SignatureChecker
    pool: Pool
    limits: Limits = field(default_factory=Limits)
