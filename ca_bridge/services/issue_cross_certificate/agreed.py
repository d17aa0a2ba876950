"""The agreement that a cross-certificate is issued under, and the parties to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ca_bridge.core.recognition.agreement import Agreement, PolicyMapping
from ca_bridge.core.recognition.analysis.facts import NOTHING_KNOWN, KnownFacts
from ca_bridge.core.recognition.analysis.standing import blocks_in_force, in_force
from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.core.recognition.domain import PkiDomain, PrincipalCa
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.lifecycle import is_within
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer
from ca_bridge.services.issue_cross_certificate.errors import (
    AGREEMENT_MAPS_NOTHING,
    AGREEMENT_NOT_APPROVED,
    AGREEMENT_NOT_IN_FORCE,
    AGREEMENT_NOT_OURS,
    AGREEMENT_UNKNOWN,
    ISSUER_NOT_PRINCIPAL_CA,
    KEY_ALGORITHM_NOT_AGREED,
    LICENCE_NOT_IN_FORCE,
    MEMBER_BLOCKED,
    MEMBER_NOT_PRINCIPAL_CA,
    BridgeRefused,
)
from ca_bridge.services.issue_cross_certificate.member import Member
from ca_bridge.services.policy_documents import ReleaseId

_OPEN = "-"
FOLDER = 0
"""Number of the release that is none: the policies folder as it lies, before the first release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The policy of the release in force.

    ``facts``: what the analysis knows beside it. ``known_keys``, ``known_names``: SHA-256 of the key, and the
    subject, of each certificate that is at hand, by the certificate's SHA-256.
    """

    release: ReleaseId
    policy: RecognitionPolicy
    facts: KnownFacts = NOTHING_KNOWN
    known_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    known_names: Mapping[str, Name] = field(default_factory=lambda: MappingProxyType({}))

    def authorities_by_key(self) -> dict[tuple[str, str], str]:
        """Identifiers of principal CAs by domain and key."""
        return {
            (domain.name, key): authority.identifier
            for domain in self.policy.domains
            for authority in domain.authorities
            for key in _keys_of(authority, self.known_keys)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An agreement in force, read from the bridge's side.

    ``member_domain`` is relied on by ``mappings``; ``own_ca`` and ``member_ca`` are the principal CAs of the
    two keys.
    """

    agreement: Agreement
    mappings: tuple[PolicyMapping, ...]
    member_domain: str
    own_ca: PrincipalCa
    member_ca: PrincipalCa


def agreed_for(
    identifier: str, member: Member, issuer: BridgeIssuer, known: PolicyInForce, now: datetime
) -> Agreed:
    """The agreement ``identifier`` for this member; any of the refusals about parties and standing."""
    if known.release.number == FOLDER:
        raise BridgeRefused(AGREEMENT_NOT_APPROVED, agreement=identifier)
    agreement = _in_force(identifier, known.policy, now)
    parties = (agreement.issuer_domain, agreement.subject_domain)
    other = parties[1] if issuer.domain == parties[0] else parties[0]
    mappings = agreement.mappings_between(issuer.domain, other)
    if mappings is None:
        raise BridgeRefused(AGREEMENT_NOT_OURS, agreement=identifier, domain=issuer.domain)
    if not mappings:
        raise BridgeRefused(AGREEMENT_MAPS_NOTHING, agreement=identifier, domain=other)
    domains = {domain.name: domain for domain in known.policy.domains}
    own_ca = _pinned(domains.get(issuer.domain), _own_hashes(issuer), known.known_keys)
    if own_ca is None:
        key = _own_hashes(issuer)[0]
        raise BridgeRefused(ISSUER_NOT_PRINCIPAL_CA, key=key, domain=issuer.domain)
    member_ca = _pinned(domains.get(other), (member.key_hash, *member.certificate_hashes), known.known_keys)
    if member_ca is None:
        raise BridgeRefused(MEMBER_NOT_PRINCIPAL_CA, key=member.key_hash, domain=other)
    _check_standing(member, member_ca, known.policy, now)
    kinds = {kind.value for kind in agreement.conditions.key_algorithms}
    if member.key_kind not in kinds:
        raise BridgeRefused(KEY_ALGORITHM_NOT_AGREED, agreement=identifier, algorithm=member.key_kind)
    return Agreed(
        agreement=agreement, mappings=mappings, member_domain=other, own_ca=own_ca, member_ca=member_ca
    )


def _in_force(identifier: str, policy: RecognitionPolicy, now: datetime) -> Agreement:
    agreement = next((a for a in policy.agreements if a.identifier == identifier), None)
    if agreement is None:
        raise BridgeRefused(AGREEMENT_UNKNOWN, agreement=identifier)
    if not in_force(agreement, now):
        until = agreement.effective_until
        raise BridgeRefused(
            AGREEMENT_NOT_IN_FORCE,
            agreement=identifier,
            status=agreement.status.value,
            since=time_text(agreement.effective_from),
            until=_OPEN if until is None else time_text(until),
        )
    return agreement


def _own_hashes(issuer: BridgeIssuer) -> tuple[str, ...]:
    certificate = issuer.parsed
    return (key_hash(certificate), certificate.fingerprint)


def _pinned(
    domain: PkiDomain | None, hashes: tuple[str, ...], known_keys: Mapping[str, str]
) -> PrincipalCa | None:
    """The principal CA of ``domain`` that pins the key (the first of ``hashes``) or the certificate."""
    for authority in () if domain is None else domain.authorities:
        if hashes[0] in _keys_of(authority, known_keys) or not set(hashes[1:]).isdisjoint(
            authority.certificates
        ):
            return authority
    return None


def _keys_of(authority: PrincipalCa, known_keys: Mapping[str, str]) -> frozenset[str]:
    """Keys that it pins, and those of the certificates that it pins, where they are known."""
    pinned = (known_keys[c] for c in authority.certificates if c in known_keys)
    return frozenset((*authority.keys, *pinned))


def _check_standing(member: Member, authority: PrincipalCa, policy: RecognitionPolicy, now: datetime) -> None:
    blocked = blocks_in_force(policy.blocks, now)
    asked = {
        (BlockKind.KEY, member.key_hash),
        (BlockKind.CA, member.key_hash),
        *((BlockKind.CERTIFICATE, digest) for digest in member.certificate_hashes),
    }
    if not asked.isdisjoint(blocked):
        raise BridgeRefused(MEMBER_BLOCKED)
    licence = authority.licence
    if licence is not None and not is_within(now, licence.not_before, licence.not_after):
        raise BridgeRefused(LICENCE_NOT_IN_FORCE, licence=licence.number, authority=authority.identifier)
