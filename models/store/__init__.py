"""The database: transactions, lease, dialects, migrations, and how statements are made."""
