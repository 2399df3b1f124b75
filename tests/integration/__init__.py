"""Several parts together, over loopback or a database."""
