"""The daemon as a process and over a real ledger, in good times and bad."""
