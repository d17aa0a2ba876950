"""A certificate of an end entity to its record, and back to something the engine can judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ca_bridge.core.recognition.replay.recorded import RecordedRdn, RecordedTarget
from ca_bridge.core.recognition.replay.signatures import RecordedSignature
from ca_bridge.core.recognition.replay.vocabulary import (
    TEXT_ATTRIBUTES,
    Digest,
    Vocabulary,
    rdn_digest,
    text_digest,
)
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import (
    AccessDescription,
    AuthorityKeyIdentifier,
    CertificateExtensions,
    DistributionPoint,
    NameConstraints,
    PolicyInformation,
)
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import Attribute, GeneralName, GeneralNameType, Name

_UTF8_STRING = 12
_EMAIL_ADDRESS, _COMMON_NAME = "1.2.840.113549.1.9.1", "2.5.4.3"
HOSTS = frozenset({GeneralNameType.DNS_NAME, GeneralNameType.IP_ADDRESS})
"""Forms of names that a host asked for is compared with."""
_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
_SOMEWHERE = (DistributionPoint(),)
_NO_NAMES = NameConstraints((), ())
_HIDDEN = b"hidden:"


def record_target(
    certificate: Certificate,
    kind: HolderKind,
    signatures: dict[str, Finding | None],
    sm2_user_ids: tuple[bytes, ...],
    digest: Digest,
) -> RecordedTarget:
    """The record of a certificate that is no CA's and not self-issued."""
    of_service = _is_service(certificate, kind)
    stated = certificate.extensions.subject_alt_name
    names = tuple(_recorded_name(name, of_service=of_service) for name in stated)
    types = {a.oid for rdn in certificate.subject.rdns for a in rdn}
    hidden = {name.kind for name in names if _is_empty(name)}
    if _EMAIL_ADDRESS in types:
        hidden.add(GeneralNameType.RFC822_NAME)
    if _COMMON_NAME in types and all(name.kind is not GeneralNameType.DNS_NAME for name in names):
        hidden.add(GeneralNameType.DNS_NAME)  # some read a common name as a host's
    return RecordedTarget(
        fingerprint=certificate.fingerprint,
        version=certificate.version,
        issuer=certificate.issuer,
        subject=tuple(_recorded_rdns(certificate.subject, digest)),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        spki=certificate.spki,
        algorithm=certificate.signed.algorithm,
        extensions=_recorded_extensions(certificate.extensions, names),
        hidden=frozenset(hidden),
        signatures=signatures,
        sm2_user_ids=sm2_user_ids,
    )


def restore_target(recorded: RecordedTarget, vocabulary: Vocabulary) -> Certificate:
    """A certificate that decisions cannot tell from the one recorded, where NotReplayable does not say so."""
    subject = Name(
        der=b"",
        rdns=tuple(
            tuple(Attribute(o, _UTF8_STRING, vocabulary.texts.get(t, ""), b"") for o, t in rdn.attributes)
            for rdn in recorded.subject
        ),
        normalized=tuple(
            vocabulary.rdns.get(r.digest, _HIDDEN + r.digest.encode()) for r in recorded.subject
        ),
    )
    return Certificate(
        der=b"",
        fingerprint=recorded.fingerprint,
        version=recorded.version,
        serial_number=0,
        issuer=recorded.issuer,
        subject=subject,
        not_before=recorded.not_before,
        not_after=recorded.not_after,
        spki=recorded.spki,
        extensions=recorded.extensions,
        signed=RecordedSignature(
            recorded.fingerprint.encode(),
            recorded.algorithm,
            b"",
            recorded.signatures,
            recorded.sm2_user_ids,
        ),
        self_issued=False,
    )


def _recorded_rdns(name: Name, digest: Digest) -> Iterator[RecordedRdn]:
    for rdn, normalized in zip(name.rdns, name.normalized, strict=True):
        attributes = tuple(
            (a.oid, text_digest(a.text, digest) if a.oid in TEXT_ATTRIBUTES else "") for a in rdn
        )
        yield RecordedRdn(rdn_digest(normalized, digest), attributes)


def _is_service(certificate: Certificate, kind: HolderKind) -> bool:
    """Whether its hosts are an organisation's, or at least a server's, and surely no person's."""
    usages = certificate.extensions.extended_key_usage or frozenset()
    return kind is HolderKind.ORG or (kind is HolderKind.UNKNOWN and _SERVER_AUTH in usages)


def _recorded_name(name: GeneralName, *, of_service: bool) -> GeneralName:
    """Hosts of services stay; whatever may name a person leaves only its form behind."""
    if name.kind in HOSTS and of_service:
        return name
    directory = Name(b"", (), (_HIDDEN,)) if name.kind is GeneralNameType.DIRECTORY_NAME else None
    return GeneralName(name.kind, type_id=name.type_id, name=directory)


def _is_empty(name: GeneralName) -> bool:
    return not name.text and not name.octets


def _recorded_extensions(
    extensions: CertificateExtensions, names: tuple[GeneralName, ...]
) -> CertificateExtensions:
    """What decisions read of an end entity: no qualifiers, no places, no raw values."""
    policies, authority = extensions.certificate_policies, extensions.authority_key_identifier
    return replace(
        extensions,
        subject_alt_name=names,
        issuer_alt_name=(),
        subject_key_identifier=None,
        authority_key_identifier=None
        if authority is None
        else AuthorityKeyIdentifier(authority.key_identifier, (), None),
        certificate_policies=None
        if policies is None
        else tuple(PolicyInformation(p.policy) for p in policies),
        crl_distribution_points=_SOMEWHERE if extensions.crl_distribution_points else (),
        name_constraints=None if extensions.name_constraints is None else _NO_NAMES,
        freshest_crl=_SOMEWHERE if extensions.freshest_crl else (),
        authority_info_access=tuple(
            AccessDescription(a.method, GeneralName(GeneralNameType.URI))
            for a in extensions.authority_info_access
        ),
        subject_info_access=(),
        subject_directory_attributes=None,
        raw=(),
    )
