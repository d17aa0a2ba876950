"""Extensions of certificates and CRLs named and in words, one line for each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ca_bridge.core.x509 import der
from ca_bridge.core.x509 import extension_oids as oids
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import (
    AccessDescription,
    AuthorityKeyIdentifier,
    CertificateExtensions,
    CrlExtensions,
    DistributionPoint,
    Extension,
    IssuingDistributionPoint,
    PolicyInformation,
)
from ca_bridge.core.x509.identity_registry import REGISTRY
from ca_bridge.services.describe import general_name_text, octets_text, text_shown

_CRL_NUMBER, _DELTA, _IDP = "2.5.29.20", "2.5.29.27", "2.5.29.28"
NAMES: Mapping[str, str] = MappingProxyType(
    {
        oids.SUBJECT_DIRECTORY_ATTRIBUTES: "subjectDirectoryAttributes",
        oids.SUBJECT_KEY_IDENTIFIER: "subjectKeyIdentifier",
        oids.KEY_USAGE: "keyUsage",
        oids.SUBJECT_ALT_NAME: "subjectAltName",
        oids.ISSUER_ALT_NAME: "issuerAltName",
        oids.BASIC_CONSTRAINTS: "basicConstraints",
        oids.NAME_CONSTRAINTS: "nameConstraints",
        oids.CRL_DISTRIBUTION_POINTS: "cRLDistributionPoints",
        oids.CERTIFICATE_POLICIES: "certificatePolicies",
        oids.POLICY_MAPPINGS: "policyMappings",
        oids.AUTHORITY_KEY_IDENTIFIER: "authorityKeyIdentifier",
        oids.POLICY_CONSTRAINTS: "policyConstraints",
        oids.EXTENDED_KEY_USAGE: "extKeyUsage",
        oids.FRESHEST_CRL: "freshestCRL",
        oids.INHIBIT_ANY_POLICY: "inhibitAnyPolicy",
        oids.NO_REV_AVAIL: "noRevAvail",
        oids.AUTHORITY_INFO_ACCESS: "authorityInfoAccess",
        oids.SUBJECT_INFO_ACCESS: "subjectInfoAccess",
        oids.OCSP_NOCHECK: "ocspNoCheck",
        _CRL_NUMBER: "cRLNumber",
        _DELTA: "deltaCRLIndicator",
        _IDP: "issuingDistributionPoint",
        "2.5.29.16": "privateKeyUsagePeriod",
        "2.16.840.1.113730.1.1": "netscapeCertType",
        "2.16.840.1.113730.1.13": "netscapeComment",
        "1.3.6.1.4.1.11129.2.4.2": "signedCertificateTimestamps",
        "1.3.6.1.5.5.7.1.3": "qcStatements",
        "1.3.6.1.5.5.7.1.24": "tlsFeature",
        "1.3.6.1.4.1.311.21.1": "microsoftCaVersion",
    }
)
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "1.3.6.1.5.5.7.3.1": "serverAuth",
        "1.3.6.1.5.5.7.3.2": "clientAuth",
        "1.3.6.1.5.5.7.3.3": "codeSigning",
        "1.3.6.1.5.5.7.3.4": "emailProtection",
        "1.3.6.1.5.5.7.3.8": "timeStamping",
        "1.3.6.1.5.5.7.3.9": "OCSPSigning",
        "2.5.29.37.0": "anyExtendedKeyUsage",
    }
)
_ACCESS = {
    "1.3.6.1.5.5.7.48.1": "ocsp",
    "1.3.6.1.5.5.7.48.2": "caIssuers",
    "1.3.6.1.5.5.7.48.5": "caRepository",
}
_CPS = "1.3.6.1.5.5.7.2.1"
_ANY_POLICY = "2.5.29.32.0"
_MAX_VALUES = 100
_IDENTITY = {rule.oid: rule for rule in REGISTRY}

Lines = Iterable[str]


def certificate_extensions(certificate: Certificate) -> list[dict[str, Any]]:
    """Every extension in its order: OID, name, criticality, values.

    Identity numbers are left to ``identity_summary``, which masks them.
    """
    return [_shown(e, _CERTIFICATE, certificate.extensions) for e in certificate.extensions.raw]


def crl_extensions(crl: CertificateList) -> list[dict[str, Any]]:
    """Every CRL extension in its order, as ``certificate_extensions`` shows them."""
    return [_shown(e, _CRL, crl.extensions) for e in crl.extensions.raw]


def _shown(
    extension: Extension, table: Mapping[str, Callable[[Any], Lines]], parsed: object
) -> dict[str, Any]:
    identity = _IDENTITY.get(extension.oid)
    if identity is not None:
        name, values = f"{identity.kind.value} ({identity.owner})", ["see identity"]
    else:
        name = NAMES.get(extension.oid, "")
        read = table.get(extension.oid)
        values = list(read(parsed)) if read is not None else [octets_text(extension.value)]
    more = len(values) - _MAX_VALUES
    return {
        "oid": extension.oid,
        "name": name,
        "critical": extension.critical,
        "values": values if more <= 0 else [*values[:_MAX_VALUES], f"… {more} more"],
    }


def _basic_constraints(e: CertificateExtensions) -> Lines:
    if e.basic_constraints is not None:
        yield f"cA: {_flag(value=e.basic_constraints.ca)}"
        if e.basic_constraints.path_length is not None:
            yield f"pathLenConstraint: {e.basic_constraints.path_length}"


def _flag(*, value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _purposes(e: CertificateExtensions) -> Lines:
    return [PURPOSES.get(oid, oid) for oid in sorted(e.extended_key_usage or ())]


def _authority_key(aki: AuthorityKeyIdentifier | None) -> Lines:
    if aki is None:
        return
    if aki.key_identifier is not None:
        yield f"keyIdentifier: {octets_text(aki.key_identifier)}"
    yield from map(general_name_text, aki.issuer)
    if aki.serial_number is not None:
        yield f"serialNumber: {aki.serial_number:x}"


def _policies(e: CertificateExtensions) -> Lines:
    return [_policy(p) for p in e.certificate_policies or ()]


def _policy(information: PolicyInformation) -> str:
    name = "anyPolicy" if information.policy == _ANY_POLICY else information.policy
    qualifiers = [_qualifier(oid, value) for oid, value in information.qualifiers]
    return f"{name} ({'; '.join(qualifiers)})" if qualifiers else name


def _qualifier(oid: str, value: bytes) -> str:
    try:
        if oid == _CPS:
            start, end = der.expect(value, 0, len(value), der.IA5_STRING)
            return f"CPS: {text_shown(value[start:end].decode('ascii'))}"
    except (Malformed, UnicodeDecodeError):
        pass  # shown as octets
    return f"{oid}: {octets_text(value)}"


def _policy_constraints(e: CertificateExtensions) -> Lines:
    constraints = e.policy_constraints
    if constraints is not None and constraints.require_explicit_policy is not None:
        yield f"requireExplicitPolicy: {constraints.require_explicit_policy}"
    if constraints is not None and constraints.inhibit_policy_mapping is not None:
        yield f"inhibitPolicyMapping: {constraints.inhibit_policy_mapping}"


def _name_constraints(e: CertificateExtensions) -> Lines:
    if e.name_constraints is not None:
        yield from (f"permitted {general_name_text(n)}" for n in e.name_constraints.permitted)
        yield from (f"excluded {general_name_text(n)}" for n in e.name_constraints.excluded)


def _points(points: tuple[DistributionPoint, ...]) -> Lines:
    for point in points:
        yield from map(general_name_text, point.full_name)
        if point.relative_name is not None:
            yield "nameRelativeToCRLIssuer"
        if point.reasons is not None:
            yield f"reasons: {', '.join(sorted(point.reasons))}"
        yield from (f"cRLIssuer {general_name_text(n)}" for n in point.crl_issuer)


def _access(descriptions: tuple[AccessDescription, ...]) -> Lines:
    return [f"{_ACCESS.get(d.method, d.method)} {general_name_text(d.location)}" for d in descriptions]


def _issuing_point(point: IssuingDistributionPoint | None) -> Lines:
    if point is None:
        return
    yield from map(general_name_text, point.full_name)
    if point.relative_name is not None:
        yield "nameRelativeToCRLIssuer"
    flags = ("only_user_certs", "only_ca_certs", "only_attribute_certs", "indirect_crl")
    yield from (name for name in flags if getattr(point, name))
    if point.only_some_reasons is not None:
        yield f"only_some_reasons: {', '.join(sorted(point.only_some_reasons))}"


def _number(value: int | None) -> Lines:
    return [] if value is None else [f"{value}" if value.bit_length() <= 64 else f"{value:x}"]  # noqa: PLR2004


_CERTIFICATE: Mapping[str, Callable[[CertificateExtensions], Lines]] = {
    oids.BASIC_CONSTRAINTS: _basic_constraints,
    oids.KEY_USAGE: lambda e: sorted(bit.value for bit in e.key_usage or ()),
    oids.EXTENDED_KEY_USAGE: _purposes,
    oids.SUBJECT_ALT_NAME: lambda e: map(general_name_text, e.subject_alt_name),
    oids.ISSUER_ALT_NAME: lambda e: map(general_name_text, e.issuer_alt_name),
    oids.SUBJECT_KEY_IDENTIFIER: lambda e: [octets_text(e.subject_key_identifier or b"")],
    oids.AUTHORITY_KEY_IDENTIFIER: lambda e: _authority_key(e.authority_key_identifier),
    oids.CERTIFICATE_POLICIES: _policies,
    oids.POLICY_MAPPINGS: lambda e: [
        f"{m.issuer_domain_policy} -> {m.subject_domain_policy}" for m in e.policy_mappings or ()
    ],
    oids.POLICY_CONSTRAINTS: _policy_constraints,
    oids.INHIBIT_ANY_POLICY: lambda e: _number(e.inhibit_any_policy),
    oids.NAME_CONSTRAINTS: _name_constraints,
    oids.CRL_DISTRIBUTION_POINTS: lambda e: _points(e.crl_distribution_points),
    oids.FRESHEST_CRL: lambda e: _points(e.freshest_crl),
    oids.AUTHORITY_INFO_ACCESS: lambda e: _access(e.authority_info_access),
    oids.SUBJECT_INFO_ACCESS: lambda e: _access(e.subject_info_access),
    oids.OCSP_NOCHECK: lambda _: [],
    oids.NO_REV_AVAIL: lambda _: [],
}
_CRL: Mapping[str, Callable[[CrlExtensions], Lines]] = {
    oids.AUTHORITY_KEY_IDENTIFIER: lambda e: _authority_key(e.authority_key_identifier),
    _CRL_NUMBER: lambda e: _number(e.crl_number),
    _DELTA: lambda e: _number(e.delta_crl_indicator),
    _IDP: lambda e: _issuing_point(e.issuing_distribution_point),
    oids.FRESHEST_CRL: lambda e: _points(e.freshest_crl),
}
