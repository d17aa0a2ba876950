"""Tables of the gateway's own keys: their register, ceremonies, transcripts and used nonces.

There is no way down from here: who had a key made would be forgotten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_HASH = sa.String(64)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Take the step."""
    _register()
    _ceremonies()
    _keys()
    _nonces_and_transcripts()


def _register() -> None:
    register = op.create_table(
        "key_register",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_register"),
        sa.CheckConstraint("id = 1", name="ck_key_register_only_row"),
    )
    op.bulk_insert(register, [{"id": 1, "generation": 0}])


def _ceremonies() -> None:
    op.create_table(
        "key_ceremonies",
        sa.Column("plan_sha256", _HASH, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("ended", _TIME, nullable=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("plan_sha256", name="pk_key_ceremonies"),
        sa.CheckConstraint("action IN ('key_ceremony', 'key_destruction')", name="ck_key_ceremonies_action"),
        sa.CheckConstraint("state IN ('intended', 'done', 'failed')", name="ck_key_ceremonies_state"),
        sa.CheckConstraint("state = 'intended' OR ended IS NOT NULL", name="ck_key_ceremonies_ended"),
    )
    op.create_index("uq_key_ceremonies_sequence", "key_ceremonies", ["sequence"], unique=True)
    _unique_where("uq_key_ceremonies_label", "key_ceremonies", ["label"], "label <> ''")
    _unique_where(
        "uq_key_ceremonies_identifier", "key_ceremonies", ["device", "identifier"], "identifier <> ''"
    )


def _keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("use", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("algorithm", sa.String(32), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("spki", sa.LargeBinary, nullable=False),
        sa.Column("custody", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("ceremony", _HASH, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=True),
        sa.Column("csr", sa.LargeBinary, nullable=True),
        sa.Column("attestation", sa.LargeBinary, nullable=True),
        sa.Column("claims", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_signing_keys"),
        sa.ForeignKeyConstraint(
            ["ceremony"], ["key_ceremonies.plan_sha256"], name="fk_signing_keys_ceremony"
        ),
        sa.CheckConstraint("\"use\" IN ('receipt', 'log', 'bridge_ca')", name="ck_signing_keys_use"),
        sa.CheckConstraint(
            "state IN ('next', 'current', 'retired', 'destroyed')", name="ck_signing_keys_state"
        ),
        sa.CheckConstraint(
            "custody IN ('token', 'token-wrapped-process-use', 'process')", name="ck_signing_keys_custody"
        ),
    )
    for column in ("sequence", "spki", "ceremony"):
        op.create_index(f"uq_signing_keys_{column}", "signing_keys", [column], unique=True)
    for state in ("current", "next"):
        _unique_where(f"uq_signing_keys_{state}", "signing_keys", ["use", "algorithm"], f"state = '{state}'")


def _nonces_and_transcripts() -> None:
    op.create_table(
        "key_nonces",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("account", "nonce", name="pk_key_nonces"),
    )
    op.create_table(
        "key_transcripts",
        sa.Column("plan_sha256", _HASH, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("signatures", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("plan_sha256", name="pk_key_transcripts"),
        sa.ForeignKeyConstraint(
            ["plan_sha256"], ["key_ceremonies.plan_sha256"], name="fk_key_transcripts_plan_sha256"
        ),
    )


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
