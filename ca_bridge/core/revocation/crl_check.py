"""What the CRLs at hand say of one certificate: RFC 5280 §6.3.3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.budget import Resource
from ca_bridge.core.path.candidate import WorkingKey
from ca_bridge.core.reasons import revocation as reasons
from ca_bridge.core.request import Parameters
from ca_bridge.core.revocation.crl_issuer import signing_key
from ca_bridge.core.revocation.crl_scope import (
    crl_issuer_names,
    names_to_compare,
    reasons_in_scope,
    same_scope,
)
from ca_bridge.core.revocation.inquiry import Inquiry
from ca_bridge.core.revocation.statement import Revocation, Statement, told
from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.revocation.times import crl_time_problem, holds_at
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.crl import CertificateList

_CRL_NUMBER = "2.5.29.20"
_REMOVED = "remove_from_crl"
_V1 = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One CRL read for one certificate; ``key`` is None if it was not needed or not found.

    ``flaw``: why it can't say that anything is good. ``entry``: what it lists, at the time of
    validation. ``problem``: why it says nothing at all, with what is listed.
    """

    crl: CertificateList
    mask: frozenset[str]
    entry: Revocation | None
    key: WorkingKey | None = None
    flaw: Finding | None = None
    problem: Finding | None = None

    @property
    def source(self) -> str:
        return f"crl:{self.crl.fingerprint}"

    @property
    def is_current(self) -> bool:
        return self.flaw is None and self.problem is None


def crl_statements(subject: Subject, inquiry: Inquiry) -> Iterator[Statement]:
    """One statement for each CRL issued under a name that may speak of the certificate.

    What is listed counts even on a CRL that is out of date or has an unknown critical extension:
    such a CRL never says good, but a permanent revocation does not end. Raises BudgetExhausted.
    """
    budget = inquiry.context.budget
    complete: list[_Reading] = []
    deltas: list[_Reading] = []
    for crl in inquiry.evidence.crls_by(crl_issuer_names(subject.certificate)):
        budget.spend(Resource.NAME_COMPARISONS, names_to_compare(crl, subject.certificate))
        mask = reasons_in_scope(crl, subject.certificate)
        if mask is None:
            yield _out_of_scope(crl)
            continue
        reading = _read(crl, mask, subject, inquiry)
        if reading.entry is None and not mask:
            yield _out_of_scope(crl)
            continue
        kind = complete if crl.extensions.delta_crl_indicator is None else deltas
        kind.append(reading)
    current_deltas = [d for d in deltas if d.is_current]
    current_complete = [c for c in complete if c.is_current]
    for reading in complete:
        yield _of_complete(reading, current_deltas)
    for delta in deltas:
        yield _of_delta(delta, current_deltas, current_complete)


def _out_of_scope(crl: CertificateList) -> Statement:
    source = f"crl:{crl.fingerprint}"
    return Statement(source=source, hint=told(reasons.CRL_OUT_OF_SCOPE, source=source))


def _read(crl: CertificateList, mask: frozenset[str], subject: Subject, inquiry: Inquiry) -> _Reading:
    """Look the certificate up; find the signer only where the answer depends on it."""
    parameters = inquiry.context.parameters
    entry = _entry(crl, subject.certificate, parameters)
    flaw = _flaw(crl, parameters)
    reading = _Reading(crl=crl, mask=mask, entry=entry, flaw=flaw)
    if entry is None and (flaw is not None or not mask):
        return reading
    key = signing_key(crl, subject, inquiry)
    if isinstance(key, Finding):
        return _Reading(crl=crl, mask=mask, entry=None, flaw=flaw, problem=key)
    return _Reading(crl=crl, mask=mask, entry=entry, flaw=flaw, key=key)


def _entry(crl: CertificateList, certificate: Certificate, parameters: Parameters) -> Revocation | None:
    """The entry of this issuer and serial number that counts (i): a permanent one before others."""
    source = f"crl:{crl.fingerprint}"
    found = [
        Revocation(e.extensions.reason, e.revocation_date, source)
        for e in crl.revoked.find(certificate.serial_number)
        if e.certificate_issuer == certificate.issuer
        and holds_at(
            parameters.validation_time,
            e.revocation_date,
            crl.this_update,
            e.extensions.reason,
            e.extensions.invalidity_date,
        )
    ]
    return min(found, key=lambda r: (r.reason == _REMOVED, r.is_hold, r.since, r.reason), default=None)


