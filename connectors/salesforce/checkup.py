"""What this key can do, in words for the person who can change it. Writes nothing.

A key that may only read passes with what it cannot write named; a login that is refused is an
answer too. Only an org that does not answer at all is an error.
"""

from typing import Final

from connectors.errors import NeedsOperator
from connectors.port import Check
from connectors.salesforce.needs import needs_of
from connectors.salesforce.refusals import Refusal
from connectors.salesforce.schema import Schema, describe
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Wire
from connectors.salesforce_ids import canonical

_RELEASES_LEFT: Final = 6  #: two years: the age at which a version's end is announced


def look(wire: Wire, settings: SalesforceSettings) -> Schema:
    """Ask for the description of everything the settings need."""
    needs = needs_of(settings)
    return Schema(needs, {need.sobject: describe(wire, need.sobject) for need in needs})


def who_am_i(wire: Wire) -> str | None:
    """The user we act as: what we wrote ourselves carries this id."""
    user = wire.tokens.current().user
    if user is not None:
        return user
    try:
        body = wire.user_info().body
    except Refusal as refusal:
        if refusal.transient or refusal.expired:
            raise
        return None
    return canonical(str(body.get("user_id") or "")) if isinstance(body, dict) else None


def check(wire: Wire, settings: SalesforceSettings) -> Check:
    """Look at everything once and say it all."""
    api = settings.api_version
    try:
        problems, warnings = _about_version(wire.versions(), api)
        me = who_am_i(wire)
        schema = look(wire, settings)
    except NeedsOperator as refused:
        return Check(settings.name, api=api, user=None, problems=(str(refused),))
    except Refusal as refusal:
        promised = refusal.as_promised()
        if not isinstance(promised, NeedsOperator):
            raise
        return Check(settings.name, api=api, user=None, problems=(str(promised),))
    if me is None:
        warnings = (*warnings, "The user behind this key is not told; our own writes look foreign.")
    return Check(
        connection=settings.name,
        api=api,
        user=me,
        objects=schema.checks(),
        would_write=schema.would_write(),
        cannot_write=schema.cannot_write(),
        problems=(*problems, *schema.problems()),
        warnings=(*warnings, *schema.warnings()),
    )


def _about_version(served: list[str], pin: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Problems and warnings about the API version in the settings."""
    if pin not in served:
        span = f"{served[0]} to {served[-1]}" if served else "none"
        return (f"API version {pin} is not served; the org serves {span}. Set api_version.",), ()
    if _number(pin) < _number(served[0]) + _RELEASES_LEFT:
        old = f"API version {pin} is among the oldest that are served ({served[0]} and up);"
        return (), (f"{old} set a newer api_version before it is retired.",)
    return (), ()


def _number(version: str) -> int:
    whole = version.partition(".")[0]
    return int(whole) if whole.isdigit() else 0
