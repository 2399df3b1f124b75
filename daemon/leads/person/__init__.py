"""One person and their records: what a version means, and what the rest of the person says."""
