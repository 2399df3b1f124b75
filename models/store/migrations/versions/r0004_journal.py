"""Journal, rulebooks, models, requests."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Json, Utc

revision = "0004"
down_revision = "0003"

_SQLITE = (
    "CREATE TRIGGER journal_is_never_{verb}d BEFORE {event} ON journal "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
)
_FUNCTION = (
    "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
)
_POSTGRES = (
    "CREATE TRIGGER journal_is_never_changed BEFORE UPDATE OR DELETE ON journal "
    "FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()"
)
_EMPTYING = (
    "CREATE TRIGGER journal_is_never_emptied BEFORE TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
)


def _make_the_journal_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in (_FUNCTION, _POSTGRES, _EMPTYING):
            op.execute(statement)
    else:
        for verb, event in (("update", "UPDATE"), ("delete", "DELETE")):
            op.execute(_SQLITE.format(verb=verb, event=event))


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    _journal()
    _models_in_force()
    _requests()
    _rulebook_versions()
    _make_the_journal_append_only()


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"], unique=False)
    op.create_index("ix_journal_subject", "journal", ["subject"], unique=False)


def _models_in_force() -> None:
    op.create_table(
        "models_in_force",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("artifact", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_models_in_force"),
    )
    op.create_index(
        "uq_models_in_force_now",
        "models_in_force",
        ["name"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("arguments", Json(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("claimed_at", Utc(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("answer", Json(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_requests"),
        sa.UniqueConstraint("id", name="uq_requests_id"),
    )
    op.create_index(
        "ix_requests_open",
        "requests",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _rulebook_versions() -> None:
    op.create_table(
        "rulebook_versions",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("parts", Json(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Utc(), nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("note", CrmText(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_rulebook_versions"),
    )
    op.create_index(
        "uq_rulebook_versions_in_force",
        "rulebook_versions",
        ["book"],
        unique=True,
        sqlite_where=sa.text("status = 'in_force'"),
        postgresql_where=sa.text("status = 'in_force'"),
    )
