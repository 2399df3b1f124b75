"""Transaction 1: pages and bookmarks, and what follows from touches and outcomes."""
