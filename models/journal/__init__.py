"""The append-only journal, and the personal rows that its entries commit to."""
