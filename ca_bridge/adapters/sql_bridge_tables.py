"""The tables of the bridge CA; ``migrations/`` makes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

from ca_bridge.adapters.sql_tables import HASH, metadata
from ca_bridge.adapters.sql_types import UtcTime

LABEL, SERIAL, REASON, FORM = String(32), String(40), String(32), String(8)
COMPLETE, DELTA = "complete", "delta"

bridge_issuers = Table(
    "bridge_issuers",
    metadata,
    Column("label", LABEL, primary_key=True),
    Column("key_sha256", HASH, nullable=False),
    Column("crl_number", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("last_update", UtcTime, nullable=True),
    CheckConstraint("crl_number >= 0", name="crl_number"),
    CheckConstraint("events >= 0", name="events"),
)
"""Counters. Whoever gives a number of an issuer holds its row, and so the lock on its events and CRLs."""

bridge_certificates = Table(
    "bridge_certificates",
    metadata,
    Column("issuer", LABEL, ForeignKey(bridge_issuers.c.label), primary_key=True),
    Column("serial", SERIAL, primary_key=True),
    Column("agreement", Text, nullable=False),
    Column("subject_domain", Text, nullable=False),
    Column("release_number", BigInteger, nullable=False),
    Column("release_sha256", HASH, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("key_sha256", HASH, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("not_after", UtcTime, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("tbs", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=True),
)
"""``certificate`` NULL: reserved, and perhaps signed; it can be revoked like any other."""

bridge_revocations = Table(
    "bridge_revocations",
    metadata,
    Column("issuer", LABEL, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("serial", SERIAL, nullable=False),
    Column("reason", REASON, nullable=False),
    Column("time", UtcTime, nullable=False),
    ForeignKeyConstraint(["issuer", "serial"], [bridge_certificates.c.issuer, bridge_certificates.c.serial]),
)
"""Events, none of which is ever changed; the last one of a certificate is its status."""

Index("ix_bridge_revocations_issuer_serial", bridge_revocations.c.issuer, bridge_revocations.c.serial)

bridge_crls = Table(
    "bridge_crls",
    metadata,
    Column("issuer", LABEL, ForeignKey(bridge_issuers.c.label), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("form", FORM, primary_key=True),
    Column("base", BigInteger, nullable=True),
    Column("upto", BigInteger, nullable=False),
    Column("this_update", UtcTime, nullable=False),
    Column("next_update", UtcTime, nullable=False),
    Column("der", LargeBinary, nullable=False),
    CheckConstraint("(form = 'complete') = (base IS NULL)", name="form"),
    CheckConstraint("form IN ('complete', 'delta')", name="forms"),
)
"""``base`` NULL: a complete CRL, which shares its number with the delta issued with it."""
