"""Ties, doubts, addresses, secrets."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import Json, Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "addresses",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_addresses"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_addresses_record_id"),
    )
    op.create_index("ix_addresses_key", "addresses", ["key"], unique=False)
    op.create_table(
        "doubts",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("others", Json(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_doubts"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_doubts_record_id"),
    )
    op.create_table(
        "ties",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "partner_id", name="pk_ties"),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_ties_record_id"),
        sa.ForeignKeyConstraint(["partner_id"], ["records.id"], name="fk_ties_partner_id"),
    )
