"""Extensions of CA certificates and CRLs as DER (RFC 5280 §4.2, §5.2, §5.3).

Whether one is critical follows from the profile of RFC 5280 and is not for the caller to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509 import extension_oids as oids
from ca_bridge.core.x509.extensions import (
    BasicConstraints,
    NameConstraints,
    PolicyConstraints,
    PolicyMapping,
)
from ca_bridge.core.x509.names import GeneralName
from ca_bridge.core.x509_writing import der
from ca_bridge.core.x509_writing.names import general_name, uri

_CA_ISSUERS = "1.3.6.1.5.5.7.48.2"
_CA_REPOSITORY = "1.3.6.1.5.5.7.48.5"
_CRL_NUMBER, _DELTA_CRL_INDICATOR, _REASON_CODE = "2.5.29.20", "2.5.29.27", "2.5.29.21"
_KEY_USAGE_BITS = tuple(KeyUsageBit)

REASON_CODES: Mapping[str, int] = MappingProxyType(
    {
        "unspecified": 0,
        "key_compromise": 1,
        "ca_compromise": 2,
        "affiliation_changed": 3,
        "superseded": 4,
        "cessation_of_operation": 5,
        "certificate_hold": 6,
        "remove_from_crl": 8,
        "privilege_withdrawn": 9,
    }
)
"""CRLReason (RFC 5280 §5.3.1) of those that a CA gives for a certificate."""


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """One Extension over the DER of its value."""
    flag = der.boolean_true() if critical else b""
    return der.sequence(der.object_identifier(oid), flag, der.octet_string(value))


def key_identifier(key: bytes) -> bytes:
    """SHA-1 of the subjectPublicKey octets (RFC 5280 §4.2.1.2 (1)): a name, no protection."""
    return hashlib.sha1(key, usedforsecurity=False).digest()


def basic_constraints(constraints: BasicConstraints) -> bytes:
    """BasicConstraints of a CA, critical."""
    length = constraints.path_length
    parts = (der.boolean_true(), b"" if length is None else der.integer(length))
    return extension(oids.BASIC_CONSTRAINTS, der.sequence(*parts), critical=True)


def key_usage(usage: Iterable[KeyUsageBit]) -> bytes:
    """keyUsage, critical."""
    return extension(oids.KEY_USAGE, der.named_bits(map(_KEY_USAGE_BITS.index, usage)), critical=True)


def subject_key_identifier(identifier: bytes) -> bytes:
    """SubjectKeyIdentifier."""
    return extension(oids.SUBJECT_KEY_IDENTIFIER, der.octet_string(identifier))


def authority_key_identifier(identifier: bytes) -> bytes:
    """AuthorityKeyIdentifier by key identifier alone, in certificates and CRLs."""
    return extension(oids.AUTHORITY_KEY_IDENTIFIER, der.sequence(der.primitive(0, identifier)))


def certificate_policies(policies: Iterable[str]) -> bytes:
    """CertificatePolicies without qualifiers."""
    listed = (der.sequence(der.object_identifier(policy)) for policy in policies)
    return extension(oids.CERTIFICATE_POLICIES, der.sequence(*listed))


def policy_mappings(mappings: Iterable[PolicyMapping]) -> bytes:
    """policyMappings, critical as §4.2.1.5 says it should be."""
    pairs = (
        der.sequence(
            der.object_identifier(mapping.issuer_domain_policy),
            der.object_identifier(mapping.subject_domain_policy),
        )
        for mapping in mappings
    )
    return extension(oids.POLICY_MAPPINGS, der.sequence(*pairs), critical=True)


def policy_constraints(constraints: PolicyConstraints) -> bytes:
    """policyConstraints, critical; at least one of its fields is there."""
    fields = (constraints.require_explicit_policy, constraints.inhibit_policy_mapping)
    parts = (der.implicit_integer(tag, skip) for tag, skip in enumerate(fields) if skip is not None)
    return extension(oids.POLICY_CONSTRAINTS, der.sequence(*parts), critical=True)


def inhibit_any_policy(skip_certs: int) -> bytes:
    """inhibitAnyPolicy, critical."""
    return extension(oids.INHIBIT_ANY_POLICY, der.integer(skip_certs), critical=True)


def name_constraints(constraints: NameConstraints) -> bytes:
    """nameConstraints, critical; at least one subtree is there."""
    lists = (constraints.permitted, constraints.excluded)
    parts = (der.constructed(tag, *map(_subtree, names)) for tag, names in enumerate(lists) if names)
    return extension(oids.NAME_CONSTRAINTS, der.sequence(*parts), critical=True)


def _subtree(base: GeneralName) -> bytes:
    return der.sequence(general_name(base))


def crl_distribution_point(address: str) -> bytes:
    """CRLDistributionPoints with one point: a URI, all reasons, the certificate's own issuer."""
    return extension(oids.CRL_DISTRIBUTION_POINTS, _one_point(address))


def freshest_crl(address: str) -> bytes:
    """FreshestCRL with one point, in certificates and in complete CRLs."""
    return extension(oids.FRESHEST_CRL, _one_point(address))


def _one_point(address: str) -> bytes:
    full_name = der.constructed(0, uri(address))
    return der.sequence(der.sequence(der.constructed(0, full_name)))


def authority_info_access(ca_issuers: str) -> bytes:
    """authorityInfoAccess: where certificates of the issuer are."""
    return extension(oids.AUTHORITY_INFO_ACCESS, _access(_CA_ISSUERS, ca_issuers))


def subject_info_access(ca_repository: str) -> bytes:
    """subjectInfoAccess: where the subject publishes what it issues."""
    return extension(oids.SUBJECT_INFO_ACCESS, _access(_CA_REPOSITORY, ca_repository))


def _access(method: str, address: str) -> bytes:
    return der.sequence(der.sequence(der.object_identifier(method), uri(address)))


def crl_number(number: int) -> bytes:
    """CRLNumber."""
    return extension(_CRL_NUMBER, der.integer(number))


def delta_crl_indicator(base: int) -> bytes:
    """deltaCRLIndicator, critical: the number of the complete CRL that it starts from."""
    return extension(_DELTA_CRL_INDICATOR, der.integer(base), critical=True)


def reason_code(reason: str) -> bytes:
    """ReasonCode of an entry, by a name of REASON_CODES; b"" for unspecified, which is said by silence."""
    code = REASON_CODES[reason]
    return extension(_REASON_CODE, der.enumerated(code)) if code else b""
