"""Which policies could be mapped where a path leaves one domain for another, and at which level."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.recognition.assurance import level_within
from ca_bridge.core.recognition.crossings import Crossing
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.rules import UNKNOWN_DOMAIN
from ca_bridge.core.request import ANY_POLICY
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.minimal_fix.obstacles import Case

_MAX_ASSERTED = 4
_MAX_OID = 128


@dataclass(frozen=True, slots=True)
class Pair:
    """issuer_domain_policy, subject_domain_policy, and the lowest level that is enough there."""

    issuer_policy: str
    subject_policy: str
    level: str


def crossings_of(case: Case) -> tuple[Crossing, ...]:
    """Where the case's path leaves a domain, from the anchor down; () when no anchor was reached.

    As core.recognition.crossings finds them on a path that was validated.
    """
    anchor, path = case.obstacle.anchor, case.obstacle.certificates
    if anchor is None:
        return ()
    found: list[Crossing] = []
    current = case.rules.name
    for index, certificate in enumerate((anchor, *reversed(path))):
        domain = _domain_of(certificate, current, case, is_anchor=index == 0)
        if domain != current:
            position = len(path) - index
            found.append(Crossing(position=position, issuer_domain=current, subject_domain=domain))
            current = domain
    return tuple(found)


def _domain_of(certificate: Certificate, current: str, case: Case, *, is_anchor: bool) -> str:
    member = case.rules.members.get(key_hash(certificate))
    if member is not None:
        return member.domain
    maps = certificate.extensions.policy_mappings is not None and not is_anchor
    return UNKNOWN_DOMAIN if maps else current


def asserted_policies(certificate: Certificate | None) -> tuple[str, ...]:
    """Policies the certificate names, anyPolicy left out."""
    policies = () if certificate is None else certificate.extensions.certificate_policies or ()
    usable = (p.policy for p in policies if p.policy != ANY_POLICY and len(p.policy) <= _MAX_OID)
    return tuple(sorted(usable))[:_MAX_ASSERTED]


def pairs_at(crossing: Crossing, case: Case) -> tuple[Pair, ...]:
    """Pairs that the certificate at the crossing itself allows; an agreement could not say more.

    At an anchor of another domain no certificate maps: the lowest policies that are enough, to those that
    the target names.
    """
    domain = case.rules.domains.get(crossing.issuer_domain)
    if domain is None:
        return ()
    certificate = case.certificate(crossing.position)
    if crossing.position == len(case.obstacle.certificates):
        asked = case.parameters.assurance_level
        least = 0 if asked is None else domain.scale.rank(asked)
        graded = sorted({(domain.scale.rank(row.level), row.policy) for row in domain.policies})
        enough = [(rank, policy) for rank, policy in graded if rank >= least]
        own = [policy for rank, policy in enough if rank == enough[0][0]]
        pairs = [(mine, theirs) for mine in own for theirs in asserted_policies(case.target)]
    else:
        pairs = _certified(certificate)
    return tuple(Pair(mine, theirs, level_at(crossing, mine, case)) for mine, theirs in pairs)


def level_at(crossing: Crossing, policy: str, case: Case) -> str:
    """The lowest level of a mapping that is enough at the crossing.

    In the relying domain what was asked; further on what the domain grades the policy at, since a mapping
    that falls short of it counts for nothing there.
    """
    domain = case.rules.domains[crossing.issuer_domain]
    lowest = domain.scale.levels[0]
    if crossing.issuer_domain != case.rules.name:
        return level_within(domain, (policy,)) or lowest
    asked = case.parameters.assurance_level
    return asked if asked is not None and domain.scale.rank(asked) >= 0 else lowest


def _certified(certificate: Certificate | None) -> list[tuple[str, str]]:
    """(issuerDomainPolicy, subjectDomainPolicy) of a cross-certificate; what it does not map stays itself."""
    if certificate is None:
        return []
    mappings = certificate.extensions.policy_mappings or ()
    mapped = [(m.issuer_domain_policy, m.subject_domain_policy) for m in mappings]
    sources = {issuer for issuer, _ in mapped}
    own = [(policy, policy) for policy in asserted_policies(certificate) if policy not in sources]
    return [pair for pair in (*sorted(mapped), *own) if max(map(len, pair)) <= _MAX_OID]
