"""Documents and sets of accounts in SQL: stored by their hashes, and checked against them when read."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection, Table, insert, select

from ca_bridge.adapters import sql_tables as tables
from ca_bridge.services.manage_recognition.account_text import accounts_sha256, accounts_text, read_accounts
from ca_bridge.services.manage_recognition.model import AccountSet
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged
from ca_bridge.services.policy_documents import PolicyDocuments

_AT_ONCE = 500
"""Hashes asked about in one query; databases bound the number of parameters."""


def read_documents(connection: Connection, content_sha256: str) -> PolicyDocuments | None:
    """The content of this hash; StoreDamaged when it is no longer that content."""
    if not _is_stored(connection, tables.contents, content_sha256):
        return None
    rows = connection.execute(
        select(tables.content_documents.c.name, tables.documents.c.text)
        .join_from(tables.content_documents, tables.documents)
        .where(tables.content_documents.c.content_sha256 == content_sha256)
    )
    found = PolicyDocuments(tuple(sorted((name, text) for name, text in rows)))
    if found.sha256 != content_sha256:
        raise StoreDamaged(f"content {content_sha256} is not what was written")
    return found


def write_documents(connection: Connection, content: PolicyDocuments) -> None:
    """The content is stored, if it was not already."""
    content_sha256 = content.sha256
    if _is_stored(connection, tables.contents, content_sha256):
        return
    hashed = [(name, sha256(text.encode()).hexdigest(), text) for name, text in content.documents]
    texts = {digest: text for _, digest, text in hashed}
    new = texts.keys() - _stored(connection, tuple(texts))
    _insert(connection, tables.documents, [{"sha256": digest, "text": texts[digest]} for digest in new])
    connection.execute(insert(tables.contents).values(sha256=content_sha256))
    rows = [
        {"content_sha256": content_sha256, "name": name, "document_sha256": digest}
        for name, digest, _ in hashed
    ]
    _insert(connection, tables.content_documents, rows)


def read_account_set(content: str, content_sha256: str) -> AccountSet:
    """The set stored as ``content``; StoreDamaged when it is not the one of this hash."""
    if sha256(content.encode()).hexdigest() != content_sha256:
        raise StoreDamaged(f"accounts {content_sha256} are not what was written")
    return read_accounts(content)


def write_account_set(connection: Connection, accounts: AccountSet) -> str:
    """The set's hash, under which it is stored now."""
    digest = accounts_sha256(accounts)
    if not _is_stored(connection, tables.account_sets, digest):
        row = {"sha256": digest, "content": accounts_text(accounts)}
        connection.execute(insert(tables.account_sets).values(row))
    return digest


def _is_stored(connection: Connection, table: Table, digest: str) -> bool:
    found = connection.execute(select(table.c.sha256).where(table.c.sha256 == digest))
    return found.first() is not None


def _stored(connection: Connection, digests: Sequence[str]) -> frozenset[str]:
    """Those of ``digests`` that are stored as documents."""
    column = tables.documents.c.sha256
    parts = (digests[start : start + _AT_ONCE] for start in range(0, len(digests), _AT_ONCE))
    return frozenset(
        digest for part in parts for digest in connection.scalars(select(column).where(column.in_(part)))
    )


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, str]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
