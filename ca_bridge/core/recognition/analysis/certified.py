"""Agreed mappings against the cross-certificates that exist: is each carried, and does none inhibit it?

A certificate with inhibitPolicyMapping n lets n more certificates pass before mappings are no longer
processed (RFC 5280 §6.1.4 (b), (h), (i)); pathLenConstraint n lets n more CA certificates pass at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.recognition.analysis import rows
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.dead import mapping_params
from ca_bridge.core.recognition.analysis.facts import CaRef, CrossCertificate, KnownFacts
from ca_bridge.core.recognition.analysis.graph import Edge, MappingGraph
from ca_bridge.core.request import ANY_POLICY


@dataclass(frozen=True, slots=True)
class _Use:
    """An agreed mapping as one cross-certificate carries it."""

    certificate: CrossCertificate
    edge: Edge


@dataclass(frozen=True, slots=True)
class _Way:
    """A walk of cross-certificates down from the one that constrains it."""

    use: _Use
    depth: int
    before: _Way | None

    def certificates(self) -> tuple[CrossCertificate, ...]:
        above = self.before.certificates() if self.before is not None else ()
        return (*above, self.use.certificate)

    def edges(self) -> tuple[Edge, ...]:
        above = self.before.edges() if self.before is not None else ()
        return (*above, self.use.edge)


_Uses = Mapping[CaRef, tuple[_Use, ...]]


def certificate_conflicts(graph: MappingGraph, at: datetime, facts: KnownFacts) -> Iterator[Conflict]:
    """Mappings that no cross-certificate between the two domains carries, and those that one inhibits."""
    current = tuple(c for c in facts.cross_certificates if at < c.not_after)
    uses: dict[CaRef, tuple[_Use, ...]] = {}
    between = {(c.issuer_ca.domain, c.subject_ca.domain): list[CrossCertificate]() for c in current}
    for certificate in current:
        between[certificate.issuer_ca.domain, certificate.subject_ca.domain].append(certificate)
    for edge in graph.edges:
        present = between.get((edge.step.issuer_domain, edge.step.subject_domain), [])
        carrying = [_Use(c, edge) for c in present if _carries(c, edge)]
        for use in carrying:
            issuer = use.certificate.issuer_ca
            uses[issuer] = (*uses.get(issuer, ()), use)
        if present and not carrying:
            yield _uncertified(edge)
    for certificate in current:
        yield from _inhibited(certificate, uses)


def _carries(certificate: CrossCertificate, edge: Edge) -> bool:
    policy, subject = edge.step.mapping.issuer_domain_policy, edge.step.mapping.subject_domain_policy
    mapped = (policy, subject) in certificate.mappings or policy == subject
    return mapped and (policy in certificate.policies or ANY_POLICY in certificate.policies)


def _uncertified(edge: Edge) -> Conflict:
    parties = (("issuer_domain", edge.step.issuer_domain), ("subject_domain", edge.step.subject_domain))
    return Conflict(
        row=rows.DEAD_UNCERTIFIED,
        where=(edge.step.agreement,),
        params=(*mapping_params(edge), *parties),
        witness=(edge.step,),
    )


def _inhibited(above: CrossCertificate, uses: _Uses) -> Iterator[Conflict]:
    """Mappings that ``above`` keeps from being used on every way down from it: by the shortest."""
    if above.inhibit_policy_mapping is None and above.path_length is None:
        return
    queue = [_Way(u, 0, None) for u in uses.get(above.issuer_ca, ()) if u.certificate is above]
    if above.issuer_ca == above.subject_ca:
        queue = [_Way(u, 1, None) for u in uses.get(above.issuer_ca, ())]
    seen: set[tuple[CaRef, int]] = set()
    for way in queue:
        edge, ca = way.use.edge, way.use.certificate.subject_ca
        if (ca, edge.head) in seen:
            continue
        seen.add((ca, edge.head))
        conflict = _cut(above, way)
        if conflict is not None:
            yield conflict
            continue
        below = (u for u in uses.get(ca, ()) if u.edge.tail == edge.head and u.edge.whole)
        queue.extend(_Way(use, way.depth + 1, way) for use in below)


def _cut(above: CrossCertificate, way: _Way) -> Conflict | None:
    """The mapping at the end of ``way``, where it is no longer processed or the path is too long."""
    edge, skip, length = way.use.edge, above.inhibit_policy_mapping, above.path_length
    mapped = edge.step.mapping.issuer_domain_policy != edge.step.mapping.subject_domain_policy
    if skip is not None and mapped and way.depth > skip:
        row, value = rows.INHIBITED, ("skip_certs", str(skip))
    elif length is not None and way.depth > length:
        row, value = rows.PATH_TOO_LONG, ("path_length", str(length))
    else:
        return None
    certificates = way.certificates()
    return Conflict(
        row=row,
        where=(edge.step.agreement,),
        params=(*mapping_params(edge), ("inhibitor", str(above.issuer_ca)), value),
        witness=tuple(e.step for e in way.edges()),
        certificates=certificates if certificates[0] is above else (above, *certificates),
    )