def _flaw(crl: CertificateList, parameters: Parameters) -> Finding | None:
    """Why this CRL calls nothing good: times (a), critical extensions (§5.2), CRL number (§5.2.3)."""
    source, extensions = f"crl:{crl.fingerprint}", crl.extensions
    problem = crl_time_problem(crl, parameters.validation_time)
    if problem is not None:
        return problem
    if extensions.unknown_critical or crl.has_unknown_critical_entry:
        return told(reasons.CRL_UNKNOWN_CRITICAL_EXTENSION, source=source)
    if extensions.crl_number is None:
        tolerated = crl.version == _V1 and parameters.algorithm_profile == "legacy"
        return None if tolerated else told(reasons.CRL_NUMBER_MISSING, source=source)
    if _CRL_NUMBER in extensions.critical:
        return told(reasons.CRL_NUMBER_CRITICAL, source=source)
    return None


def _belongs(delta: _Reading, base: _Reading) -> bool:
    """Whether ``delta`` updates ``base``: (c) same scope, BaseCRLNumber <= base's number < its own.

    (c)(3) and (h): signed by the same key. A delta without CRL number has a flaw (CVE-2026-28388).
    """
    number, start = delta.crl.extensions.crl_number, delta.crl.extensions.delta_crl_indicator
    complete = base.crl.extensions.crl_number
    if number is None or start is None or complete is None:
        return False
    return start <= complete < number and delta.key == base.key and same_scope(delta.crl, base.crl)


def _of_complete(base: _Reading, deltas: list[_Reading]) -> Statement:
    """The complete CRL, as the newest of its deltas leaves it (i)-(k)."""
    if base.problem is not None:
        return Statement(source=base.source, problem=base.problem)
    entry = base.entry
    if entry is not None and entry.is_hold:
        if base.flaw is not None:
            return Statement(source=base.source, problem=base.flaw)
        if _lifted_by([d for d in deltas if _belongs(d, base)]):
            entry = None
    if entry is not None:
        return Statement(source=base.source, revocation=entry)
    if base.flaw is not None:
        return Statement(source=base.source, problem=base.flaw)
    return Statement(source=base.source, cleared=base.mask, issued=base.crl.this_update)


def _of_delta(delta: _Reading, deltas: list[_Reading], complete: list[_Reading]) -> Statement:
    """A delta revokes by itself, but clears nothing without its base."""
    entry = delta.entry
    if delta.problem is not None:
        return Statement(source=delta.source, problem=delta.problem)
    if entry is not None and entry.reason != _REMOVED:
        if not entry.is_hold:
            return Statement(source=delta.source, revocation=entry)
        if delta.flaw is None and not _taken_back(delta, deltas):
            return Statement(source=delta.source, revocation=entry)
    if delta.flaw is not None:
        return Statement(source=delta.source, problem=delta.flaw)
    if any(_belongs(delta, base) for base in complete):
        return Statement(source=delta.source)
    return Statement(source=delta.source, problem=told(reasons.DELTA_CRL_WITHOUT_BASE, source=delta.source))


def _taken_back(hold: _Reading, deltas: list[_Reading]) -> bool:
    """Whether a later delta of the same scope and signer removes the hold."""
    later = [
        d for d in deltas if d.key == hold.key and same_scope(d.crl, hold.crl) and _number(d) > _number(hold)
    ]
    return _lifted_by(later)


def _lifted_by(deltas: list[_Reading]) -> bool:
    """Whether the newest of ``deltas`` takes the certificate off the list; of equally new ones, each."""
    number = max(map(_number, deltas), default=0)
    entries = [d.entry for d in deltas if _number(d) == number]
    return bool(entries) and all(e is not None and e.reason == _REMOVED for e in entries)


def _number(reading: _Reading) -> int:
    return reading.crl.extensions.crl_number or 0
