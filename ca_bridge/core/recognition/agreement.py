"""Agreements: one domain recognises another (RFC 5217 §4), under conditions and for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralName


class AgreementKind(StrEnum):
    """RFC 5217 §4.2: recognised one way, or both ways."""

    UNILATERAL = "unilateral"
    MUTUAL = "mutual"


class RecognitionStatus(StrEnum):
    """Standing of an agreement or a trust-list entry; only ACTIVE accepts anything."""

    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class KeyAlgorithm(StrEnum):
    """Kinds of keys an agreement can be limited to."""

    RSA = "rsa"
    ECDSA = "ecdsa"
    EDDSA = "eddsa"
    SM2 = "sm2"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMapping:
    """issuer_domain_policy -> subject_domain_policy (RFC 5280 §4.2.1.5), and the level it reaches.

    ``level`` is of the issuer domain's scale: a certificate that reaches ``issuer_domain_policy`` through
    this mapping is relied on at this level and no higher.
    """

    issuer_domain_policy: str
    subject_domain_policy: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an acceptance is limited to; the defaults limit nothing but the purpose list.

    ``max_status_age``: revocation evidence of the target may have been issued this long before the
    validation time. ``permitted_names`` and ``excluded_names`` are subtrees (RFC 5280 §4.2.1.10).
    """

    purposes: frozenset[Purpose] = frozenset(Purpose)
    subject_kinds: frozenset[HolderKind] = frozenset(HolderKind)
    key_algorithms: frozenset[KeyAlgorithm] = frozenset(KeyAlgorithm)
    permitted_names: tuple[GeneralName, ...] = ()
    excluded_names: tuple[GeneralName, ...] = ()
    revocation: RevocationRule = RevocationRule.IF_AVAILABLE
    max_status_age: timedelta | None = None


ANYTHING = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCertificateTerms:
    """What a cross-certificate under the agreement says beside its mappings and names.

    The defaults are the narrowest: no further CA below the member, and no further mapping or anyPolicy below
    the cross-certificate (RFC 5280 §4.2.1.9, §4.2.1.11, §4.2.1.14: certificates that may follow before the
    rule holds). ``validity`` None = as long as all else allows. ``ca_repository``: where the member publishes
    what it issues, "" = as its own certificate says.
    """

    max_path_length: int = 0
    inhibit_policy_mapping: int = 0
    inhibit_any_policy: int = 0
    validity: timedelta | None = None
    ca_repository: str = ""


NARROWEST = CrossCertificateTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """``issuer_domain`` relies on certificates of ``subject_domain``; a mutual one says so both ways.

    ``mappings`` are issuer -> subject; ``reverse_mappings`` the other way, for mutual ones only, with
    levels of the subject domain's scale. In force from ``effective_from`` until before ``effective_until``.
    """

    identifier: str
    title_zh: str
    title_en: str
    kind: AgreementKind
    issuer_domain: str
    subject_domain: str
    status: RecognitionStatus
    effective_from: datetime
    effective_until: datetime | None = None
    mappings: tuple[PolicyMapping, ...] = ()
    reverse_mappings: tuple[PolicyMapping, ...] = ()
    conditions: Conditions = ANYTHING
    cross_certificate: CrossCertificateTerms = NARROWEST

    def mappings_between(self, issuer_domain: str, subject_domain: str) -> tuple[PolicyMapping, ...] | None:
        """Mappings with which ``issuer_domain`` relies on ``subject_domain``; None = it does not by this."""
        if (issuer_domain, subject_domain) == (self.issuer_domain, self.subject_domain):
            return self.mappings
        reversed_parties = (issuer_domain, subject_domain) == (self.subject_domain, self.issuer_domain)
        return self.reverse_mappings if reversed_parties and self.kind is AgreementKind.MUTUAL else None
