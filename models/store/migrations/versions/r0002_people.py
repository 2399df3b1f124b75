"""Who wants something and who can own."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Json, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; there is no way back but a backup."""
    _inbox()
    _people()
    _personal()
    _reps()
    _absences()
    _leads()
    _rep_attributes()
    _rep_identities()
    _records()


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("fact_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("taken_at", Utc(), nullable=False),
        sa.Column("done_at", Utc(), nullable=True),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.UniqueConstraint(
            "crm_id",
            "version",
            "fact_hash",
            "object",
            "connection",
            name="uq_inbox_crm_id_version_fact_hash_object_connection",
        ),
    )
    op.create_index(
        "ix_inbox_pending",
        "inbox",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("erased_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )


def _personal() -> None:
    op.create_table(
        "personal",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_personal"),
    )
    op.create_index("ix_personal_subject", "personal", ["subject"], unique=False)


def _reps() -> None:
    op.create_table(
        "reps",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("roster_id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("left_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reps"),
        sa.UniqueConstraint("roster_id", name="uq_reps_roster_id"),
    )


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rep_id", sa.String(), nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=True),
        sa.Column("known_at", Utc(), nullable=False),
        sa.Column("forgotten_at", Utc(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", CrmText(), nullable=True),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name="fk_absences_rep_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_absences"),
    )
    op.create_index(
        "ix_absences_known",
        "absences",
        ["source", "external_id"],
        unique=False,
        sqlite_where=sa.text("forgotten_at IS NULL"),
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )
    op.create_index(
        "ix_absences_rep",
        "absences",
        ["rep_id"],
        unique=False,
        sqlite_where=sa.text("forgotten_at IS NULL"),
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("owner_rep", sa.String(), nullable=True),
        sa.Column("holder", CrmText(), nullable=True),
        sa.Column("stage", CrmText(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("passed_over", sa.String(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_leads_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    op.create_index(
        "ix_leads_load",
        "leads",
        ["owner_rep", "open"],
        unique=False,
        sqlite_where=sa.text("open AND owner_rep IS NOT NULL"),
        postgresql_where=sa.text("open AND owner_rep IS NOT NULL"),
    )
    op.create_index(
        "ix_leads_passed_over",
        "leads",
        ["passed_over"],
        unique=False,
        sqlite_where=sa.text("passed_over IS NOT NULL"),
        postgresql_where=sa.text("passed_over IS NOT NULL"),
    )
    op.create_index("ix_leads_person_id", "leads", ["person_id"], unique=False)


def _rep_attributes() -> None:
    op.create_table(
        "rep_attributes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rep_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("valid_from", Utc(), nullable=True),
        sa.Column("valid_to", Utc(), nullable=True),
        sa.Column("known_at", Utc(), nullable=False),
        sa.Column("forgotten_at", Utc(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name="fk_rep_attributes_rep_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_rep_attributes"),
    )
    op.create_index(
        "ix_rep_attributes_rep_id_name_valid_from",
        "rep_attributes",
        ["rep_id", "name", "valid_from"],
        unique=False,
    )


def _rep_identities() -> None:
    op.create_table(
        "rep_identities",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("crm_user", CrmText(), nullable=False),
        sa.Column("rep_id", sa.String(), nullable=False),
        sa.Column("joined_by", sa.String(), nullable=False),
        sa.Column("known_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name="fk_rep_identities_rep_id"),
        sa.PrimaryKeyConstraint("connection", "crm_user", name="pk_rep_identities"),
        sa.UniqueConstraint("rep_id", "connection", name="uq_rep_identities_rep_id_connection"),
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("crm_id", CrmText(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("version", CrmText(), nullable=False),
        sa.Column("fact_hash", sa.LargeBinary(), nullable=False),
        sa.Column("inbox_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner", CrmText(), nullable=True),
        sa.Column("stage", CrmText(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("converted", sa.Boolean(), nullable=False),
        sa.Column("merged_into", CrmText(), nullable=True),
        sa.Column("converted_to", Json(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_records_lead_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_records_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
        sa.UniqueConstraint(
            "crm_id", "object", "connection", name="uq_records_crm_id_object_connection"
        ),
    )
    op.create_index("ix_records_lead_id", "records", ["lead_id"], unique=False)
