"""What needs no running daemon: one-shot commands, preview, simulation, lint, demo."""
