"""Lanes; indexes by connection and lane; a count of confirmed assignments; who holds what."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_OPEN = "state IN ('pending', 'sent')"
_HELD = "open AND owner_rep IS NULL AND passed_over IS NULL AND holder IS NOT NULL"
_COUNT = (
    "INSERT INTO counters (name, value) SELECT 'assignments.confirmed', count(*) "
    "FROM assignments WHERE state = 'confirmed'"
)


def upgrade() -> None:
    """Change the tables; there is no way back but a backup."""
    for table in ("inbox", "occasions", "effects"):
        op.add_column(
            table, sa.Column("lane", sa.String(), nullable=False, server_default="interactive")
        )
    op.drop_index("ix_inbox_pending", "inbox")
    _index("ix_inbox_pending", "inbox", ["lane", "seq", "connection"], "done_at IS NULL")
    op.drop_index("ix_effects_due", "effects")
    _index("ix_effects_due", "effects", ["connection", "lane", "next_at"], _OPEN)
    _index("ix_leads_held", "leads", ["connection", "holder"], _HELD)
    op.execute(_COUNT)


def _index(name: str, table: str, columns: list[str], only: str) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
