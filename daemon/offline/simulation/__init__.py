"""A timeline through the real engine: what a scenario says happens, and who gets each lead.

The same router, candidates and state machine as in the daemon; only the world is a file.
"""
