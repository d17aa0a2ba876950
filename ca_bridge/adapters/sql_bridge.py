"""The register of the bridge CA in SQL: numbers and events under one row's lock for each issuer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ca_bridge.adapters.sql_bridge_tables import (
    COMPLETE,
    DELTA,
    bridge_certificates,
    bridge_crls,
    bridge_issuers,
    bridge_revocations,
)
from ca_bridge.adapters.sql_database import Database
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.bridge_ca.model import (
    CLOCK_TOLERANCE,
    CrlWork,
    IssuedCertificate,
    Reservation,
    RevocationEvent,
    RevocationReason,
    StoredCrl,
    check_transition,
)
from ca_bridge.services.issue_cross_certificate.errors import (
    CERTIFICATE_UNKNOWN,
    CLOCK_BEHIND,
    LABEL_OF_ANOTHER_KEY,
    NO_COMPLETE_CRL,
    BridgeRefused,
)
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

_CERTIFICATES, _EVENTS, _CRLS = bridge_certificates.c, bridge_revocations.c, bridge_crls.c


class SqlBridge:
    """BridgeStore (services/bridge_ca/ports.py) over a database that upgrade() has been run on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enrol(self, issuer: str, key_sha256: str) -> None:
        """Make ``issuer`` known, once; LABEL_OF_ANOTHER_KEY."""
        row = {"label": issuer, "key_sha256": key_sha256, "crl_number": 0, "events": 0, "last_update": None}
        with self._database.writing() as connection:
            self._insert_new(connection, bridge_issuers, row)
            known = _locked(connection, issuer)
        if known.key_sha256 != key_sha256:
            raise BridgeRefused(LABEL_OF_ANOTHER_KEY, label=issuer)

    def reserve(self, reservation: Reservation) -> bool:
        """Write what is about to be signed; False when the serial number was given before."""
        row = {name: getattr(reservation, name) for name in Reservation.__dataclass_fields__}
        with self._database.writing() as connection:
            return self._insert_new(connection, bridge_certificates, row | {"certificate": None})

    def complete(self, issuer: str, serial: str, certificate: bytes) -> None:
        """Write the signed certificate beside its reservation; StoreDamaged when that is not there, once."""
        open_one = (
            update(bridge_certificates)
            .where(_CERTIFICATES.issuer == issuer, _CERTIFICATES.serial == serial)
            .where(_CERTIFICATES.certificate.is_(None))
        )
        with self._database.writing() as connection:
            if connection.execute(open_one.values(certificate=certificate)).rowcount != 1:
                raise StoreDamaged("no open reservation for a signed certificate")

    def certificate(self, issuer: str, serial: str) -> IssuedCertificate | None:
        """The certificate of this serial number."""
        query = _of(issuer).where(_CERTIFICATES.serial == serial)
        with self._database.reading() as connection:
            return next(iter(_read_certificates(connection, issuer, query)), None)

    def certificates(self, issuer: str) -> tuple[IssuedCertificate, ...]:
        """All of one issuer, by time of creation and serial number."""
        query = _of(issuer).order_by(_CERTIFICATES.created, _CERTIFICATES.serial)
        with self._database.reading() as connection:
            return _read_certificates(connection, issuer, query)

    def revoke(self, issuer: str, serial: str, reason: RevocationReason, at: datetime) -> RevocationEvent:
        """Write an event; CERTIFICATE_UNKNOWN, ALREADY_REVOKED, NOT_ON_HOLD."""
        with self._database.writing() as connection:
            known = connection.execute(_of(issuer).where(_CERTIFICATES.serial == serial)).first()
            if known is None:
                raise BridgeRefused(CERTIFICATE_UNKNOWN, label=issuer, serial=serial)
            counters = _locked(connection, issuer)
            last = [event for event in _read_events(connection, issuer) if event.serial == serial]
            check_transition(serial, last[-1] if last else None, reason)
            event = RevocationEvent(sequence=counters.events + 1, serial=serial, reason=reason, time=at)
            connection.execute(
                insert(bridge_revocations).values(
                    issuer=issuer, sequence=event.sequence, serial=serial, reason=reason.value, time=at
                )
            )
            _move(connection, issuer, events=event.sequence)
            return event

    def begin_crls(self, issuer: str, at: datetime, *, complete: bool) -> CrlWork:
        """A number and the events for new CRLs; NO_COMPLETE_CRL, CLOCK_BEHIND."""
        with self._database.writing() as connection:
            counters = _locked(connection, issuer)
            events = _read_events(connection, issuer)
            number = counters.crl_number + 1
            this_update = _not_before_last(counters, at)
            base = _base(connection, issuer, this_update)
            if base is None and not complete:
                raise BridgeRefused(NO_COMPLETE_CRL, label=issuer)
            _move(connection, issuer, crl_number=number, last_update=this_update)
            upto = events[-1].sequence if events else 0
            return CrlWork(
                number=number,
                complete=complete,
                base=number if base is None else base.number,
                base_upto=upto if base is None else base.upto,
                this_update=this_update,
                events=events,
            )

    def save_crls(self, crls: tuple[StoredCrl, ...]) -> None:
        """Write signed CRLs, all of them or none."""
        rows = [
            {name: getattr(crl, name) for name in StoredCrl.__dataclass_fields__} | {"form": _form(crl)}
            for crl in crls
        ]
        with self._database.writing() as connection:
            connection.execute(insert(bridge_crls), rows)

    def newest_crl(self, issuer: str, *, delta: bool) -> StoredCrl | None:
        """The complete or delta CRL of the highest number."""
        with self._database.reading() as connection:
            return _newest(connection, issuer, delta=delta)

    def last_event(self, issuer: str) -> int:
        """Sequence of the issuer's last event; 0 = none."""
        query = select(func.max(_EVENTS.sequence)).where(_EVENTS.issuer == issuer)
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def _insert_new(self, connection: Connection, table: Any, row: dict[str, Any]) -> bool:
        """Insert ``row`` unless its primary key is taken; whether it was inserted."""
        dialect: Any = sqlite if self._database.is_sqlite else postgresql
        statement = dialect.insert(table).values(row).on_conflict_do_nothing()
        return connection.execute(statement.returning(*table.primary_key)).first() is not None


