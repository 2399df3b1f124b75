"""HubSpot as seen from the wire: CRM objects, search, owners, associations and OAuth.

`portal.py` holds everything a portal remembers; `routes.py` knows the paths of every API
version; `faults.py` and its neighbours bend the answers as scripted. Shapes follow the
public documentation and what others observed; where neither says, the answer is the
weakest one a client may rely on.
"""
