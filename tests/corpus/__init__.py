"""Decisions as they were stored, by engine number: what today's code must still reproduce.

`make.py` says how they were made. A folder is written once, with the engine whose number it bears,
and never again: it is evidence, not a fixture to be refreshed.
"""
