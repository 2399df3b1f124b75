"""Salesforce as seen from the wire: REST, SOQL, composite, Bulk API 2.0 and OAuth.

`org.py` holds everything an org remembers; `rest.py` and its neighbours translate calls
into changes of it; `faults.py` bends the answers as scripted. Shapes and messages follow
recorded traffic and the public documentation; where neither says, the answer is the
weakest one a client may rely on.
"""
