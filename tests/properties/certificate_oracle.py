"""What cryptography's X.509 reader says of a certificate, put beside what ours says."""

from __future__ import annotations

import re
import warnings
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.utils import CryptographyDeprecationWarning

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_parser import READ_OIDS
from ca_bridge.core.x509.extensions import CertificateExtensions
from ca_bridge.core.x509.name_text import is_text
from ca_bridge.core.x509.names import GeneralName, GeneralNameType

_TEXT = {
    x509.RFC822Name: GeneralNameType.RFC822_NAME,
    x509.DNSName: GeneralNameType.DNS_NAME,
    x509.UniformResourceIdentifier: GeneralNameType.URI,
}
_USAGES = {
    KeyUsageBit.DIGITAL_SIGNATURE: "digital_signature",
    KeyUsageBit.CONTENT_COMMITMENT: "content_commitment",
    KeyUsageBit.KEY_ENCIPHERMENT: "key_encipherment",
    KeyUsageBit.DATA_ENCIPHERMENT: "data_encipherment",
    KeyUsageBit.KEY_AGREEMENT: "key_agreement",
    KeyUsageBit.KEY_CERT_SIGN: "key_cert_sign",
    KeyUsageBit.CRL_SIGN: "crl_sign",
    KeyUsageBit.ENCIPHER_ONLY: "_encipher_only",
    KeyUsageBit.DECIPHER_ONLY: "_decipher_only",
}


# What cryptography reads further than we do: algorithm parameters (ours are judged by the algorithm
# table), qualifiers of policies, forms of names nobody constrains, identifiers over 63 octets, bits of
# an address constraint outside its mask.
_FURTHER = re.compile(
    r"SubjectPublicKeyInfo::algorithm|AlgorithmIdentifier|::signature_alg"
    r"|policy_qualifiers|UserNotice|CpsUri|x400Address|OidTooLong|host bits set"
)


def _reads_further(ours: Certificate, error: Exception) -> bool:
    """Whether cryptography refuses for something that is kept raw here, and so relied on by nobody."""
    attributes = [a for name in (ours.subject, ours.issuer) for rdn in name.rdns for a in rdn]
    return (
        _FURTHER.search(str(error)) is not None
        or any(extension.oid not in READ_OIDS for extension in ours.extensions.raw)
        or not all(is_text(attribute.tag) for attribute in attributes)
    )


def read_alike(der: bytes) -> bool:
    """Whether we read ``der``; AssertionError or ValueError when cryptography does not read the same.

    Certificates that carry a note are known to be refused by cryptography, or to be read otherwise.
    """
    try:
        ours = parse_certificate(der)
    except Malformed:
        return False
    if ours.notes:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        warnings.filterwarnings("ignore", "Attribute's length", UserWarning)
        try:
            assert_agrees(ours, x509.load_der_x509_certificate(der))
        except (ValueError, x509.UnsupportedGeneralNameType) as error:
            if not _reads_further(ours, error):
                raise
    return True


def assert_agrees(ours: Certificate, theirs: x509.Certificate) -> None:
    """Every field and every typed extension value that both readers have is the same."""
    assert ours.version == theirs.version.value + 1
    assert ours.serial_number == theirs.serial_number
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    assert ours.signed.tbs == theirs.tbs_certificate_bytes
    assert ours.signed.signature == theirs.signature
    assert ours.signed.algorithm.oid == theirs.signature_algorithm_oid.dotted_string
    assert ours.spki.algorithm.oid == theirs.public_key_algorithm_oid.dotted_string
    for name, other in ((ours.subject, theirs.subject), (ours.issuer, theirs.issuer)):
        assert [a.oid for rdn in name.rdns for a in rdn] == [a.oid.dotted_string for a in other]
        for attribute, counterpart in zip((a for rdn in name.rdns for a in rdn), other, strict=True):
            if is_text(attribute.tag):
                assert attribute.text == counterpart.value
    try:
        key = theirs.public_key()
    except (UnsupportedAlgorithm, ValueError):
        pass
    else:
        assert load_der_public_key(ours.spki.der) == key
    assert [(e.oid, e.critical) for e in ours.extensions.raw] == [
        (e.oid.dotted_string, e.critical) for e in theirs.extensions
    ]
    for extension in theirs.extensions:
        _assert_value(ours.extensions, extension.value)


def _assert_value(ours: CertificateExtensions, theirs: Any) -> None:
    """One extension value beside ours, for the types both have."""
    check = _CHECKS.get(type(theirs))
    if check is not None:
        check(ours, theirs)


def _basic_constraints(ours: CertificateExtensions, theirs: x509.BasicConstraints) -> None:
    assert ours.basic_constraints is not None
    assert (ours.basic_constraints.ca, ours.basic_constraints.path_length) == (theirs.ca, theirs.path_length)


def _key_usage(ours: CertificateExtensions, theirs: x509.KeyUsage) -> None:
    assert ours.key_usage == {bit for bit, name in _USAGES.items() if getattr(theirs, name)}


