"""Suites that every implementation of a port or a layer must pass."""
