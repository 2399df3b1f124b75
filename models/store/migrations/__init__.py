"""The schema's history, one revision a file, run under a lock when a ledger is opened.

A released revision is never edited. After a change of the tables write the next one, add its
name here, and let the test compare what the revisions make with what the tables say.
"""

#: Every revision this code knows, oldest first.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
