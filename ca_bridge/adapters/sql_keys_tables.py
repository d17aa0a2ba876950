"""The tables of the gateway's own keys; ``migrations/`` makes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from ca_bridge.adapters.sql_tables import HASH, ONLY_ROW, metadata
from ca_bridge.adapters.sql_types import UtcTime

key_register = Table(
    "key_register",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
    CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),
)
"""One row. Whoever changes anything first moves ``generation``, and so holds the lock on all of it."""

key_ceremonies = Table(
    "key_ceremonies",
    metadata,
    Column("plan_sha256", HASH, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("plan", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("uri", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("ended", UtcTime, nullable=True),
    Column("key_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("action IN ('key_ceremony', 'key_destruction')", name="action"),
    CheckConstraint("state IN ('intended', 'done', 'failed')", name="state"),
    CheckConstraint("state = 'intended' OR ended IS NOT NULL", name="ended"),
    Index("uq_key_ceremonies_sequence", "sequence", unique=True),
)
"""A plan is executed once: its hash is the key."""


def _unique_where(name: str, condition: str, *columns: Column[object]) -> None:
    Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


_unique_where("uq_key_ceremonies_label", "label <> ''", key_ceremonies.c.label)
_unique_where(
    "uq_key_ceremonies_identifier", "identifier <> ''", key_ceremonies.c.device, key_ceremonies.c.identifier
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("use", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("algorithm", String(32), nullable=False),
    Column("uri", Text, nullable=False),
    Column("spki", LargeBinary, nullable=False),
    Column("custody", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("ceremony", HASH, ForeignKey(key_ceremonies.c.plan_sha256), nullable=False),
    Column("certificate", LargeBinary, nullable=True),
    Column("csr", LargeBinary, nullable=True),
    Column("attestation", LargeBinary, nullable=True),
    Column("claims", Text, nullable=False),
    CheckConstraint("\"use\" IN ('receipt', 'log', 'bridge_ca')", name="use"),
    CheckConstraint("state IN ('next', 'current', 'retired', 'destroyed')", name="state"),
    CheckConstraint("custody IN ('token', 'token-wrapped-process-use', 'process')", name="custody"),
    Index("uq_signing_keys_sequence", "sequence", unique=True),
    Index("uq_signing_keys_spki", "spki", unique=True),
    Index("uq_signing_keys_ceremony", "ceremony", unique=True),
)

_unique_where("uq_signing_keys_current", "state = 'current'", signing_keys.c.use, signing_keys.c.algorithm)
_unique_where("uq_signing_keys_next", "state = 'next'", signing_keys.c.use, signing_keys.c.algorithm)

key_nonces = Table(
    "key_nonces",
    metadata,
    Column("account", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
)
"""A signed statement is acted on once."""

key_transcripts = Table(
    "key_transcripts",
    metadata,
    Column("plan_sha256", HASH, ForeignKey(key_ceremonies.c.plan_sha256), primary_key=True),
    Column("text", Text, nullable=False),
    Column("signatures", Text, nullable=False),
)
