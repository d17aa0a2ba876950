"""Tables of the audit log.

There is no way down from here: it would be to throw the log away.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_HASH = sa.String(64)
_TIME = sa.DateTime(timezone=True)
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "log_entries",
        sa.Column("entry_index", _POSITION, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("entry_key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("entry_index", name="pk_log_entries"),
        sa.UniqueConstraint("entry_key", name="uq_log_entries_entry_key"),
    )
    op.create_table(
        "log_subtrees",
        sa.Column("level", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("node_index", _POSITION, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "node_index", name="pk_log_subtrees"),
    )
    _head()
    op.create_table(
        "log_checkpoints",
        sa.Column("size", _POSITION, autoincrement=False, nullable=False),
        sa.Column("note_sha256", _HASH, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signatures", sa.Text, nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("size", "note_sha256", name="pk_log_checkpoints"),
    )


def _head() -> None:
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
        sa.CheckConstraint("id = 1", name="ck_log_head_only_row"),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "hashes": b""}])
