"""Extension values of RFC 5280 §4.2 and §5.2-5.3 as frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.names import GeneralName


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as received: dotted OID, criticality, content of extnValue."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class BasicConstraints:
    """RFC 5280 §4.2.1.9."""

    ca: bool
    path_length: int | None


@dataclass(frozen=True, slots=True)
class AuthorityKeyIdentifier:
    """RFC 5280 §4.2.1.1."""

    key_identifier: bytes | None
    issuer: tuple[GeneralName, ...]
    serial_number: int | None


@dataclass(frozen=True, slots=True)
class PolicyInformation:
    """RFC 5280 §4.2.1.4; qualifiers are (dotted qualifier id, DER of the qualifier)."""

    policy: str
    qualifiers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyMapping:
    """RFC 5280 §4.2.1.5."""

    issuer_domain_policy: str
    subject_domain_policy: str


@dataclass(frozen=True, slots=True)
class PolicyConstraints:
    """RFC 5280 §4.2.1.11."""

    require_explicit_policy: int | None
    inhibit_policy_mapping: int | None


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """RFC 5280 §4.2.1.10; minimum is 0 and maximum absent in every subtree, or refused."""

    permitted: tuple[GeneralName, ...]
    excluded: tuple[GeneralName, ...]


class ReasonFlags:
    """ReasonFlags of RFC 5280 §4.2.1.13 by name, without unused(0)."""

    ALL = frozenset(
        {
            "key_compromise",
            "ca_compromise",
            "affiliation_changed",
            "superseded",
            "cessation_of_operation",
            "certificate_hold",
            "privilege_withdrawn",
            "aa_compromise",
        }
    )


@dataclass(frozen=True, slots=True)
class DistributionPoint:
    """RFC 5280 §4.2.1.13. ``full_name`` is empty when the name is relative or absent.

    ``relative_name`` is the normalized RDN (see Name.normalized) of nameRelativeToCRLIssuer;
    ``reasons`` None = all reasons.
    """

    full_name: tuple[GeneralName, ...] = ()
    relative_name: bytes | None = None
    reasons: frozenset[str] | None = None
    crl_issuer: tuple[GeneralName, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuingDistributionPoint:
    """RFC 5280 §5.2.5."""

    full_name: tuple[GeneralName, ...] = ()
    relative_name: bytes | None = None
    only_user_certs: bool = False
    only_ca_certs: bool = False
    only_attribute_certs: bool = False
    only_some_reasons: frozenset[str] | None = None
    indirect_crl: bool = False


@dataclass(frozen=True, slots=True)
class AccessDescription:
    """RFC 5280 §4.2.2.1."""

    method: str
    location: GeneralName


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExtensions:
    """Every extension of RFC 5280 §4.2, absent = None or empty; all of them raw as well.

    ``critical`` lists the OIDs marked critical; ``unknown_critical`` those of them this
    engine does not process (RFC 5280 §6.1.4 (o), §6.1.5 (f)).
    """

    basic_constraints: BasicConstraints | None = None
    key_usage: frozenset[KeyUsageBit] | None = None
    extended_key_usage: frozenset[str] | None = None
    subject_alt_name: tuple[GeneralName, ...] = ()
    issuer_alt_name: tuple[GeneralName, ...] = ()
    subject_key_identifier: bytes | None = None
    authority_key_identifier: AuthorityKeyIdentifier | None = None
    certificate_policies: tuple[PolicyInformation, ...] | None = None
    policy_mappings: tuple[PolicyMapping, ...] | None = None
    policy_constraints: PolicyConstraints | None = None
    inhibit_any_policy: int | None = None
    name_constraints: NameConstraints | None = None
    crl_distribution_points: tuple[DistributionPoint, ...] = ()
    freshest_crl: tuple[DistributionPoint, ...] = ()
    authority_info_access: tuple[AccessDescription, ...] = ()
    subject_info_access: tuple[AccessDescription, ...] = ()
    subject_directory_attributes: bytes | None = None
    ocsp_nocheck: bool = False
    no_rev_avail: bool = False
    raw: tuple[Extension, ...] = ()
    critical: frozenset[str] = frozenset()
    unknown_critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlExtensions:
    """CRL extensions of RFC 5280 §5.2."""

    authority_key_identifier: AuthorityKeyIdentifier | None = None
    crl_number: int | None = None
    delta_crl_indicator: int | None = None
    issuing_distribution_point: IssuingDistributionPoint | None = None
    freshest_crl: tuple[DistributionPoint, ...] = ()
    raw: tuple[Extension, ...] = ()
    critical: frozenset[str] = frozenset()
    unknown_critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlEntryExtensions:
    """CRL entry extensions of RFC 5280 §5.3.

    ``reason`` is a ReasonFlags name, "unspecified" or "remove_from_crl".
    """

    reason: str = "unspecified"
    invalidity_date: str | None = None
    certificate_issuer: tuple[GeneralName, ...] = ()
    unknown_critical: tuple[str, ...] = ()
