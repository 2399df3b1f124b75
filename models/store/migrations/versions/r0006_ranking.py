"""Model versions and what holds ranking back."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Json, Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    _model_versions()
    _ranking_holds()


def _model_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("artifact", sa.String(), nullable=False),
        sa.Column("tables_sha256", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("tables", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("report", Json(), nullable=False),
        sa.Column("card", CrmText(), nullable=False),
        sa.Column("data_sha256", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_model_versions"),
    )


def _ranking_holds() -> None:
    op.create_table(
        "ranking_holds",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ranking_holds"),
    )
    op.create_index(
        "uq_ranking_holds_now",
        "ranking_holds",
        ["name", "cause"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
