"""All that calls a CRM: reading, writing, the cross-check, sweeping."""
