"""The audit trail and the signatures of steps in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ca_bridge.adapters import sql_tables as tables
from ca_bridge.adapters.sql_log_rows import append_in
from ca_bridge.services.audit.entries import policy_step_entry
from ca_bridge.services.manage_recognition.model import (
    Action,
    Attempt,
    StepSignature,
    TrailEntry,
    TrailHead,
)
from ca_bridge.services.manage_recognition.trail import linked
from ca_bridge.services.release_ports import StateMoved


def append_step(
    connection: Connection, attempt: Attempt, signature: StepSignature | None, node: str
) -> TrailEntry:
    """The row of a step that was taken, and its entry in the audit log.

    StateMoved when its nonce is used already. Everything else is to be done before: the log stays locked.
    """
    head = _locked_head(connection)
    if nonce_used(connection, attempt.account, attempt.nonce):
        raise StateMoved
    entry = _append(connection, attempt, head)
    if signature is not None:
        row = {
            "sequence": entry.sequence,
            "subject": attempt.subject,
            "number": attempt.release,
            "account": signature.account,
            "action": signature.action.value,
            "statement": signature.statement,
            "certificate": signature.certificate,
            "algorithm": signature.algorithm,
            "signature": signature.signature,
        }
        connection.execute(insert(tables.step_signatures).values(row))
    append_in(connection, (policy_step_entry(entry, node=node),))
    return entry


def append_attempt(connection: Connection, attempt: Attempt, node: str) -> TrailEntry:
    """The row of an attempt that came to nothing, without its nonce when that is used already."""
    head = _locked_head(connection)
    used = nonce_used(connection, attempt.account, attempt.nonce)
    entry = _append(connection, replace(attempt, nonce="") if used else attempt, head)
    append_in(connection, (policy_step_entry(entry, node=node),))
    return entry


def nonce_used(connection: Connection, account: str, nonce: str) -> bool:
    """Whether a row of ``account`` holds ``nonce``; an empty one is none."""
    columns = tables.trail.c
    query = select(columns.sequence).where(
        columns.account == account, columns.nonce == nonce, columns.nonce != ""
    )
    return connection.execute(query).first() is not None


def read_head(connection: Connection) -> TrailHead:
    """Count and last hash, as the table apart has them."""
    row = connection.execute(select(tables.trail_head)).one()
    return TrailHead(row.rows, row.sha256)


def read_trail(connection: Connection, after: int, limit: int) -> tuple[TrailEntry, ...]:
    """At most ``limit`` rows after number ``after``, in order."""
    columns = tables.trail.c
    query = select(tables.trail).where(columns.sequence > after).order_by(columns.sequence).limit(limit)
    return tuple(_entry(row) for row in connection.execute(query))


def read_signatures(connection: Connection, subject: str, number: int) -> tuple[StepSignature, ...]:
    """Signatures of one release's or proposal's steps, in order."""
    columns = tables.step_signatures.c
    query = select(tables.step_signatures).where(columns.subject == subject, columns.number == number)
    return tuple(_signature(row) for row in connection.execute(query.order_by(columns.sequence)))


def _locked_head(connection: Connection) -> TrailHead:
    """The head, held until the transaction ends: each row follows the one before it."""
    row = connection.execute(select(tables.trail_head).with_for_update()).one()
    return TrailHead(row.rows, row.sha256)


def _append(connection: Connection, attempt: Attempt, head: TrailHead) -> TrailEntry:
    entry = linked(attempt, head)
    row = {
        "sequence": entry.sequence,
        "time": attempt.time,
        "account": attempt.account,
        "role": attempt.role,
        "action": attempt.action.value,
        "subject": attempt.subject,
        "release": attempt.release,
        "version": attempt.version,
        "content_sha256": attempt.content_sha256,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
        "nonce": attempt.nonce,
        "previous_sha256": entry.previous_sha256,
        "sha256": entry.sha256,
    }
    connection.execute(insert(tables.trail).values(row))
    connection.execute(update(tables.trail_head).values(rows=entry.sequence, sha256=entry.sha256))
    return entry


def _entry(row: Row[Any]) -> TrailEntry:
    return TrailEntry(
        sequence=row.sequence,
        attempt=Attempt(
            time=row.time,
            account=row.account,
            role=row.role,
            action=Action(row.action),
            subject=row.subject,
            release=row.release,
            version=row.version,
            content_sha256=row.content_sha256,
            outcome=row.outcome,
            detail=row.detail,
            nonce=row.nonce,
        ),
        previous_sha256=row.previous_sha256,
        sha256=row.sha256,
    )


def _signature(row: Row[Any]) -> StepSignature:
    return StepSignature(
        account=row.account,
        action=Action(row.action),
        statement=row.statement,
        certificate=row.certificate,
        algorithm=row.algorithm,
        signature=row.signature,
    )
