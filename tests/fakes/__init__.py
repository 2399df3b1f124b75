"""Stand-ins that are tested themselves: they pass the contract suites the real parts pass."""
