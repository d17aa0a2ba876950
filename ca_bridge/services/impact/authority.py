"""Which CA issued a certificate, as people and groups know it."""

from __future__ import annotations

from collections.abc import Iterable

from ca_bridge.core.path.shown import shown_name
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import Name
from ca_bridge.services.errors import UnknownDomain
from ca_bridge.services.impact.comparison import Authority
from ca_bridge.services.ports import DomainSource

_REMEMBERED = 10_000


class Authorities:
    """Names CAs by the certificates that domains know, else by those that were sent."""

    def __init__(self, domains: DomainSource) -> None:
        self._domains = domains
        self._known: dict[tuple[Name, str], Authority] = {}

    def issuer(self, issuer: Name, domain: str, supplied: Iterable[Certificate]) -> Authority:
        """Name and SHA-256 of the certificate, "" when none is known.

        Of several the first by fingerprint, so that requests of one CA stand in one group.
        """
        known = self._known.get((issuer, domain))
        if known is not None:
            return known
        fingerprints = _known(issuer, self._domains, domain)
        if fingerprints and len(self._known) < _REMEMBERED:
            known = self._known[issuer, domain] = Authority(min(fingerprints), shown_name(issuer))
            return known
        sent = (c.fingerprint for c in supplied if c.subject == issuer)
        return Authority(min(fingerprints or sent, default=""), shown_name(issuer))


def _known(issuer: Name, domains: DomainSource, domain: str) -> set[str]:
    try:
        snapshot = domains.snapshot(domain)
    except UnknownDomain:
        return set()
    trusts = (snapshot.trust, *((snapshot.listed.trust,) if snapshot.listed is not None else ()))
    nodes = (node for trust in trusts for node in trust.graph.named(issuer.normalized))
    anchors = (a for trust in trusts for a in trust.anchors if a.name == issuer)
    return {c.fingerprint for node in nodes for c in node.certificates} | {a.fingerprint for a in anchors}
