"""A timeline through the real engine: what a scenario says happens, and who gets each lead.

The same desk, bench and state machine as in the daemon; only the world is a file.
"""
