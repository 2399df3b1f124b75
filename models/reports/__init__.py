"""What people ask the ledger; never writes."""
