"""Tables of the bridge CA.

There is no way down from here: it would be to forget certificates that are out in the world.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_LABEL, _SERIAL, _HASH = sa.String(32), sa.String(40), sa.String(64)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Take the step."""
    _issuers()
    _certificates()
    _revocations()
    _crls()


def _issuers() -> None:
    op.create_table(
        "bridge_issuers",
        sa.Column("label", _LABEL, nullable=False),
        sa.Column("key_sha256", _HASH, nullable=False),
        sa.Column("crl_number", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("last_update", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("label", name="pk_bridge_issuers"),
        sa.CheckConstraint("crl_number >= 0", name="ck_bridge_issuers_crl_number"),
        sa.CheckConstraint("events >= 0", name="ck_bridge_issuers_events"),
    )


def _certificates() -> None:
    op.create_table(
        "bridge_certificates",
        sa.Column("issuer", _LABEL, nullable=False),
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("subject_domain", sa.Text, nullable=False),
        sa.Column("release_number", sa.BigInteger, nullable=False),
        sa.Column("release_sha256", _HASH, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("key_sha256", _HASH, nullable=False),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("not_after", _TIME, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("tbs", sa.LargeBinary, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("issuer", "serial", name="pk_bridge_certificates"),
        sa.ForeignKeyConstraint(["issuer"], ["bridge_issuers.label"], name="fk_bridge_certificates_issuer"),
    )


def _revocations() -> None:
    op.create_table(
        "bridge_revocations",
        sa.Column("issuer", _LABEL, nullable=False),
        sa.Column("sequence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "sequence", name="pk_bridge_revocations"),
        sa.ForeignKeyConstraint(
            ["issuer", "serial"],
            ["bridge_certificates.issuer", "bridge_certificates.serial"],
            name="fk_bridge_revocations_issuer_serial",
        ),
    )
    op.create_index("ix_bridge_revocations_issuer_serial", "bridge_revocations", ["issuer", "serial"])


def _crls() -> None:
    op.create_table(
        "bridge_crls",
        sa.Column("issuer", _LABEL, nullable=False),
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("base", sa.BigInteger, nullable=True),
        sa.Column("upto", sa.BigInteger, nullable=False),
        sa.Column("this_update", _TIME, nullable=False),
        sa.Column("next_update", _TIME, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", "form", name="pk_bridge_crls"),
        sa.CheckConstraint("(form = 'complete') = (base IS NULL)", name="ck_bridge_crls_form"),
        sa.CheckConstraint("form IN ('complete', 'delta')", name="ck_bridge_crls_forms"),
        sa.ForeignKeyConstraint(["issuer"], ["bridge_issuers.label"], name="fk_bridge_crls_issuer"),
    )
