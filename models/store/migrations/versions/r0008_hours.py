"""Working hours of CRM users, and what is said of their availability and cannot be read."""

import sqlalchemy as sa
from alembic import op

from models.tables.base import Json

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; there is no way back but a backup."""
    for name in ("hours", "unreadable"):
        op.add_column("crm_users", sa.Column(name, Json(), nullable=True))
