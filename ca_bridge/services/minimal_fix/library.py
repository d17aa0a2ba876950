"""Certificates of CAs that this gateway knows from anywhere: what could be sent along or pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import Name
from ca_bridge.services.ports import DomainSource

Way = tuple[Certificate, ...]
"""Certificates, each issued by the next."""
_MAX_STEPS = 8
_MAX_WAYS = 3
_MAX_BREADTH = 200


class Library:
    """Known CA certificates by subject; nothing in it is trusted."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        known = {c.fingerprint: c for c in certificates}
        self._named: dict[Name, list[Certificate]] = {}
        for _, certificate in sorted(known.items()):
            self._named.setdefault(certificate.subject, []).append(certificate)

    def issuers(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Certificates that may have issued ``certificate``: by name, and by key identifier where given."""
        named = self._named.get(certificate.issuer, ())
        return tuple(c for c in named if c != certificate and _fits(certificate, c))

    def roots_above(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Self-issued certificates that may have issued ``certificate``, itself among them."""
        own = (certificate,) if certificate.self_issued else ()
        return (*own, *(c for c in self.issuers(certificate) if c.self_issued))

    def ways(self, certificate: Certificate, anchors: Iterable[TrustAnchor]) -> tuple[Way, ...]:
        """The shortest ways from ``certificate`` to an anchor, which is left out; () = there is none."""
        by_subject: dict[Name, list[Certificate]] = {}
        for anchor in anchors:
            by_subject.setdefault(anchor.certificate.subject, []).append(anchor.certificate)
        return self._shortest(
            certificate, lambda found: any(_fits(found, a) for a in by_subject.get(found.issuer, ()))
        )

    def ways_to_roots(self, certificate: Certificate) -> tuple[Way, ...]:
        """The shortest ways from ``certificate`` to any root, each without the root; () = there is none."""
        return self._shortest(certificate, lambda found: bool(self.roots_above(found)))

    def _shortest(self, start: Certificate, is_end: Callable[[Certificate], bool]) -> tuple[Way, ...]:
        """Breadth first, no certificate twice on the whole: a handful of ways, all of one length.

        () too when ``start`` is an end itself.
        """
        if is_end(start):
            return ()
        level: list[Way] = [()]
        seen = {start}
        for _ in range(_MAX_STEPS):
            longer: list[Way] = []
            for way in level:
                above = self.issuers(way[-1] if way else start)
                longer += [(*way, c) for c in above if not c.self_issued and c not in seen]
            ends = tuple(way for way in longer if is_end(way[-1]))
            if ends or not longer:
                return ends[:_MAX_WAYS]
            seen |= {way[-1] for way in longer}
            level = longer[:_MAX_BREADTH]
        return ()


def library_of(domains: DomainSource, further: Iterable[Certificate]) -> Library:
    """What every domain of ``domains`` knows, and ``further`` certificates."""
    known: dict[str, Certificate] = {c.fingerprint: c for c in further}
    for name in domains.names():
        snapshot = domains.snapshot(name)
        trusts = [snapshot.trust] if snapshot.listed is None else [snapshot.trust, snapshot.listed.trust]
        for trust in trusts:
            certificates: Mapping[str, Certificate] = {c.fingerprint: c for c in trust.graph.certificates}
            known |= certificates
            known |= {a.fingerprint: a.certificate for a in trust.anchors}
    return Library(known.values())


def _fits(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the key identifiers, where both are there, say that ``issuer`` may have issued it."""
    authority = certificate.extensions.authority_key_identifier
    wanted = None if authority is None else authority.key_identifier
    stated = issuer.extensions.subject_key_identifier
    return wanted is None or stated is None or wanted == stated
