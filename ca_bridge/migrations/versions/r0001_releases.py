"""Tables of releases, accounts and the audit trail.

There is no way down from here: it would be to throw the audit trail away.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_HASH = sa.String(64)
_TIME = sa.DateTime(timezone=True)
_EMPTY_TRAIL = "0" * 64
_APPROVED, _SIGNED = sa.text("state = 'approved'"), sa.text("nonce <> ''")


def upgrade() -> None:
    """Take the step."""
    _accounts()
    _contents()
    _releases()
    _release_people()
    _proposals()
    _trail()
    _signatures()


def _accounts() -> None:
    op.create_table(
        "account_sets",
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_account_sets"),
    )
    state = op.create_table(
        "state",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("accounts_sha256", _HASH, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_state"),
        sa.ForeignKeyConstraint(
            ["accounts_sha256"], ["account_sets.sha256"], name="fk_state_accounts_sha256"
        ),
        sa.CheckConstraint("id = 1", name="ck_state_only_row"),
    )
    op.bulk_insert(state, [{"id": 1, "generation": 0, "accounts_sha256": None}])


def _contents() -> None:
    op.create_table(
        "documents",
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_documents"),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_contents"),
    )
    op.create_table(
        "content_documents",
        sa.Column("content_sha256", _HASH, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("document_sha256", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("content_sha256", "name", name="pk_content_documents"),
        sa.ForeignKeyConstraint(
            ["content_sha256"], ["contents.sha256"], name="fk_content_documents_content_sha256"
        ),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name="fk_content_documents_document_sha256"
        ),
    )


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content_sha256", _HASH, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("effective_from", _TIME, nullable=True),
        sa.Column("rolls_back_to", sa.Integer, nullable=True),
        sa.Column("linted_sha256", _HASH, nullable=False),
        sa.Column("simulated_sha256", _HASH, nullable=False),
        sa.Column("simulation", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_releases"),
        sa.ForeignKeyConstraint(["content_sha256"], ["contents.sha256"], name="fk_releases_content_sha256"),
        sa.ForeignKeyConstraint(["rolls_back_to"], ["releases.number"], name="fk_releases_rolls_back_to"),
        sa.CheckConstraint("number > 0", name="ck_releases_number"),
        sa.CheckConstraint("version > 0", name="ck_releases_version"),
        sa.CheckConstraint(
            "state IN ('draft', 'linted', 'simulated', 'submitted', 'approved', 'rejected', 'withdrawn')",
            name="ck_releases_state",
        ),
        sa.CheckConstraint("state <> 'approved' OR effective_from IS NOT NULL", name="ck_releases_effective"),
    )
    op.create_index(
        "uq_releases_effective_from",
        "releases",
        ["effective_from"],
        unique=True,
        sqlite_where=_APPROVED,
        postgresql_where=_APPROVED,
    )


def _release_people() -> None:
    for table, further in (
        ("release_authors", ()),
        (
            "release_approvals",
            (
                sa.Column("content_sha256", _HASH, nullable=False),
                sa.Column("time", _TIME, nullable=False),
            ),
        ),
    ):
        op.create_table(
            table,
            sa.Column("release", sa.Integer, nullable=False),
            sa.Column("position", sa.Integer, nullable=False),
            sa.Column("account", sa.Text, nullable=False),
            *further,
            sa.PrimaryKeyConstraint("release", "position", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["release"], ["releases.number"], name=f"fk_{table}_release"),
            sa.UniqueConstraint("release", "account", name=f"uq_{table}_release_account"),
        )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("base_sha256", _HASH, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("content_sha256", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_proposals"),
        sa.CheckConstraint("number > 0", name="ck_proposals_number"),
        sa.CheckConstraint("version > 0", name="ck_proposals_version"),
        sa.CheckConstraint("state IN ('open', 'applied', 'rejected')", name="ck_proposals_state"),
    )
    op.create_table(
        "proposal_approvals",
        sa.Column("proposal", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("proposal", "position", name="pk_proposal_approvals"),
        sa.ForeignKeyConstraint(["proposal"], ["proposals.number"], name="fk_proposal_approvals_proposal"),
        sa.UniqueConstraint("proposal", "account", name="uq_proposal_approvals_proposal_account"),
    )


def _trail() -> None:
    texts = ("account", "role", "action", "subject", "content_sha256", "outcome", "detail", "nonce")
    op.create_table(
        "trail",
        sa.Column("sequence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("time", _TIME, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("previous_sha256", _HASH, nullable=False),
        sa.Column("sha256", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_trail"),
    )
    op.create_index(
        "uq_trail_account_nonce",
        "trail",
        ["account", "nonce"],
        unique=True,
        sqlite_where=_SIGNED,
        postgresql_where=_SIGNED,
    )
    head = op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("sha256", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail_head"),
        sa.CheckConstraint("id = 1", name="ck_trail_head_only_row"),
    )
    op.bulk_insert(head, [{"id": 1, "rows": 0, "sha256": _EMPTY_TRAIL}])


def _signatures() -> None:
    op.create_table(
        "step_signatures",
        sa.Column("sequence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("statement", sa.LargeBinary, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("algorithm", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_step_signatures"),
        sa.ForeignKeyConstraint(["sequence"], ["trail.sequence"], name="fk_step_signatures_sequence"),
    )
    op.create_index("ix_step_signatures_subject_number", "step_signatures", ["subject", "number"])
