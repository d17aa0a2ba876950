"""The use case: a member's material and an agreement's name in, a cross-certificate out, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from ca_bridge.core.budget import Budget
from ca_bridge.core.recognition.analysis.facts import CaRef, CrossCertificate
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509_writing.certificate import TbsCertificate, signed_object
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, Issuers, check_issuer
from ca_bridge.services.bridge_ca.model import SERIAL_OCTETS, IssuedCertificate, Reservation
from ca_bridge.services.bridge_ca.ports import ADMINISTRATION, BridgeStore, Lint, Log
from ca_bridge.services.bridge_ca.signing_step import (
    DUMMY_SIGNATURE,
    SigningStep,
    algorithm_of,
    opened_key,
)
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.issue_cross_certificate.agreed import Agreed, PolicyInForce, agreed_for
from ca_bridge.services.issue_cross_certificate.conflicts import as_cross_certificate, check_conflicts
from ca_bridge.services.issue_cross_certificate.errors import (
    LINT_FAILED,
    SERIAL_NUMBERS_TAKEN,
    BridgeRefused,
)
from ca_bridge.services.issue_cross_certificate.member import (
    Member,
    check_member,
    check_no_bridge,
    read_member,
)
from ca_bridge.services.issue_cross_certificate.member_names import (
    check_claimed_name,
    check_free_name,
    is_pinned,
)
from ca_bridge.services.issue_cross_certificate.sample_path import Draft, SampleQuestion, check_sample_paths
from ca_bridge.services.issue_cross_certificate.terms import Terms, extensions_of, terms_of
from ca_bridge.services.printable import printable
from ca_bridge.services.signing import SigningKey
from ca_bridge.services.trust import Engine

_TRIES = 8
_LONGEST = 64
_METHOD = "issue_cross_certificate"
PolicySource = Callable[[datetime], PolicyInForce]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """Everything a certificate is drafted from, checked."""

    agreed: Agreed
    known: PolicyInForce
    member: Member
    terms: Terms
    issuer: BridgeIssuer
    key: SigningKey

    def draft(self, serial: bytes) -> Draft:
        """The certificate of this serial number, with a signature that verifies under no key."""
        algorithm = algorithm_of(self.issuer, self.key)
        tbs = TbsCertificate(
            serial_number=int.from_bytes(serial, "big"),
            algorithm=algorithm,
            issuer=self.issuer.parsed.subject.der,
            not_before=self.terms.not_before,
            not_after=self.terms.not_after,
            subject=self.member.subject.der,
            spki=self.member.spki.der,
            extensions=extensions_of(self.terms, self.member, self.issuer),
        ).der
        return Draft(tbs=tbs, certificate=signed_object(tbs, algorithm, DUMMY_SIGNATURE))

    def reservation(self, serial: bytes, draft: Draft, now: datetime) -> Reservation:
        """What the register keeps of it before anything is signed."""
        return Reservation(
            issuer=self.issuer.label,
            serial=serial.hex(),
            agreement=self.agreed.agreement.identifier,
            subject_domain=self.agreed.member_domain,
            release_number=self.known.release.number,
            release_sha256=self.known.release.sha256,
            subject=self.member.subject.der,
            key_sha256=self.member.key_hash,
            not_before=self.terms.not_before,
            not_after=self.terms.not_after,
            created=now,
            tbs=draft.tbs,
        )


class IssueCrossCertificate:
    """Issues cross-certificates under the policy in force; nothing about one is for the caller to choose."""

    def __init__(
        self,
        *,
        issuers: Issuers,
        store: BridgeStore,
        policy: PolicySource,
        engine: Engine,
        lint: Lint,
        log: Log,
        octets: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """``policy`` gives the one in force at a time; ``octets`` makes random octets."""
        self._issuers = issuers
        self._store = store
        self._policy = policy
        self._engine = engine
        self._lint = lint
        self._log = log
        self._octets = octets
        self._sign = SigningStep(engine.signatures, log)

    def __call__(
        self, agreement: str, material: bytes, issuer: BridgeIssuer, now: datetime, *, account: str
    ) -> IssuedCertificate:
        """The certificate for the member in ``material`` under ``agreement``, in the register and verified.

        ``account`` asks for it, as the log will tell.

        Raises BridgeRefused, SignerUnavailable, StoreUnavailable, StoreDamaged, and what the log raises.
        Intent is in the log before the first check, the outcome after the last.
        """
        fields = {
            "method": _METHOD,
            "account": account,
            "issuer": issuer.label,
            "agreement": printable(agreement, _LONGEST),
            "member_sha256": sha256(material).hexdigest(),
        }
        self._log(ADMINISTRATION, {**fields, "status": "intended"})
        try:
            issued = self._issue(agreement, material, issuer, now)
        except GatewayError as error:
            result = error.refusal.code if isinstance(error, BridgeRefused) else type(error).__name__
            self._log(ADMINISTRATION, {**fields, "status": "failed", "result": result})
            raise
        fields |= {
            "serial_number": issued.reservation.serial,
            "release": str(issued.reservation.release_sha256),
        }
        self._log(ADMINISTRATION, {**fields, "status": "done"})
        return issued

    def _issue(
        self, agreement: str, material: bytes, issuer: BridgeIssuer, now: datetime
    ) -> IssuedCertificate:
        check_issuer(issuer.parsed, now, KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN)
        prepared = self._prepare(agreement, material, issuer, now)
        self._store.enrol(issuer.label, key_hash(issuer.parsed))
        self._check_name(prepared)
        reservation = self._reserve(prepared, now)
        certificate = self._sign(reservation.tbs, issuer, prepared.key, method=_METHOD, now=now)
        self._store.complete(issuer.label, reservation.serial, certificate)
        return IssuedCertificate(reservation=reservation, certificate=certificate)

    def _prepare(self, agreement: str, material: bytes, issuer: BridgeIssuer, now: datetime) -> _Prepared:
        member = read_member(material)
        known = self._policy(now)
        agreed = agreed_for(agreement, member, issuer, known, now)
        check_no_bridge(member, self._issuers.issuers.values())
        pinned = is_pinned(member, agreed.member_ca)
        check_member(member, issuer, self._engine.signatures, now, pinned=pinned)
        terms = terms_of(agreed, member, issuer, now)
        return _Prepared(
            agreed=agreed, known=known, member=member, terms=terms, issuer=issuer, key=opened_key(issuer)
        )

    def _check_name(self, prepared: _Prepared) -> None:
        member, agreed, known = prepared.member, prepared.agreed, prepared.known
        draft = parse_certificate(prepared.draft(bytes(SERIAL_OCTETS)).certificate)
        budget = Budget(self._engine.limits)
        check_claimed_name(member, agreed, known, draft, budget)
        check_free_name(member, agreed, known, self._certificates())

    def _check_draft(self, prepared: _Prepared, draft: Draft, now: datetime) -> None:
        """Linted, free of conflicts, and passable."""
        found = self._lint.certificate(draft.certificate)
        if found:
            raise BridgeRefused(LINT_FAILED, count=len(found), first=str(found[0]))
        agreed, known, issuer = prepared.agreed, prepared.known, prepared.issuer
        own = CaRef(issuer.domain, agreed.own_ca.identifier)
        parties = (own, CaRef(agreed.member_domain, agreed.member_ca.identifier))
        parsed = parse_certificate(draft.certificate)
        existing = self._existing(known, now)
        check_conflicts(parsed, agreed, known, existing, parties, now)
        about = SampleQuestion(
            draft=draft,
            terms=prepared.terms,
            member=prepared.member,
            agreed=agreed,
            known=known,
            issuer=issuer,
        )
        check_sample_paths(about, self._engine, now)

    def _existing(self, known: PolicyInForce, now: datetime) -> Iterator[CrossCertificate]:
        """Constraints of the issuers' own certificates, and what the register has that is good now."""
        of_key = known.authorities_by_key()
        for issuer in self._issuers.issuers.values():
            own_key = key_hash(issuer.parsed)
            own = CaRef(issuer.domain, of_key.get((issuer.domain, own_key), own_key))
            yield as_cross_certificate(issuer.parsed, own, own)
            for issued in self._store.certificates(issuer.label):
                held = issued.reservation
                if issued.certificate is None or issued.is_revoked or held.not_after <= now:
                    continue
                domain, key = held.subject_domain, held.key_sha256
                subject = CaRef(domain, of_key.get((domain, key), key))
                yield as_cross_certificate(parse_certificate(issued.certificate), own, subject)

    def _certificates(self) -> Iterator[IssuedCertificate]:
        for label in sorted(self._issuers.issuers):
            yield from self._store.certificates(label)

    def _reserve(self, prepared: _Prepared, now: datetime) -> Reservation:
        """What is going to be signed, checked to the last byte and written down."""
        for _ in range(_TRIES):
            serial = self._serial()
            draft = prepared.draft(serial)
            self._check_draft(prepared, draft, now)
            reservation = prepared.reservation(serial, draft, now)
            if self._store.reserve(reservation):
                return reservation
        raise BridgeRefused(SERIAL_NUMBERS_TAKEN, count=_TRIES)

    def _serial(self) -> bytes:
        """20 random octets as a positive INTEGER of 20 octets: the first bit 0, the second 1."""
        octets = bytearray(self._octets(SERIAL_OCTETS))
        octets[0] = octets[0] & 0x7F | 0x40
        return bytes(octets)
