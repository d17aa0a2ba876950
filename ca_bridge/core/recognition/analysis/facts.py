"""What is known beside the policy itself: bridges, trust lists relied on, cross-certificates, anchors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True, order=True)
class CaRef:
    """A principal CA by its PKI domain and its identifier there.

    An authority that only a trust list names has the list as ``domain`` and the entry as ``identifier``.
    """

    domain: str
    identifier: str

    def __str__(self) -> str:
        """As reports name it: domain/identifier."""
        return f"{self.domain}/{self.identifier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCertificate:
    """A CA certificate that exists between two principal CAs; both the same = a constrained trust anchor.

    ``mappings``: (issuer_domain_policy, subject_domain_policy). The counters are those of RFC 5280
    §4.2.1.9, §4.2.1.11 and §4.2.1.14; None = absent. From ``not_after`` on it is no longer reckoned with.
    """

    issuer_ca: CaRef
    subject_ca: CaRef
    policies: tuple[str, ...]
    mappings: tuple[tuple[str, str], ...] = ()
    inhibit_policy_mapping: int | None = None
    require_explicit_policy: int | None = None
    inhibit_any_policy: int | None = None
    path_length: int | None = None
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFacts:
    """``bridge_domains`` may pass trust on; of every other domain that was not agreed.

    ``trust_lists_of``: identifiers of the trust lists by the domain that relies on them. ``anchors``: the
    trust anchors in use.
    """

    bridge_domains: frozenset[str] = frozenset()
    trust_lists_of: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    cross_certificates: tuple[CrossCertificate, ...] = ()
    anchors: tuple[CaRef, ...] = ()


NOTHING_KNOWN = KnownFacts()
