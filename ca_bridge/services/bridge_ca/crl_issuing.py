"""Complete and delta CRLs of the bridge CA (RFC 5280 §5): made, linted, signed, and stored at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509_writing import extensions as write
from ca_bridge.core.x509_writing.certificate import RevokedCertificate, TbsCertList, signed_object
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, check_issuer, own_key_identifier
from ca_bridge.services.bridge_ca.model import (
    CrlWork,
    Listed,
    RevocationReason,
    StoredCrl,
    listed_in_complete,
    listed_in_delta,
)
from ca_bridge.services.bridge_ca.names import delta_crl
from ca_bridge.services.bridge_ca.ports import ADMINISTRATION, BridgeStore, Lint, Log
from ca_bridge.services.bridge_ca.signing_step import (
    DUMMY_SIGNATURE,
    SigningStep,
    algorithm_of,
    opened_key,
)
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.issue_cross_certificate.errors import LINT_FAILED, BridgeRefused
from ca_bridge.services.signing import SigningKey
from ca_bridge.services.trust import Engine

_METHOD = "issue_crl"
_COMPROMISE = frozenset({RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsigned:
    """A CRL's content; the whole of StoredCrl but its bytes."""

    number: int
    base: int | None
    upto: int
    this_update: datetime
    next_update: datetime
    tbs: bytes


class IssueCrls:
    """Issues CRLs. With every complete one comes a delta, so that freshestCRL always leads somewhere."""

    def __init__(self, *, store: BridgeStore, engine: Engine, lint: Lint, log: Log) -> None:
        self._store = store
        self._lint = lint
        self._log = log
        self._sign = SigningStep(engine.signatures, log)

    def __call__(self, issuer: BridgeIssuer, now: datetime, *, complete: bool) -> tuple[StoredCrl, ...]:
        """A complete CRL and a delta of the same number, or a delta alone; published at once.

        The delta starts from the oldest complete CRL that is still valid: whoever holds that one can use it.
        Raises BridgeRefused (ISSUER_UNUSABLE, NO_COMPLETE_CRL, CLOCK_BEHIND, LINT_FAILED, those of the key,
        SIGNATURE_NOT_VERIFIED), SignerUnavailable, StoreUnavailable, StoreDamaged.
        """
        fields = {"method": _METHOD, "issuer": issuer.label, "form": "complete" if complete else "delta"}
        self._log(ADMINISTRATION, {**fields, "status": "intended"})
        try:
            made = self._issue(issuer, now, complete=complete)
        except GatewayError as error:
            result = error.refusal.code if isinstance(error, BridgeRefused) else type(error).__name__
            self._log(ADMINISTRATION, {**fields, "status": "failed", "result": result})
            raise
        numbers = ", ".join(str(crl.number) for crl in made)
        self._log(ADMINISTRATION, {**fields, "status": "done", "crl_numbers": numbers})
        return made

    def _issue(self, issuer: BridgeIssuer, now: datetime, *, complete: bool) -> tuple[StoredCrl, ...]:
        check_issuer(issuer.parsed, now, KeyUsageBit.CRL_SIGN)
        key = opened_key(issuer)
        self._store.enrol(issuer.label, key_hash(issuer.parsed))
        work = self._store.begin_crls(issuer.label, now.replace(microsecond=0), complete=complete)
        unsigned = _unsigned(work, issuer, algorithm_of(issuer, key))
        signed = tuple(self._signed(one, issuer, key, now) for one in unsigned)
        self._store.save_crls(signed)
        return signed

    def _signed(self, one: _Unsigned, issuer: BridgeIssuer, key: SigningKey, now: datetime) -> StoredCrl:
        draft = signed_object(one.tbs, algorithm_of(issuer, key), DUMMY_SIGNATURE)
        found = self._lint.crl(draft)
        if found:
            raise BridgeRefused(LINT_FAILED, count=len(found), first=str(found[0]))
        return StoredCrl(
            issuer=issuer.label,
            number=one.number,
            base=one.base,
            upto=one.upto,
            this_update=one.this_update,
            next_update=one.next_update,
            der=self._sign(one.tbs, issuer, key, method=_METHOD, now=now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Which CRLs are to be issued now; a complete one brings its delta."""

    complete: bool
    delta: bool


def crls_due(store: BridgeStore, issuer: BridgeIssuer, now: datetime) -> Due:
    """What is missing, near its nextUpdate by the margin, or ignorant of an event.

    Most relying parties read no delta: a compromise is told in a complete CRL at once. Nothing is due of an
    issuer whose certificate is over: nobody would believe it.
    """
    if now > issuer.parsed.not_after:
        return Due(complete=False, delta=False)
    complete = store.newest_crl(issuer.label, delta=False)
    delta = store.newest_crl(issuer.label, delta=True)
    soon = now + issuer.crl.margin
    if complete is None or complete.next_update <= soon or _compromised_since(store, complete):
        return Due(complete=True, delta=True)
    ignorant = delta is None or delta.upto < store.last_event(issuer.label)
    return Due(complete=False, delta=ignorant or (delta is not None and delta.next_update <= soon))


def _compromised_since(store: BridgeStore, complete: StoredCrl) -> bool:
    events = (issued.revocation for issued in store.certificates(complete.issuer))
    return any(e is not None and e.sequence > complete.upto and e.reason in _COMPROMISE for e in events)


def _unsigned(work: CrlWork, issuer: BridgeIssuer, algorithm: bytes) -> tuple[_Unsigned, ...]:
    changes = listed_in_delta(work.events, work.base_upto)
    delta = _one(issuer, algorithm, work, changes, base=work.base)
    if not work.complete:
        return (delta,)
    everything = listed_in_complete(work.events)
    return (_one(issuer, algorithm, work, everything, base=None), delta)


def _one(
    issuer: BridgeIssuer,
    algorithm: bytes,
    work: CrlWork,
    listed: Iterable[Listed],
    *,
    base: int | None,
) -> _Unsigned:
    """``base``: number of the CRL that a delta starts from; None = it is complete."""
    next_update = work.this_update + (issuer.crl.complete if base is None else issuer.crl.delta)
    tbs = TbsCertList(
        algorithm=algorithm,
        issuer=issuer.parsed.subject.der,
        this_update=work.this_update,
        next_update=next_update,
        revoked=tuple(_entry(row) for row in listed),
        extensions=_extensions(issuer, work.number, base),
    ).der
    return _Unsigned(
        number=work.number,
        base=base,
        upto=work.upto,
        this_update=work.this_update,
        next_update=next_update,
        tbs=tbs,
    )


def _entry(row: Listed) -> RevokedCertificate:
    return RevokedCertificate(
        serial_number=int(row.serial, 16), revocation_date=row.since, reason=row.reason.value
    )


def _extensions(issuer: BridgeIssuer, number: int, base: int | None) -> tuple[bytes, ...]:
    """One CRL covers all that the issuer signs, so no issuingDistributionPoint narrows it."""
    common = (
        write.authority_key_identifier(own_key_identifier(issuer.parsed)),
        write.crl_number(number),
    )
    if base is None:
        return (*common, write.freshest_crl(issuer.address(delta_crl(issuer.label))))
    return (*common, write.delta_crl_indicator(base))
