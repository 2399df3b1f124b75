"""Transaction 2: what is to be decided, and what was; what routing remembers."""
