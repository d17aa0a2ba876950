"""Trust for one question only: a snapshot of the anchors that came with it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.budget import Limits
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.reasons.service import TRUST_ANCHOR_UNREADABLE
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.errors import UnusableQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The engines every snapshot of one process judges with; ``rules_id`` names the algorithm rules."""

    signatures: SignatureChecker
    pool: Pool
    rules_id: str
    limits: Limits = Limits()  # noqa: RUF009 - frozen


class SuppliedTrust:
    """Snapshots of supplied anchors; the last ``remembered`` sets are kept."""

    def __init__(self, engine: Engine, *, remembered: int = 256) -> None:
        self._engine = engine
        self._remembered = remembered
        self._snapshots: OrderedDict[tuple[bytes, ...], TrustSnapshot] = OrderedDict()

    def snapshot(self, anchors: tuple[bytes, ...]) -> TrustSnapshot:
        """Trust in exactly these anchors (DER); their order and repetition change nothing.

        Raises UnusableQuestion when one cannot be read: trust is never a part of what was asked for.
        """
        known = self._snapshots.get(anchors)
        if known is not None:
            self._snapshots.move_to_end(anchors)
            return known
        made = self._compile(anchors)
        self._snapshots[anchors] = made
        if len(self._snapshots) > self._remembered:
            self._snapshots.popitem(last=False)
        return made

    def _compile(self, anchors: tuple[bytes, ...]) -> TrustSnapshot:
        certificates = {self._read(i, der) for i, der in enumerate(anchors)}
        ordered = sorted(certificates, key=lambda c: c.fingerprint)
        identity = "\n".join(("supplied anchors", self._engine.rules_id, *(c.fingerprint for c in ordered)))
        return TrustSnapshot(
            snapshot_id=sha256(identity.encode()).hexdigest(),
            domain="",
            anchors=tuple(TrustAnchor(certificate=c) for c in ordered),
            graph=CaGraph.empty(),
            signatures=self._engine.signatures,
            pool=self._engine.pool,
            limits=self._engine.limits,
        )

    def _read(self, index: int, der: bytes) -> Certificate:
        try:
            return self._engine.pool.certificate(der)
        except Malformed as error:
            raise UnusableQuestion(
                TRUST_ANCHOR_UNREADABLE, index=str(index), cause=error.reason.code
            ) from error
