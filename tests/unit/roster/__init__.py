"""Who may own leads, as files say it."""
