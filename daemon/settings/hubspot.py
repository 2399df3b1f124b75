"""What is usual for a HubSpot connection, and what does not fit one.

HubSpot has one address for everybody, its own names for the usual properties, and no queues that
could hold a contact: a queue of the rulebook is a person there, or nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_BASE_URL: Final = "https://api.hubapi.com"
_API_VERSION: Final = "2026-09"
_OBJECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "hs.contact": {
        "owner": "hubspot_owner_id",
        "stage": "lifecyclestage",
        "email": "email",
        "company": "company",
        "closed": ("customer", "evangelist"),
    },
    "hs.lead": {
        "owner": "hubspot_owner_id",
        "stage": "hs_pipeline_stage",
        "email": "contact.email",
        "company": "contact.company",
        "closed": ("qualified-stage-id", "unqualified-stage-id"),
    },
}
_POLL: Final = {"leads_s": 5, "touches_s": 60}  #: search shows nothing much sooner, and costs


def usual_hubspot(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with all that is usual where nothing was said."""
    told = {"base_url": _BASE_URL, "api_version": _API_VERSION, **given}
    objects = told.get("objects", {"hs.contact": {}})
    if isinstance(objects, Mapping):
        told["objects"] = {name: _usual_object(name, each) for name, each in objects.items()}
    if isinstance(told.get("poll", {}), Mapping):
        told["poll"] = {**_POLL, **told.get("poll", {})}
    if "hs.lead" in told["objects"] and "follower" not in told:
        told["follower"] = "hs.contact"
    return told


def unfit_for_hubspot(
    objects: Iterable[str], follower: str | None, places: Iterable[tuple[str, bool]]
) -> Iterator[str]:
    """What cannot be done there, in sentences.

    Args:
        objects: What is routed.
        follower: The object whose owner goes with it.
        places: Every queue of the rulebook that is placed, and whether a CRM's queue is named.
    """
    routed = sorted(objects)
    if len(routed) > 1:
        said = " and ".join(routed)
        yield f"routes {said}; route one of them, and name the other as follower."
    if follower is not None and (follower in routed or not follower.startswith("hs.")):
        yield f"has {follower} as follower; write the other of hs.contact and hs.lead."
    for name, is_queue in places:
        if is_queue:
            yield f"places {name} in a queue; HubSpot has none: write owner: REP, or unowned."


def _usual_object(name: str, given: Any) -> Any:
    told = {"owner": given} if isinstance(given, str) else given
    return {**_OBJECTS.get(name, {}), **told} if isinstance(told, Mapping) else told
