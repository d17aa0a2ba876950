"""A PKI in memory that issues certificates, CRLs and OCSP responses, truly signed, right or wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.sm2_engine import select_sm2_engine
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.budget import Budget, Limits
from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import Parameters, RevocationRule
from ca_bridge.core.revocation.status import ParsedEvidence, StatusCheckedPath, check_status
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.ocsp import OcspResponse
from ca_bridge.core.x509.pool import Pool

POLICIES = Path(__file__).resolve().parents[1] / "policies"
NOW = datetime(2026, 1, 15, 8, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
POOL = Pool()

IF_AVAILABLE, REQUIRE_TARGET, REQUIRE_ALL = (
    RevocationRule.IF_AVAILABLE,
    RevocationRule.REQUIRE_TARGET,
    RevocationRule.REQUIRE_ALL,
)


@cache
def checker() -> SignatureChecker:
    return SignatureChecker(
        select_sm2_engine(),
        read_algorithm_rules(POLICIES / "algorithms.yaml", POLICIES / "schema/algorithms.schema.json"),
    )


@cache
def key(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(label.encode()).digest())


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, part) for part in text.split("/")])


def usage(*bits: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{bit: bit in bits for bit in names})


CA_USAGE = usage("key_cert_sign", "crl_sign")
OCSP_SIGNING = x509.ExtendedKeyUsage([Eku.OCSP_SIGNING])


def uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def directory(text: str) -> x509.DirectoryName:
    return x509.DirectoryName(name(text))


def point(
    *full_name: x509.GeneralName,
    relative: str | None = None,
    reasons: frozenset[x509.ReasonFlags] | None = None,
    crl_issuer: tuple[str, ...] = (),
) -> x509.CRLDistributionPoints:
    rdn = None if relative is None else x509.RelativeDistinguishedName(name(relative))
    issuers = [x509.DirectoryName(name(text)) for text in crl_issuer] or None
    return x509.CRLDistributionPoints(
        [x509.DistributionPoint(list(full_name) or None, rdn, reasons, issuers)]
    )


def idp(
    *full_name: x509.GeneralName,
    relative: str | None = None,
    user: bool = False,
    ca: bool = False,
    attribute: bool = False,
    reasons: frozenset[x509.ReasonFlags] | None = None,
    indirect: bool = False,
) -> x509.IssuingDistributionPoint:
    rdn = None if relative is None else x509.RelativeDistinguishedName(name(relative))
    return x509.IssuingDistributionPoint(list(full_name) or None, rdn, user, ca, reasons, indirect, attribute)


@dataclass(frozen=True)
class Party:
    """A name and key with one certificate."""

    subject: str
    private: Ed25519PrivateKey
    der: bytes

    @property
    def certificate(self) -> Certificate:
        return POOL.certificate(self.der)

    @property
    def loaded(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def serial(self) -> int:
        return self.loaded.serial_number


def issue(
    issuer: Party | None,
    subject: str,
    *extensions: x509.ExtensionType,
    ca: bool = False,
    label: str = "",
    serial: int | None = None,
    until: datetime = NOW + 365 * DAY,
    key_usage: x509.KeyUsage | None = CA_USAGE,
    signed_by: Ed25519PrivateKey | None = None,
) -> Party:
    """A certificate; ``issuer`` None is self-signed. CAs get keyUsage unless told otherwise."""
    private = key(label or subject)
    number = serial or int.from_bytes(hashlib.sha256(f"{subject} {label}".encode()).digest()[:8]) | 1
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer.subject if issuer else subject))
        .public_key(private.public_key())
        .serial_number(number)
        .not_valid_before(NOW - 365 * DAY)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if ca and key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    builder = builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False
    )
    above = (issuer.private if issuer else private).public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    signer = signed_by or (issuer.private if issuer else private)
    made = builder.sign(signer, None)
    return Party(subject, private, made.public_bytes(serialization.Encoding.DER))


@dataclass(frozen=True)
class Entry:
    """One revokedCertificates entry."""

    serial: int
    reason: x509.ReasonFlags | None = x509.ReasonFlags.superseded
    when: datetime = NOW - 5 * DAY
    invalidity: datetime | None = None
    issuer: str | None = None

    def built(self) -> x509.RevokedCertificate:
        builder = x509.RevokedCertificateBuilder().serial_number(self.serial).revocation_date(self.when)
        if self.reason is not None:
            builder = builder.add_extension(x509.CRLReason(self.reason), critical=False)
        if self.invalidity is not None:
            builder = builder.add_extension(x509.InvalidityDate(self.invalidity), critical=False)
        if self.issuer is not None:
            names = [x509.DirectoryName(name(self.issuer))]
            builder = builder.add_extension(x509.CertificateIssuer(names), critical=True)
        return builder.build()


HOLD = x509.ReasonFlags.certificate_hold
REMOVED = x509.ReasonFlags.remove_from_crl
COMPROMISE = x509.ReasonFlags.key_compromise


def crl_der(
    issuer: Party,
    *entries: Entry,
    number: int | None = 1,
    point: x509.IssuingDistributionPoint | None = None,
    delta: int | None = None,
    since: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    private: Ed25519PrivateKey | None = None,
    critical_number: bool = False,
) -> bytes:
    signer = private or issuer.private
    builder = x509.CertificateRevocationListBuilder().issuer_name(name(issuer.subject))
    builder = builder.last_update(since).next_update(until)
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    extensions: list[tuple[x509.ExtensionType, bool]] = [(aki, False), *extra]
    if number is not None:
        extensions.append((x509.CRLNumber(number), critical_number))
    if point is not None:
        extensions.append((point, True))
    if delta is not None:
        extensions.append((x509.DeltaCRLIndicator(delta), True))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for entry in entries:
        builder = builder.add_revoked_certificate(entry.built())
    return builder.sign(signer, None).public_bytes(serialization.Encoding.DER)


def crl(issuer: Party, *entries: Entry, **fields: Any) -> CertificateList:
    return POOL.crl(crl_der(issuer, *entries, **fields))


def ocsp_der(
    about: Party,
    issuer: Party,
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    by: Party | None = None,
    by_name: bool = True,
    certificates: tuple[Party, ...] = (),
    algorithm: hashes.HashAlgorithm | None = None,
    since: datetime = NOW - timedelta(hours=1),
    until: datetime | None = NOW + timedelta(hours=1),
    revoked: datetime = NOW - 5 * DAY,
    reason: x509.ReasonFlags | None = None,
) -> bytes:
    responder = by or issuer
    is_revoked = status is ocsp.OCSPCertStatus.REVOKED
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.loaded,
            issuer=issuer.loaded,
            algorithm=algorithm or hashes.SHA256(),
            cert_status=status,
            this_update=since,
            next_update=until,
            revocation_time=revoked if is_revoked else None,
            revocation_reason=reason if is_revoked else None,
        )
        .responder_id(encoding, responder.loaded)
    )
    if certificates:
        builder = builder.certificates([party.loaded for party in certificates])
    made = builder.sign(responder.private, None)
    return made.public_bytes(serialization.Encoding.DER)


def response(about: Party, issuer: Party, **fields: Any) -> OcspResponse:
    return POOL.ocsp(ocsp_der(about, issuer, **fields))


def forged(made: OcspResponse) -> OcspResponse:
    """The response with one bit of its signature turned."""
    assert made.signed is not None
    signature = made.signed.signature
    return replace(made, signed=replace(made.signed, signature=bytes([signature[0] ^ 1]) + signature[1:]))


@dataclass(frozen=True)
class World:
    """Anchors, what the caller supplies, and the question."""

    anchors: tuple[Party, ...]
    supplied: tuple[Party, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def context(self, rule: RevocationRule, at: datetime = NOW, profile: str = "default") -> Context:
        trust = TrustSnapshot(
            snapshot_id="",
            domain="",
            anchors=tuple(TrustAnchor(certificate=party.certificate) for party in self.anchors),
            graph=CaGraph.empty(),
            signatures=checker(),
            pool=POOL,
            limits=self.limits,
        )
        return Context(
            trust=trust,
            parameters=Parameters(validation_time=at, revocation=rule, algorithm_profile=profile),
            supplied=tuple(party.certificate for party in self.supplied),
            budget=Budget(self.limits),
        )

    def path(self, target: Party, context: Context) -> ValidatedPath:
        found = next(validated_paths(target.certificate, context), None)
        assert found is not None, context.rejected
        return found

    def check(
        self,
        target: Party,
        *evidence: CertificateList | OcspResponse,
        rule: RevocationRule = REQUIRE_TARGET,
        at: datetime = NOW,
        profile: str = "default",
        unreadable: tuple[Finding, ...] = (),
    ) -> StatusCheckedPath | tuple[Finding, ...]:
        context = self.context(rule, at, profile)
        parsed = ParsedEvidence(
            crls=tuple(e for e in evidence if isinstance(e, CertificateList)),
            ocsp_responses=tuple(e for e in evidence if isinstance(e, OcspResponse)),
            unreadable=unreadable,
        )
        return check_status(self.path(target, context), parsed, context)

    def codes(self, target: Party, *evidence: CertificateList | OcspResponse, **fields: Any) -> list[str]:
        """Codes of the findings, "@position" after those not about the target; empty when accepted."""
        checked = self.check(target, *evidence, **fields)
        if isinstance(checked, StatusCheckedPath):
            return []
        return [f.reason.code + (f"@{f.position}" if f.position else "") for f in checked]

    def statuses(self, target: Party, *evidence: CertificateList | OcspResponse, **fields: Any) -> list[str]:
        """Statuses of an accepted path, target first, with the kind of source."""
        checked = self.check(target, *evidence, **fields)
        assert isinstance(checked, StatusCheckedPath), checked
        return [f"{s.status.value} {s.source.split(':')[0]}" for s in checked.statuses]
