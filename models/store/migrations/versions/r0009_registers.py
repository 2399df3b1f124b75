"""Who owns a record stands in a register of its own, with the version at which it stood."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import CrmText, Utc

revision = "0009"
down_revision = "0008"

_READ_AT = (
    "UPDATE records SET read_at = (SELECT read_at FROM inbox WHERE inbox.seq = records.inbox_seq)"
)
#: What only a name is known of has an owner where its CRM was asked, and no version.
_FILL = """
INSERT INTO registers
    (record_id, slot, owner, version_at, read_at, known_by, set_by, decision_id)
SELECT r.id, 'owner', r.owner, r.modified_at, COALESCE(r.read_at, r.seen_at),
    CASE WHEN r.version = '' THEN 'named' WHEN o.decision_id IS NULL THEN 'poll' ELSE 'answer' END,
    CASE WHEN o.ours THEN 'us' WHEN o.changed_by IS NULL THEN 'unknown' ELSE 'human' END,
    o.decision_id
FROM records r LEFT JOIN ownership o ON o.seq =
    (SELECT max(latest.seq) FROM ownership latest
     WHERE latest.lead_id = r.lead_id AND latest.record_id = r.id)
WHERE r.version <> '' OR r.owner IS NOT NULL
"""


def upgrade() -> None:
    """Move the owners; there is no way back but a backup."""
    op.create_table(
        "registers",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("owner", CrmText(), nullable=True),
        sa.Column("version_at", Utc(), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("known_by", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_registers_record_id"),
        sa.PrimaryKeyConstraint("record_id", "slot", name="pk_registers"),
    )
    op.add_column("records", sa.Column("read_at", Utc(), nullable=True))
    op.execute(_READ_AT)
    op.execute(_FILL)
    op.drop_column("records", "owner")
