"""A lead as the conditions of rules see it: one flat mapping from fact names to values.

The lead's own facts stand under their names, those of its account under `account.`, and `cause`
is why it is routed now. A missing fact is absent or None.
"""

from routing.facts import Account, Lead, Occasion, Value
from routing.rulebook.vocabulary import ACCOUNT


def facts_view(lead: Lead, account: Account | None, occasion: Occasion) -> dict[str, Value | None]:
    """What rules may look at, for one lead and occasion.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from routing.facts import Cause, Fact
        >>> at = datetime(2026, 1, 5, tzinfo=UTC)
        >>> occasion = Occasion("o1", "L1", "inbound", Cause.FIRST_SIGHT, 1, at)
        >>> lead = Lead("L1", {"country": Fact("US")}, stage="new", email_host="acme.com")
        >>> account = Account("acme", owner="ada", facts={"named": Fact(True)})
        >>> view = facts_view(lead, account, occasion)
        >>> view["country"], view["email"], view["account.named"], view["cause"]
        ('US', 'acme.com', True, 'first_sight')
    """
    view: dict[str, Value | None] = {
        "stage": lead.stage or None,
        "email": lead.email_host or None,
        "test": lead.test,
    }
    for name, fact in lead.facts.items():
        view[name] = fact.value
    view["cause"] = occasion.cause.value
    if account is not None:
        view["account.id"] = account.id
        view["account.owner"] = account.owner
        view["account.team"] = tuple(sorted(account.team)) or None
        for name, fact in account.facts.items():
            view[name if name.startswith(ACCOUNT) else ACCOUNT + name] = fact.value
    return view
