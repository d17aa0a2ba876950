"""The member CA that asks: read from its certificate or its request, and held against the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.recognition.conditions import key_algorithm
from ca_bridge.core.recognition.key_identity import certificate_hashes
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate, SignedBytes, SubjectPublicKeyInfo
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.certification_request import (
    CertificationRequest,
    parse_certification_request,
)
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.names import GeneralNameType, Name
from ca_bridge.core.x509.pem import decode_base64, holds_pem, pem_blocks
from ca_bridge.core.x509_writing.extensions import key_identifier
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer
from ca_bridge.services.issue_cross_certificate.errors import (
    KEY_NOT_ACCEPTABLE,
    MEMBER_IS_A_BRIDGE_KEY,
    MEMBER_NOT_A_CA,
    MEMBER_UNREADABLE,
    POSSESSION_NOT_PROVEN,
    BridgeRefused,
)

MAX_BYTES = 256 * 1024
_SEQUENCE = 0x30
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE"})
_REQUEST_LABELS = frozenset({"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
_RSASSA_PSS = "1.2.840.113549.1.1.10"
_CA_REPOSITORY = "1.3.6.1.5.5.7.48.5"
_LONGEST_IDENTIFIER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What is to be certified. ``certificate`` None = it came as a request.

    ``key_hash`` and ``certificate_hashes``: SHA-256, lower-case hex, as pins and blocks know them.
    """

    subject: Name
    spki: SubjectPublicKeyInfo
    key_identifier: bytes
    certificate: Certificate | None
    signed: SignedBytes

    @property
    def key_hash(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo."""
        return sha256(self.spki.der).hexdigest()

    @property
    def certificate_hashes(self) -> tuple[str, ...]:
        """SHA-256 of the certificate in every form that anybody could write it in; () of a request."""
        return () if self.certificate is None else certificate_hashes(self.certificate)

    @property
    def key_kind(self) -> str:
        """Kind of key as agreements name it, else its OID."""
        kind = key_algorithm(self.spki)
        return self.spki.algorithm.oid if kind is None else kind.value

    @property
    def ca_repository(self) -> str:
        """Where its own certificate says that it publishes what it issues: the first http(s) address."""
        accesses = () if self.certificate is None else self.certificate.extensions.subject_info_access
        for access in accesses:
            location = access.location
            is_web = location.kind is GeneralNameType.URI and location.text.startswith(
                ("http://", "https://")
            )
            if access.method == _CA_REPOSITORY and is_web:
                return location.text
        return ""

    @property
    def path_length(self) -> int | None:
        """The path length that its own certificate allows."""
        basic = None if self.certificate is None else self.certificate.extensions.basic_constraints
        return None if basic is None else basic.path_length

    @property
    def name_constraints(self) -> NameConstraints | None:
        """What its own certificate confines names below it to."""
        return None if self.certificate is None else self.certificate.extensions.name_constraints


def read_member(material: bytes) -> Member:
    """The member in ``material``, PEM or DER: exactly one certificate or one request. MEMBER_UNREADABLE."""
    if len(material) > MAX_BYTES:
        raise _unreadable("INPUT_TOO_LARGE")
    try:
        parsed = _parsed(material)
    except Malformed as error:
        raise _unreadable(error.reason.code) from error
    if isinstance(parsed, Certificate):
        identifier = parsed.extensions.subject_key_identifier
        certificate: Certificate | None = parsed
    else:
        identifier, certificate = parsed.subject_key_identifier, None
    if identifier is None or not 0 < len(identifier) <= _LONGEST_IDENTIFIER:
        identifier = key_identifier(parsed.spki.key)
    if not parsed.subject.rdns:
        raise _unreadable("NAME_SUBJECT_EMPTY")
    return Member(
        subject=parsed.subject,
        spki=parsed.spki,
        key_identifier=identifier,
        certificate=certificate,
        signed=parsed.signed,
    )


def _parsed(material: bytes) -> Certificate | CertificationRequest:
    if material[:1] == bytes((_SEQUENCE,)):
        return _of_either(material)
    if not holds_pem(material):
        return _of_either(decode_base64(material))
    blocks = list(pem_blocks(material))
    if len(blocks) != 1:
        raise _unreadable("PEM_NOT_ONE_BLOCK")
    label, der = blocks[0]
    if label in _REQUEST_LABELS:
        return parse_certification_request(der)
    if label in _CERTIFICATE_LABELS:
        return parse_certificate(der)
    raise _unreadable("PEM_LABEL_UNKNOWN")


def _of_either(der: bytes) -> Certificate | CertificationRequest:
    try:
        return parse_certificate(der)
    except Malformed:
        try:
            return parse_certification_request(der)
        except Malformed:
            pass
        raise


def _unreadable(cause: str) -> BridgeRefused:
    return BridgeRefused(MEMBER_UNREADABLE, cause=cause)


def check_no_bridge(member: Member, issuers: Iterable[BridgeIssuer]) -> None:
    """MEMBER_IS_A_BRIDGE_KEY when the name or the key is that of any issuer of the bridge."""
    for own in (issuer.parsed for issuer in issuers):
        if member.subject == own.subject or member.spki.der == own.spki.der:
            raise BridgeRefused(MEMBER_IS_A_BRIDGE_KEY)


def check_member(
    member: Member, issuer: BridgeIssuer, signatures: SignatureChecker, now: datetime, *, pinned: bool
) -> None:
    """What is asked of a member's material itself; ``pinned``: the policy pins this very certificate.

    A request proves possession of its key; so does a self-signed certificate. Any other one counts only if
    it is pinned: whoever knows a public key can write a certificate for it, under any name.
    MEMBER_NOT_A_CA, KEY_NOT_ACCEPTABLE, POSSESSION_NOT_PROVEN.
    """
    if member.certificate is not None and not _is_ca(member.certificate):
        raise BridgeRefused(MEMBER_NOT_A_CA)
    if member.spki.algorithm.oid == _RSASSA_PSS:
        # One key under two names: pins and blocks know it by the other one.
        raise BridgeRefused(KEY_NOT_ACCEPTABLE, cause="RSASSA-PSS")
    problem = signatures.key_problem(member.spki, profile=issuer.algorithm_profile, at=now)
    if problem is not None:
        raise BridgeRefused(KEY_NOT_ACCEPTABLE, cause=problem.reason.code)
    if not pinned:
        fault = signatures.verify(
            member.signed,
            member.spki,
            profile=issuer.algorithm_profile,
            at=now,
            sm2_user_ids=issuer.sm2_user_ids,
        )
        if fault is not None:
            raise BridgeRefused(POSSESSION_NOT_PROVEN, cause=fault.reason.code)


def _is_ca(certificate: Certificate) -> bool:
    basic, usage = certificate.extensions.basic_constraints, certificate.extensions.key_usage
    signs = usage is None or KeyUsageBit.KEY_CERT_SIGN in usage
    return basic is not None and basic.ca and signs
