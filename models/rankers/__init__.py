"""Model versions, what holds them back, and the rows they learn from."""
