"""Releases and proposals of accounts as rows, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, delete, insert, select, update

from ca_bridge.adapters import sql_tables as tables
from ca_bridge.services.manage_recognition.model import (
    AccountProposal,
    Approval,
    ProposalState,
    Release,
    ReleaseState,
)
from ca_bridge.services.release_ports import StateMoved

_Rows = list[Row[Any]]


def read_releases(connection: Connection, chosen: Select[Any]) -> tuple[Release, ...]:
    """The releases that ``chosen``, a selection of whole rows, gives; in its order."""
    rows = connection.execute(chosen).all()
    numbers = chosen.with_only_columns(tables.releases.c.number)
    authors = _people(connection, tables.release_authors.c.release, numbers)
    approvals = _people(connection, tables.release_approvals.c.release, numbers)
    return tuple(_release(row, authors[row.number], approvals[row.number]) for row in rows)


def read_proposals(connection: Connection, chosen: Select[Any]) -> tuple[AccountProposal, ...]:
    """The proposals that ``chosen`` gives; in its order."""
    rows = connection.execute(chosen).all()
    numbers = chosen.with_only_columns(tables.proposals.c.number)
    approvals = _people(connection, tables.proposal_approvals.c.proposal, numbers)
    return tuple(_proposal(row, approvals[row.number]) for row in rows)


def write_release(connection: Connection, release: Release) -> None:
    """The release in the place of the version before it; StateMoved when that is not what is there."""
    _check_start(connection, release)
    _write(
        connection,
        tables.releases,
        {
            "number": release.number,
            "version": release.version,
            "state": release.state.value,
            "content_sha256": release.content_sha256,
            "base": release.base,
            "created": release.created,
            "note": release.note,
            "effective_from": release.effective_from,
            "rolls_back_to": release.rolls_back_to,
            "linted_sha256": release.linted_sha256,
            "simulated_sha256": release.simulated_sha256,
            "simulation": release.simulation,
        },
    )
    authors = [{"account": name} for name in release.authors]
    _write_people(connection, tables.release_authors.c.release, release.number, authors)
    approvals = [
        {"account": row.account, "content_sha256": row.content_sha256, "time": row.time}
        for row in release.approvals
    ]
    _write_people(connection, tables.release_approvals.c.release, release.number, approvals)


def write_proposal(connection: Connection, proposal: AccountProposal) -> None:
    """As write_release."""
    _write(
        connection,
        tables.proposals,
        {
            "number": proposal.number,
            "version": proposal.version,
            "state": proposal.state.value,
            "author": proposal.author,
            "created": proposal.created,
            "base_sha256": proposal.base_sha256,
            "content": proposal.content,
            "content_sha256": proposal.content_sha256,
        },
    )
    approvals = [{"account": name} for name in proposal.approvals]
    _write_people(connection, tables.proposal_approvals.c.proposal, proposal.number, approvals)


def _check_start(connection: Connection, release: Release) -> None:
    """No other approved release begins when this one does."""
    if release.state is not ReleaseState.APPROVED:
        return
    columns = tables.releases.c
    other = select(columns.number).where(
        columns.state == ReleaseState.APPROVED.value,
        columns.effective_from == release.effective_from,
        columns.number != release.number,
    )
    if connection.execute(other).first() is not None:
        raise StateMoved


def _write(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Compare and set: a first version where there is none, any other in the place of the one before."""
    number, version = row["number"], row["version"]
    if version == 1:
        if connection.execute(select(table.c.number).where(table.c.number == number)).first() is not None:
            raise StateMoved
        connection.execute(insert(table).values(row))
        return
    changed = connection.execute(
        update(table).where(table.c.number == number, table.c.version == version - 1).values(row)
    )
    if changed.rowcount != 1:
        raise StateMoved


def _people(connection: Connection, owner: Column[int], numbers: Select[Any]) -> defaultdict[int, _Rows]:
    """Rows of ``owner``'s table in their order, by the number they belong to."""
    table = owner.table
    found: defaultdict[int, _Rows] = defaultdict(list)
    query = select(owner.label("owner"), table).where(owner.in_(numbers)).order_by(table.c.position)
    for row in connection.execute(query):
        found[row.owner].append(row)
    return found


def _write_people(
    connection: Connection, owner: Column[int], number: int, rows: Iterable[Mapping[str, Any]]
) -> None:
    connection.execute(delete(owner.table).where(owner == number))
    numbered = [{owner.name: number, "position": place} | dict(row) for place, row in enumerate(rows)]
    if numbered:
        connection.execute(insert(owner.table), numbered)


def _release(row: Row[Any], authors: _Rows, approvals: _Rows) -> Release:
    return Release(
        number=row.number,
        version=row.version,
        state=ReleaseState(row.state),
        content_sha256=row.content_sha256,
        base=row.base,
        authors=tuple(author.account for author in authors),
        created=row.created,
        note=row.note,
        effective_from=row.effective_from,
        rolls_back_to=row.rolls_back_to,
        linted_sha256=row.linted_sha256,
        simulated_sha256=row.simulated_sha256,
        simulation=row.simulation,
        approvals=tuple(Approval(yes.account, yes.content_sha256, yes.time) for yes in approvals),
    )


def _proposal(row: Row[Any], approvals: _Rows) -> AccountProposal:
    return AccountProposal(
        number=row.number,
        version=row.version,
        state=ProposalState(row.state),
        author=row.author,
        created=row.created,
        base_sha256=row.base_sha256,
        content=row.content,
        content_sha256=row.content_sha256,
        approvals=tuple(yes.account for yes in approvals),
    )
