"""What is in force: rulebooks, connections, and what operators asked for."""
