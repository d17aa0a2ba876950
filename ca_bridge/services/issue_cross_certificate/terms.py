"""What a cross-certificate says: from its agreement, and where the parties' own certificates say less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ca_bridge.core.request import KeyUsageBit, shorter
from ca_bridge.core.x509.extensions import (
    BasicConstraints,
    NameConstraints,
    PolicyConstraints,
    PolicyMapping,
)
from ca_bridge.core.x509.times import time_text
from ca_bridge.core.x509_writing import extensions as write
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, own_key_identifier
from ca_bridge.services.bridge_ca.names import complete_crl, delta_crl, issued_to
from ca_bridge.services.issue_cross_certificate.agreed import Agreed
from ca_bridge.services.issue_cross_certificate.errors import NO_VALIDITY_LEFT, BridgeRefused
from ca_bridge.services.issue_cross_certificate.member import Member
from ca_bridge.services.issue_cross_certificate.member_constraints import confined

_USAGE = (KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The agreement as the fields of a certificate.

    ``policies`` are of the bridge's domain; ``mappings`` lead to the member's.
    """

    policies: tuple[str, ...]
    mappings: tuple[PolicyMapping, ...]
    constraints: PolicyConstraints
    inhibit_any_policy: int
    path_length: int
    names: NameConstraints | None
    ca_repository: str
    not_before: datetime
    not_after: datetime


def terms_of(agreed: Agreed, member: Member, issuer: BridgeIssuer, now: datetime) -> Terms:
    """The terms for ``member`` from ``now`` on; NO_VALIDITY_LEFT, MEMBER_CONSTRAINTS_NOT_CARRIED."""
    said = agreed.agreement.cross_certificate
    pairs = {(m.issuer_domain_policy, m.subject_domain_policy) for m in agreed.mappings}
    not_before = now.replace(microsecond=0)
    if member.certificate is not None:
        not_before = max(not_before, member.certificate.not_before)
    length = shorter(said.max_path_length, member.path_length)
    return Terms(
        policies=tuple(sorted({policy for policy, _ in pairs})),
        mappings=tuple(PolicyMapping(*pair) for pair in sorted(_to_be_mapped(pairs))),
        constraints=PolicyConstraints(0, said.inhibit_policy_mapping),
        inhibit_any_policy=said.inhibit_any_policy,
        path_length=said.max_path_length if length is None else length,
        names=confined(agreed_names(agreed), member.name_constraints),
        ca_repository=said.ca_repository or member.ca_repository,
        not_before=not_before,
        not_after=_end(agreed, member, issuer, not_before),
    )


def agreed_names(agreed: Agreed) -> NameConstraints | None:
    """Names that the agreement gives to the member; None = it says nothing of names."""
    conditions = agreed.agreement.conditions
    if not (conditions.permitted_names or conditions.excluded_names):
        return None
    return NameConstraints(conditions.permitted_names, conditions.excluded_names)


def _to_be_mapped(pairs: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A policy that both sides share needs no mapping, unless it is mapped to others too (§6.1.4 (b)(1))."""
    others = {policy for policy, subject in pairs if policy != subject}
    return (pair for pair in pairs if pair[0] in others)


def _end(agreed: Agreed, member: Member, issuer: BridgeIssuer, now: datetime) -> datetime:
    """The first of all ends; a certificate is still valid at its notAfter, an agreement not at its end."""
    said = agreed.agreement
    ends = [
        ("the bridge's certificate", issuer.parsed.not_after),
        ("the longest validity of the configuration", now + issuer.max_validity - _SECOND),
    ]
    if said.effective_until is not None:
        ends.append((f"agreement {said.identifier}", said.effective_until - _SECOND))
    lasts = said.cross_certificate.validity
    if lasts is not None:
        ends.append((f"the validity that agreement {said.identifier} gives", now + lasts - _SECOND))
    licence = agreed.member_ca.licence
    if licence is not None and licence.not_after is not None:
        ends.append((f"licence {licence.number}", licence.not_after - _SECOND))
    if member.certificate is not None:
        ends.append(("the member's certificate", member.certificate.not_after))
    what, until = min(ends, key=lambda end: end[1])
    if until <= now:
        raise BridgeRefused(NO_VALIDITY_LEFT, what=what, until=time_text(until))
    return until


def extensions_of(terms: Terms, member: Member, issuer: BridgeIssuer) -> tuple[bytes, ...]:
    """The extensions of the cross-certificate, DER, in a fixed order."""
    return (
        write.basic_constraints(BasicConstraints(ca=True, path_length=terms.path_length)),
        write.key_usage(_USAGE),
        write.subject_key_identifier(member.key_identifier),
        write.authority_key_identifier(own_key_identifier(issuer.parsed)),
        write.certificate_policies(terms.policies),
        *((write.policy_mappings(terms.mappings),) if terms.mappings else ()),
        write.policy_constraints(terms.constraints),
        write.inhibit_any_policy(terms.inhibit_any_policy),
        *(() if terms.names is None else (write.name_constraints(terms.names),)),
        write.crl_distribution_point(issuer.address(complete_crl(issuer.label))),
        write.freshest_crl(issuer.address(delta_crl(issuer.label))),
        write.authority_info_access(issuer.address(issued_to(issuer.label))),
        *((write.subject_info_access(terms.ca_repository),) if terms.ca_repository else ()),
    )
