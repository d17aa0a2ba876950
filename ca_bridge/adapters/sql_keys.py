"""The register of the gateway's own keys in SQL: one transaction for each act, compare and set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, func, insert, select, update

from ca_bridge.adapters import sql_keys_tables as tables
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_key_rows import (
    ceremony_of,
    ceremony_row,
    key_of,
    key_row,
    transcript_of,
    transcript_row,
)
from ca_bridge.services.audit.entries import EntryKind, NewEntry, new_entry
from ca_bridge.services.key_management.model import KeyCeremony, KeyTranscript, LogFact, RegisteredKey
from ca_bridge.services.key_management.ports import RegisterChange, RegisterMoved, RegisterState
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged

AppendIn = Callable[[Connection, Sequence[NewEntry]], object]
"""Appends entries to the audit log within the transaction of a connection."""


class SqlKeys:
    """KeyRegister (services/key_management/ports.py) over a database that upgrade() has been run on.

    Every method may raise StoreUnavailable, and StoreDamaged when what is stored is not what was written.
    """

    def __init__(self, database: Database, *, node: str, append: AppendIn) -> None:
        """``node`` is named in the entries that ``append`` puts into the audit log."""
        self._database = database
        self._node = node
        self._append = append

    def generation(self) -> int:
        """Number of the last change."""
        with self._database.reading() as connection:
            return _generation(connection)

    def state(self) -> RegisterState:
        """Everything registered, read at one instant."""
        keys, ceremonies = tables.signing_keys, tables.key_ceremonies
        with self._database.reading() as connection:
            return RegisterState(
                generation=_generation(connection),
                keys=tuple(map(key_of, connection.execute(select(keys).order_by(keys.c.sequence)))),
                ceremonies=tuple(
                    map(ceremony_of, connection.execute(select(ceremonies).order_by(ceremonies.c.sequence)))
                ),
            )

    def nonce_used(self, account: str, nonce: str) -> bool:
        """Whether a signed statement of this account under this nonce was acted on."""
        columns = tables.key_nonces.c
        query = select(columns.nonce).where(columns.account == account, columns.nonce == nonce)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def transcript(self, plan_sha256: str) -> KeyTranscript | None:
        """What happened in the plan's ceremony."""
        table = tables.key_transcripts
        query = select(table).where(table.c.plan_sha256 == plan_sha256)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else transcript_of(row)

    def write(self, change: RegisterChange) -> None:
        """Write the act and its entries of the log; RegisterMoved when another came first."""
        with self._database.writing() as connection:
            _move(connection, change.generation)
            if change.ceremony is not None:
                _put_ceremony(connection, change.ceremony)
            for key in change.keys:
                _put_key(connection, key)
            rows = [{"account": account, "nonce": nonce} for account, nonce in change.nonces]
            if rows:
                connection.execute(insert(tables.key_nonces), rows)
            if change.transcript is not None:
                connection.execute(insert(tables.key_transcripts).values(transcript_row(change.transcript)))
            self._log(connection, change.facts)

    def record(self, facts: tuple[LogFact, ...]) -> None:
        """Entries of the log alone."""
        with self._database.writing() as connection:
            self._log(connection, facts)

    def _log(self, connection: Connection, facts: Sequence[LogFact]) -> None:
        entries = [
            new_entry(EntryKind(fact.kind), time=fact.time, node=self._node, members=fact.fields)
            for fact in facts
        ]
        if entries:
            self._append(connection, entries)


def _generation(connection: Connection) -> int:
    found = connection.scalar(select(tables.key_register.c.generation))
    if found is None:
        raise StoreDamaged("the key register has lost its first row")
    return int(found)


def _move(connection: Connection, seen: int) -> None:
    """The generation is the next one, if it was ``seen``; from here on nobody else can write an act."""
    generation = tables.key_register.c.generation
    moved = connection.execute(
        update(tables.key_register).where(generation == seen).values(generation=generation + 1)
    )
    if moved.rowcount != 1:
        raise RegisterMoved


def _put_ceremony(connection: Connection, ceremony: KeyCeremony) -> None:
    table = tables.key_ceremonies
    known = table.c.plan_sha256 == ceremony.plan_sha256
    row = ceremony_row(ceremony)
    if connection.execute(update(table).where(known).values(row)).rowcount == 0:
        number = connection.scalar(select(func.count()).select_from(table))
        connection.execute(insert(table).values(row | {"sequence": number}))


def _put_key(connection: Connection, key: RegisteredKey) -> None:
    """A key that is known changes its state and its certificate, and nothing else."""
    table = tables.signing_keys
    changing = {"state": key.state.value, "since": key.since, "certificate": key.certificate}
    moved = update(table).where(table.c.key_id == key.key_id).values(changing)
    if connection.execute(moved).rowcount == 0:
        number = connection.scalar(select(func.count()).select_from(table))
        connection.execute(insert(table).values(key_row(key) | {"sequence": number}))
