"""The daemon's loops: each one a synchronous round over what it was handed.

Law: a loop owns no clock, no ids, no chance, no thread; it is called with the time and says what it
did. Whatever it does in the ledger is one transaction, and the state in memory moves only with it.
A round that fails leaves the others running. Threads, timers and signals are `daemon.main`'s.
"""
