"""The HTTP port: health, metrics, and the knocks of CRMs."""
