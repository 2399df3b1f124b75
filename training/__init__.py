"""How it learns: rows are handed in, a model is handed out, and nothing here routes."""
