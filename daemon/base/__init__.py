"""What every room stands on: the clock, logs, metrics, events, files and text."""
