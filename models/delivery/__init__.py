"""Transactions 3 and 4: effects claimed and settled."""
