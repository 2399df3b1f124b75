"""What is in force: rulebook, staff, connections, matching; no loop of its own."""
