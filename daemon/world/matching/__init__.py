"""Which account a lead belongs to: by CRM link, by domain, by name, and nothing fuzzier.

Indexes and the public suffix list live here, in the shell; routing only sees the account that was
found and the evidence for it.
"""

from daemon.world.matching.addresses import Address, Domains, email_facts, with_clean_hosts
from daemon.world.matching.index import AccountIndex, Match
from daemon.world.matching.names import name_key

__all__ = [
    "AccountIndex",
    "Address",
    "Domains",
    "Match",
    "email_facts",
    "name_key",
    "with_clean_hosts",
]
