"""What was decided and what came of it."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Json, Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    _claims()
    _milestones()
    _ownership()
    _recall()
    _turns()
    _waits()
    _occasions()
    _decisions()
    _assignments()
    _effects()


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("rep_id", sa.String(), nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shadow", "pool", "rep_id", name="pk_claims"),
    )


def _milestones() -> None:
    op.create_table(
        "milestones",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("occasion_id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=True),
        sa.Column("visible_at", Utc(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("written_at", Utc(), nullable=True),
        sa.Column("accepted_at", Utc(), nullable=True),
        sa.Column("first_touch_at", Utc(), nullable=True),
        sa.Column("outcome_at", Utc(), nullable=True),
        sa.Column("outcome", CrmText(), nullable=True),
        sa.PrimaryKeyConstraint("lead_id", "occasion_id", name="pk_milestones"),
        sqlite_with_rowid=False,
    )


def _ownership() -> None:
    op.create_table(
        "ownership",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("before", CrmText(), nullable=True),
        sa.Column("owner", CrmText(), nullable=True),
        sa.Column("rep_id", sa.String(), nullable=True),
        sa.Column("observed_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=True),
        sa.Column("changed_by", CrmText(), nullable=True),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_ownership"),
    )
    op.create_index("ix_ownership_lead_id", "ownership", ["lead_id"], unique=False)


def _recall() -> None:
    op.create_table(
        "recall",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("occasion_id", sa.String(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_recall"),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("chosen", sa.String(), nullable=True),
        sa.Column("amounts", Json(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("claim_before", sa.BigInteger(), nullable=False),
        sa.Column("claim_after", sa.BigInteger(), nullable=False),
        sa.Column("served_only", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_turns"),
    )
    op.create_index("ix_turns_decision_id", "turns", ["decision_id"], unique=False)


def _waits() -> None:
    op.create_table(
        "waits",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("occasion_id", sa.String(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("fields", Json(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_waits"),
    )


def _occasions() -> None:
    op.create_table(
        "occasions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("without", Json(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_occasions_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occasions"),
        sa.UniqueConstraint(
            "lead_id", "route", "cause", "n", name="uq_occasions_lead_id_route_cause_n"
        ),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("occasion_id", sa.String(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("pool", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("nobody", sa.String(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("engine", sa.Integer(), nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("gave_back_at", Utc(), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["occasion_id"], ["occasions.id"], name="fk_decisions_occasion_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_in_time", "decisions", ["decided_at", "id"], unique=False)
    op.create_index("ix_decisions_lead_id", "decisions", ["lead_id"], unique=False)
    op.create_index(
        "uq_decisions_once",
        "decisions",
        ["occasion_id", "mode"],
        unique=True,
        sqlite_where=sa.text("method <> 'waiting'"),
        postgresql_where=sa.text("method <> 'waiting'"),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("occasion_id", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("rep_id", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("code", CrmText(), nullable=True),
        sa.Column("detail", CrmText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_assignments_decision_id"
        ),
        sa.PrimaryKeyConstraint("decision_id", name="pk_assignments"),
    )
    op.create_index(
        "ix_assignments_stuck",
        "assignments",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('confirmed')"),
        postgresql_where=sa.text("state NOT IN ('confirmed')"),
    )
    op.create_index(
        "uq_assignments_open",
        "assignments",
        ["lead_id", "route"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'sent')"),
        postgresql_where=sa.text("state IN ('pending', 'sent')"),
    )


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("expected", CrmText(), nullable=True),
        sa.Column("value", CrmText(), nullable=True),
        sa.Column("also", Json(), nullable=False),
        sa.Column("depends_on", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt_token", sa.String(), nullable=True),
        sa.Column("fencing_token", sa.BigInteger(), nullable=True),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("code", CrmText(), nullable=True),
        sa.Column("last_error", CrmText(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_effects_decision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_effects"),
    )
    op.create_index("ix_effects_decision_id", "effects", ["decision_id"], unique=False)
    op.create_index(
        "ix_effects_due",
        "effects",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sent')"),
        postgresql_where=sa.text("state IN ('pending', 'sent')"),
    )
    op.create_index(
        "ix_effects_stuck",
        "effects",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('conflict', 'dead')"),
        postgresql_where=sa.text("state IN ('conflict', 'dead')"),
    )
