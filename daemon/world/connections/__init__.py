"""One CRM connection: its health, its poll schedule, its owners, and how its leads are read."""