def _extended_key_usage(ours: CertificateExtensions, theirs: x509.ExtendedKeyUsage) -> None:
    assert ours.extended_key_usage == {oid.dotted_string for oid in theirs}


def _subject_key_identifier(ours: CertificateExtensions, theirs: x509.SubjectKeyIdentifier) -> None:
    assert ours.subject_key_identifier == theirs.digest


def _authority_key_identifier(ours: CertificateExtensions, theirs: x509.AuthorityKeyIdentifier) -> None:
    mine = ours.authority_key_identifier
    assert mine is not None
    assert mine.key_identifier == theirs.key_identifier
    assert mine.serial_number == theirs.authority_cert_serial_number
    _same_names(mine.issuer, theirs.authority_cert_issuer or ())


def _subject_alt_name(ours: CertificateExtensions, theirs: x509.SubjectAlternativeName) -> None:
    _same_names(ours.subject_alt_name, theirs)


def _issuer_alt_name(ours: CertificateExtensions, theirs: x509.IssuerAlternativeName) -> None:
    _same_names(ours.issuer_alt_name, theirs)


def _name_constraints(ours: CertificateExtensions, theirs: x509.NameConstraints) -> None:
    assert ours.name_constraints is not None
    _same_names(ours.name_constraints.permitted, theirs.permitted_subtrees or ())
    _same_names(ours.name_constraints.excluded, theirs.excluded_subtrees or ())


def _certificate_policies(ours: CertificateExtensions, theirs: x509.CertificatePolicies) -> None:
    mine = ours.certificate_policies
    assert mine is not None
    assert [p.policy for p in mine] == [p.policy_identifier.dotted_string for p in theirs]
    assert [len(p.qualifiers) for p in mine] == [len(p.policy_qualifiers or ()) for p in theirs]


def _policy_constraints(ours: CertificateExtensions, theirs: x509.PolicyConstraints) -> None:
    mine = ours.policy_constraints
    assert mine is not None
    assert mine.require_explicit_policy == theirs.require_explicit_policy
    assert mine.inhibit_policy_mapping == theirs.inhibit_policy_mapping


def _inhibit_any_policy(ours: CertificateExtensions, theirs: x509.InhibitAnyPolicy) -> None:
    assert ours.inhibit_any_policy == theirs.skip_certs


def _distribution_points(ours: CertificateExtensions, theirs: x509.CRLDistributionPoints) -> None:
    assert len(ours.crl_distribution_points) == len(theirs)
    for mine, other in zip(ours.crl_distribution_points, theirs, strict=True):
        _same_names(mine.full_name, other.full_name or ())
        _same_names(mine.crl_issuer, other.crl_issuer or ())
        assert (mine.relative_name is None) == (other.relative_name is None)
        named = None if other.reasons is None else {flag.name for flag in other.reasons}
        assert mine.reasons == named


def _authority_info_access(ours: CertificateExtensions, theirs: x509.AuthorityInformationAccess) -> None:
    assert [a.method for a in ours.authority_info_access] == [d.access_method.dotted_string for d in theirs]
    _same_names(tuple(a.location for a in ours.authority_info_access), [d.access_location for d in theirs])


def _nocheck(ours: CertificateExtensions, _theirs: x509.OCSPNoCheck) -> None:
    assert ours.ocsp_nocheck


_CHECKS: dict[type, Any] = {
    x509.BasicConstraints: _basic_constraints,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _extended_key_usage,
    x509.SubjectKeyIdentifier: _subject_key_identifier,
    x509.AuthorityKeyIdentifier: _authority_key_identifier,
    x509.SubjectAlternativeName: _subject_alt_name,
    x509.IssuerAlternativeName: _issuer_alt_name,
    x509.NameConstraints: _name_constraints,
    x509.CertificatePolicies: _certificate_policies,
    x509.PolicyConstraints: _policy_constraints,
    x509.InhibitAnyPolicy: _inhibit_any_policy,
    x509.CRLDistributionPoints: _distribution_points,
    x509.AuthorityInformationAccess: _authority_info_access,
    x509.OCSPNoCheck: _nocheck,
}


def _same_names(ours: tuple[GeneralName, ...], theirs: Any) -> None:
    others = list(theirs)
    assert len(ours) == len(others)
    for mine, other in zip(ours, others, strict=True):
        if type(other) in _TEXT:
            assert (mine.kind, mine.text) == (_TEXT[type(other)], other.value)
        elif isinstance(other, x509.RegisteredID):
            assert mine.text == other.value.dotted_string
        elif isinstance(other, x509.DirectoryName):
            assert mine.name is not None
            assert len(mine.name.rdns) == len(other.value.rdns)
        elif isinstance(other, x509.OtherName):
            assert mine.type_id == other.type_id.dotted_string
            assert mine.octets.endswith(other.value)
        else:
            assert isinstance(other, x509.IPAddress)
            assert mine.octets[:4] == _packed(other)[:4]


def _packed(address: x509.IPAddress) -> bytes:
    value: Any = address.value
    return (value.network_address if hasattr(value, "network_address") else value).packed
