"""Reps, their identities in the CRMs, and their absences."""