def _locked(connection: Connection, issuer: str) -> Row[Any]:
    """The counters of an issuer that is enrolled, held until the transaction ends."""
    query = select(bridge_issuers).where(bridge_issuers.c.label == issuer).with_for_update()
    return connection.execute(query).one()


def _move(connection: Connection, issuer: str, **values: object) -> None:
    connection.execute(update(bridge_issuers).where(bridge_issuers.c.label == issuer).values(**values))


def _of(issuer: str) -> Select[Any]:
    return select(bridge_certificates).where(_CERTIFICATES.issuer == issuer)


def _read_certificates(
    connection: Connection, issuer: str, query: Select[Any]
) -> tuple[IssuedCertificate, ...]:
    last = {event.serial: event for event in _read_events(connection, issuer)}
    return tuple(
        IssuedCertificate(
            reservation=Reservation(
                **{name: getattr(row, name) for name in Reservation.__dataclass_fields__}
            ),
            certificate=row.certificate,
            revocation=last.get(row.serial),
        )
        for row in connection.execute(query)
    )


def _read_events(connection: Connection, issuer: str) -> tuple[RevocationEvent, ...]:
    """Events of an issuer, in order."""
    query = select(bridge_revocations).where(_EVENTS.issuer == issuer).order_by(_EVENTS.sequence)
    return tuple(
        RevocationEvent(
            sequence=row.sequence, serial=row.serial, reason=RevocationReason(row.reason), time=row.time
        )
        for row in connection.execute(query)
    )


def _not_before_last(counters: Row[Any], at: datetime) -> datetime:
    """Clocks of several hosts differ a little; a higher number is never of an earlier time all the same."""
    last: datetime | None = counters.last_update
    if last is None or last <= at:
        return at
    if last - at > CLOCK_TOLERANCE:
        raise BridgeRefused(
            CLOCK_BEHIND, label=counters.label, now=time_text(at), last=time_text(last.astimezone(UTC))
        )
    return last


def _base(connection: Connection, issuer: str, at: datetime) -> StoredCrl | None:
    """The oldest complete CRL that is valid at ``at`` still, else the newest; None = there is none."""
    valid = _crls(issuer, COMPLETE).where(_CRLS.next_update > at).order_by(_CRLS.number)
    return _first_crl(connection, valid) or _newest(connection, issuer, delta=False)


def _newest(connection: Connection, issuer: str, *, delta: bool) -> StoredCrl | None:
    query = _crls(issuer, DELTA if delta else COMPLETE)
    return _first_crl(connection, query.order_by(_CRLS.number.desc()))


def _crls(issuer: str, form: str) -> Select[Any]:
    return select(bridge_crls).where(_CRLS.issuer == issuer, _CRLS.form == form)


def _first_crl(connection: Connection, query: Select[Any]) -> StoredCrl | None:
    row = connection.execute(query.limit(1)).first()
    return (
        None
        if row is None
        else StoredCrl(**{name: getattr(row, name) for name in StoredCrl.__dataclass_fields__})
    )


def _form(crl: StoredCrl) -> str:
    return COMPLETE if crl.base is None else DELTA
