"""The ledger: what is remembered, and the only code that reads or writes it."""
