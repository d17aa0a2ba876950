"""What trust lists let a relying domain reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.analysis.facts import CaRef
from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.core.recognition.domain import AssuranceScale, PkiDomain
from ca_bridge.core.recognition.lifecycle import is_within
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import AuthorityPin, TrustList, TrustListEntry

Blocked = frozenset[tuple[BlockKind, str]]


@dataclass(frozen=True, slots=True)
class ListedStep:
    """One trust-list entry used; ``level`` "" = none of the relying domain's scale."""

    relying_domain: str
    trust_list: str
    entry: str
    level: str


def listed_steps(
    policy: RecognitionPolicy,
    at: datetime,
    trust_lists_of: Mapping[str, tuple[str, ...]],
    blocked: Blocked,
) -> dict[tuple[str, str], tuple[ListedStep, tuple[CaRef, ...]]]:
    """The best entry and the authorities reached at ``at``, by (relying domain, subject).

    The subject is "domain/identifier" of the principal CA whose certificate an entry pins, or "list/entry"
    where none does; never told by names. A list past its next update reaches nobody.
    """
    pinned = {
        certificate: CaRef(domain.name, authority.identifier)
        for domain in policy.domains
        for authority in domain.authorities
        for certificate in authority.certificates
    }
    lists = {one.identifier: one for one in policy.trust_lists}
    found: dict[tuple[str, str], tuple[ListedStep, tuple[CaRef, ...]]] = {}
    for domain in sorted(policy.domains, key=lambda d: d.name):
        for entry, trust_list in _entries(lists, trust_lists_of.get(domain.name, ()), at, blocked):
            step = _step(domain, trust_list, entry)
            for authority in _authorities(trust_list, entry, pinned):
                parties = (domain.name, str(authority))
                if parties not in found or _better(step, found[parties][0], domain.scale):
                    found[parties] = (step, (authority,))
    return found


def _entries(
    lists: Mapping[str, TrustList], wanted: Iterable[str], at: datetime, blocked: Blocked
) -> Iterator[tuple[TrustListEntry, TrustList]]:
    for identifier in sorted(wanted):
        trust_list = lists.get(identifier)
        if trust_list is None or not is_within(at, None, trust_list.next_update):
            continue
        for entry in sorted(trust_list.entries, key=lambda e: e.identifier):
            active = entry.status is RecognitionStatus.ACTIVE
            within = is_within(at, entry.recognised_from, entry.recognised_until)
            if active and within and _any_good(entry.roots, blocked) and _any_good(entry.issuers, blocked):
                yield entry, trust_list


def _any_good(pins: Iterable[AuthorityPin], blocked: Blocked) -> bool:
    return any((BlockKind.CERTIFICATE, pin.sha256) not in blocked for pin in pins)


def _step(domain: PkiDomain, trust_list: TrustList, entry: TrustListEntry) -> ListedStep:
    level = entry.level if domain.scale.rank(entry.level) >= 0 else ""
    return ListedStep(domain.name, trust_list.identifier, entry.identifier, level)


def _authorities(
    trust_list: TrustList, entry: TrustListEntry, pinned: Mapping[str, CaRef]
) -> tuple[CaRef, ...]:
    pins = (*entry.roots, *entry.issuers)
    known = {pinned[pin.sha256] for pin in pins if pin.sha256 in pinned}
    return tuple(sorted(known)) or (CaRef(trust_list.identifier, entry.identifier),)


def _better(step: ListedStep, other: ListedStep, scale: AssuranceScale) -> bool:
    return scale.rank(step.level) > scale.rank(other.level)
