"""RecognitionRules: a policy compiled for use, and narrowed to one relying domain under one trust model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ca_bridge.core.recognition.agreement import Agreement, RecognitionStatus
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import PkiDomain, PrincipalCa
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import TrustList, TrustListEntry
from ca_bridge.core.verdict import TrustModel
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityRule

Digest = Callable[[str], str]
"""Stands in for personal numbers (core.x509.identity_key.PersonalDigest)."""


UNKNOWN_DOMAIN = "-"
"""The domain of a key that is certified across domains and that no domain, or more than one, pins."""


@dataclass(frozen=True, slots=True)
class Member:
    """Whose key it is: the PKI domain and its principal CAs."""

    domain: str
    authorities: tuple[PrincipalCa, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry that is no draft, and the list it stands in."""

    trust_list: TrustList
    entry: TrustListEntry

    @property
    def reference(self) -> str:
        """List and entry, as verdicts name them."""
        return f"{self.trust_list.identifier}/{self.entry.identifier}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionRules:
    """What one relying domain goes by. ``domain`` None = it grades nothing and judges no crossing.

    ``members``: keys by SHA-256 of the SubjectPublicKeyInfo. ``agreements``: by (issuer, subject) domain,
    drafts left out. ``entries``: those of the trust lists the domain relies on. ``registry``: where
    certificates carry identity numbers; without ``digest`` persons have no identity keys.
    """

    model: TrustModel
    name: str
    domain: PkiDomain | None
    domains: Mapping[str, PkiDomain] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    agreements: Mapping[tuple[str, str], tuple[Agreement, ...]] = field(default_factory=dict)
    entries: tuple[ListedEntry, ...] = ()
    blocks: Mapping[tuple[BlockKind, str], tuple[Block, ...]] = field(default_factory=dict)
    registry: tuple[IdentityRule, ...] = REGISTRY
    digest: Digest | None = None


def compile_policy(
    policy: RecognitionPolicy,
    *,
    known_keys: Mapping[str, str] | None = None,
    registry: tuple[IdentityRule, ...] = REGISTRY,
    digest: Digest | None = None,
) -> RecognitionRules:
    """What all domains of a policy share; nobody's until ``rules_of`` narrows it.

    ``known_keys`` gives the key of a certificate pinned by fingerprint. A pinned certificate that is not
    known yet makes nobody a member; its key pins still do.
    """
    return RecognitionRules(
        model=TrustModel.CROSS_CERTIFICATION,
        name="",
        domain=None,
        domains={domain.name: domain for domain in policy.domains},
        members=_members(policy, known_keys or {}),
        agreements=_agreements(policy),
        entries=_entries(policy),
        blocks=_blocks(policy),
        registry=registry,
        digest=digest,
    )


def rules_of(
    compiled: RecognitionRules, relying_domain: str, model: TrustModel, trust_lists: Iterable[str] = ()
) -> RecognitionRules:
    """The rules of one domain, which relies on the entries of ``trust_lists`` and of no others."""
    wanted = frozenset(trust_lists)
    return replace(
        compiled,
        model=model,
        name=relying_domain,
        domain=compiled.domains.get(relying_domain),
        entries=tuple(e for e in compiled.entries if e.trust_list.identifier in wanted),
    )


def _entries(policy: RecognitionPolicy) -> tuple[ListedEntry, ...]:
    return tuple(
        ListedEntry(trust_list=trust_list, entry=entry)
        for trust_list in policy.trust_lists
        for entry in trust_list.entries
        if entry.status is not RecognitionStatus.DRAFT
    )


def _members(policy: RecognitionPolicy, known_keys: Mapping[str, str]) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for domain in policy.domains:
        for authority in domain.authorities:
            pinned = (known_keys[f] for f in authority.certificates if f in known_keys)
            for key in dict.fromkeys((*authority.keys, *pinned)):
                members[key] = _also(members.get(key), domain.name, authority)
    return members


def _also(known: Member | None, domain: str, authority: PrincipalCa) -> Member:
    """A key of several authorities keeps all their licences; one that two domains claim is of neither."""
    if known is None:
        return Member(domain, (authority,))
    return Member(domain if known.domain == domain else UNKNOWN_DOMAIN, (*known.authorities, authority))


def _agreements(policy: RecognitionPolicy) -> dict[tuple[str, str], tuple[Agreement, ...]]:
    found: dict[tuple[str, str], list[Agreement]] = {}
    for agreement in sorted(policy.agreements, key=lambda a: a.identifier):
        if agreement.status is RecognitionStatus.DRAFT:
            continue
        parties = (agreement.issuer_domain, agreement.subject_domain)
        for issuer, subject in (parties, parties[::-1]):
            if agreement.mappings_between(issuer, subject) is not None:
                found.setdefault((issuer, subject), []).append(agreement)
    return {parties: tuple(agreements) for parties, agreements in found.items()}


def _blocks(policy: RecognitionPolicy) -> dict[tuple[BlockKind, str], tuple[Block, ...]]:
    found: dict[tuple[BlockKind, str], list[Block]] = {}
    for block in sorted(policy.blocks, key=lambda b: b.identifier):
        found.setdefault((block.kind, block.value), []).append(block)
    return {about: tuple(blocks) for about, blocks in found.items()}
