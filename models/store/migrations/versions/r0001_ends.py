"""The ends and the house-keeping."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Json, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    _accounts()
    _connections()
    _contents()
    _counters()
    _crm_absences()
    _crm_queues()
    _crm_users()
    _job_runs()
    _leases()
    _outcomes()
    _touches()
    _bookmarks()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "crm_id", name="pk_accounts"),
        sa.UniqueConstraint("id", name="uq_accounts_id"),
    )
    op.create_index(
        "ix_accounts_connection_changed_at", "accounts", ["connection", "changed_at"], unique=False
    )


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("route_from", Utc(), nullable=False),
        sa.Column("paused_at", Utc(), nullable=True),
        sa.Column("paused_by", sa.String(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_connections"),
    )


def _contents() -> None:
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_contents"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _crm_absences() -> None:
    op.create_table(
        "crm_absences",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("crm_user", CrmText(), nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "crm_id", name="pk_crm_absences"),
    )


def _crm_queues() -> None:
    op.create_table(
        "crm_queues",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("name", CrmText(), nullable=False),
        sa.Column("label", CrmText(), nullable=False),
        sa.Column("objects", Json(), nullable=False),
        sa.Column("members", Json(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "crm_id", name="pk_crm_queues"),
    )


def _crm_users() -> None:
    op.create_table(
        "crm_users",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("can_own", sa.Boolean(), nullable=False),
        sa.Column("name", CrmText(), nullable=False),
        sa.Column("email", CrmText(), nullable=True),
        sa.Column("manager", CrmText(), nullable=True),
        sa.Column("timezone", CrmText(), nullable=True),
        sa.Column("modified_at", Utc(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "crm_id", name="pk_crm_users"),
    )


def _job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("job", "period", name="pk_job_runs"),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("crm_record", CrmText(), nullable=True),
        sa.Column("crm_account", CrmText(), nullable=True),
        sa.Column("crm_owner", CrmText(), nullable=True),
        sa.Column("amount", CrmText(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "crm_id", "kind", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_lead_id", "outcomes", ["lead_id"], unique=False)
    op.create_index(
        "ix_outcomes_unsettled",
        "outcomes",
        ["seen_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _touches() -> None:
    op.create_table(
        "touches",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("crm_user", CrmText(), nullable=True),
        sa.Column("crm_record", CrmText(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "crm_id", "kind", name="pk_touches"),
    )
    op.create_index("ix_touches_lead_id", "touches", ["lead_id"], unique=False)
    op.create_index(
        "ix_touches_unsettled",
        "touches",
        ["seen_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _bookmarks() -> None:
    op.create_table(
        "bookmarks",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("position", Json(), nullable=False),
        sa.Column("safe_until", Utc(), nullable=True),
        sa.Column("stored_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connections.name"], name="fk_bookmarks_connection"
        ),
        sa.PrimaryKeyConstraint("connection", "stream", name="pk_bookmarks"),
    )
