"""The demo: simulated CRMs, the real daemon, and the proof that nothing was lost."""
