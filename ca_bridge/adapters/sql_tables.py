"""The tables of releases, accounts and the audit trail.

``migrations/`` makes them; a test compares the two on each database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ca_bridge.adapters.sql_types import UtcTime

HASH = String(64)
ONLY_ROW = 1
"""Key of the row in a table that has one."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

account_sets = Table(
    "account_sets",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Every AccountSet there has been, as canonical JSON: who could decide stays known."""

state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
    Column("accounts_sha256", HASH, ForeignKey(account_sets.c.sha256), nullable=True),
    CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),
)
"""One row. Whoever changes anything first moves ``generation``, and so holds the lock on all of it."""

documents = Table(
    "documents",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("text", Text, nullable=False),
)
"""Each text once, however many contents hold it."""

contents = Table("contents", metadata, Column("sha256", HASH, primary_key=True))

content_documents = Table(
    "content_documents",
    metadata,
    Column("content_sha256", HASH, ForeignKey(contents.c.sha256), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("document_sha256", HASH, ForeignKey(documents.c.sha256), nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("content_sha256", HASH, ForeignKey(contents.c.sha256), nullable=False),
    Column("base", Integer, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("note", Text, nullable=False),
    Column("effective_from", UtcTime, nullable=True),
    Column("rolls_back_to", Integer, ForeignKey("releases.number"), nullable=True),
    Column("linted_sha256", HASH, nullable=False),
    Column("simulated_sha256", HASH, nullable=False),
    Column("simulation", Text, nullable=False),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint(
        "state IN ('draft', 'linted', 'simulated', 'submitted', 'approved', 'rejected', 'withdrawn')",
        name="state",
    ),
    CheckConstraint("state <> 'approved' OR effective_from IS NOT NULL", name="effective"),
)

Index(
    "uq_releases_effective_from",
    releases.c.effective_from,
    unique=True,
    sqlite_where=text("state = 'approved'"),
    postgresql_where=text("state = 'approved'"),
)
"""No two approved releases begin at one instant: which of them is in force would be chance."""

release_authors = Table(
    "release_authors",
    metadata,
    Column("release", Integer, ForeignKey(releases.c.number), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    UniqueConstraint("release", "account"),
)

release_approvals = Table(
    "release_approvals",
    metadata,
    Column("release", Integer, ForeignKey(releases.c.number), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("content_sha256", HASH, nullable=False),
    Column("time", UtcTime, nullable=False),
    UniqueConstraint("release", "account"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("author", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("base_sha256", HASH, nullable=False),
    Column("content", Text, nullable=False),
    Column("content_sha256", HASH, nullable=False),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("state IN ('open', 'applied', 'rejected')", name="state"),
)

proposal_approvals = Table(
    "proposal_approvals",
    metadata,
    Column("proposal", Integer, ForeignKey(proposals.c.number), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    UniqueConstraint("proposal", "account"),
)

trail = Table(
    "trail",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("time", UtcTime, nullable=False),
    Column("account", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("release", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("previous_sha256", HASH, nullable=False),
    Column("sha256", HASH, nullable=False),
)

Index(
    "uq_trail_account_nonce",
    trail.c.account,
    trail.c.nonce,
    unique=True,
    sqlite_where=text("nonce <> ''"),
    postgresql_where=text("nonce <> ''"),
)
"""A signature is used once."""

trail_head = Table(
    "trail_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", HASH, nullable=False),
    CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),
)
"""One row, apart from the trail's own, so that rows cut off its end are missed."""

step_signatures = Table(
    "step_signatures",
    metadata,
    Column("sequence", BigInteger, ForeignKey(trail.c.sequence), primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("algorithm", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index("ix_step_signatures_subject_number", "subject", "number"),
)
