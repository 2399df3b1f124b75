"""The process: one round of everything, its threads, its schedule and its lease."""
