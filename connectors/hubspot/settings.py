"""What a HubSpot connection needs to be told, checked when it is made.

The values come from the shell's settings; secrets never appear in a representation. One kind of
record is routed, contacts or the Lead object; the other may follow it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from connectors.hubspot.paths import VERSIONS
from routing.facts.crm import Mapped

HUBSPOT: Final = "https://api.hubapi.com"
#: Hosts that HubSpot serves APIs from; a key is sent to no other.
HUBSPOT_HOSTS: Final = (".hubapi.com", ".hubspotapi.com")
LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost")
DECISION: Final = "decision"  #: what the settings call the id of the decision behind a write


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A service key, or the access token of a private app: it lives until somebody revokes it."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """An app that was installed in the portal; it acts with access tokens of half an hour."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    keep: Callable[[str], None] | None = field(default=None, repr=False)
    #: is given a refresh token that takes the place of the one before


Grant = ServiceKey | OAuthApp

#: HubSpot's properties that name the Salesforce record of a synced one.
SALESFORCE_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sf.lead": "salesforceleadid",
        "sf.contact": "salesforcecontactid",
        "sf.account": "salesforceaccountid",
    }
)


@dataclass(frozen=True, slots=True)
class RoutedObject:
    """An object whose records are routed, and where its facts stand."""

    object: str  #: our name for it: `hs.contact`
    kind: str  #: HubSpot's: `contacts`
    owner_field: str = "hubspot_owner_id"  #: the property a route writes
    stage_field: str | None = None
    email_field: str | None = None
    company_field: str | None = None
    closed: tuple[str, ...] = ()  #: stages in which somebody's record is no lead any more
    created: str = "createdate"
    modified: str = "lastmodifieddate"

    def is_done(self, stage: str | None, owner: str | None) -> bool:
        """Whether a record is no lead any more: in a closed stage, and somebody's.

        A customer's new colleague arrives as a customer, with nobody: that is work.
        """
        return stage in self.closed and owner is not None


def contact_object(
    *, owner_field: str = "hubspot_owner_id", stage_field: str | None = "lifecyclestage"
) -> RoutedObject:
    """Contacts, which are the leads of most portals."""
    return RoutedObject(
        "hs.contact",
        "contacts",
        owner_field=owner_field,
        stage_field=stage_field,
        email_field="email",
        company_field="company",
        closed=("customer", "evangelist"),
    )


def lead_object(
    *, owner_field: str = "hubspot_owner_id", stage_field: str | None = "hs_pipeline_stage"
) -> RoutedObject:
    """The Lead object of Sales Hub; it always stands beside a contact, who has the facts."""
    return RoutedObject(
        "hs.lead",
        "leads",
        owner_field=owner_field,
        stage_field=stage_field,
        email_field="contact.email",  # a Lead object has neither of its own
        company_field="contact.company",
        closed=("qualified-stage-id", "unqualified-stage-id"),
        created="hs_createdate",
        modified="hs_lastmodifieddate",
    )


@dataclass(frozen=True, slots=True)
class HubSpotSettings:
    """One HubSpot portal."""

    grant: Grant
    route_from: datetime  #: leads, outcomes and touches changed before this are not read
    base_url: str = HUBSPOT
    name: str = "hubspot"
    api_version: str = "2026-09"
    routed: RoutedObject = field(default_factory=contact_object)
    follower: RoutedObject | None = None  #: the other object, whose owner goes with it
    mapped: tuple[Mapped, ...] = ()  #: facts and the properties they are read from
    written: tuple[Mapped, ...] = ()  #: what is written beside the owner, in the same request
    named_field: str | None = None  #: on companies: whether it is a named account
    salesforce_ids: Mapping[str, str] = field(default_factory=lambda: SALESFORCE_IDS)
    share: float = 0.2  #: the part of the portal's daily calls that we may use
    burst_share: float = 0.7  #: the part of its calls in any ten seconds
    near_s: int = 30  #: read again at every poll: rows that search shows a little late
    overlap_s: int = 600  #: read again at every beat: rows that it shows late
    beat_s: int = 60  #: how often the overlap is read again
    held_back_s: int = 3600  #: read a second time when search has surely caught up
    held_beat_s: int = 900  #: how often that is done
    archive_beat_s: int = 900  #: how often archived records are looked for
    timeout_s: float = 30.0
    hosts: tuple[str, ...] = HUBSPOT_HOSTS
    proxy: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        mistakes = [*_address_mistakes(self), *_number_mistakes(self), *_object_mistakes(self)]
        if mistakes:
            raise ValueError(f"Connection {self.name}: " + " ".join(mistakes))

    @property
    def loopback(self) -> bool:
        """Whether the portal is a simulator on this machine, the only place for plain http."""
        return urlsplit(self.base_url).scheme == "http"

    def object_called(self, object: str) -> RoutedObject | None:
        """The routed object or its follower, by our name."""
        known = (self.routed, self.follower)
        return next((each for each in known if each is not None and each.object == object), None)

    def mapped_fields(self, object: str) -> tuple[str, ...]:
        """The properties that facts are read from on this object, in order, once each."""
        return tuple(dict.fromkeys(m.field for m in self.mapped if m.object == object))

    def decision_field(self, object: str) -> str | None:
        """The property that takes the decision's id on this object, where one is mapped."""
        fields = (m.field for m in self.written if m.object == object and m.fact == DECISION)
        return next(fields, None)

    def written_fields(self, object: str) -> tuple[str, ...]:
        """The properties written beside the owner on this object, in order, once each."""
        return tuple(dict.fromkeys(m.field for m in self.written if m.object == object))


def _address_mistakes(settings: HubSpotSettings) -> list[str]:
    parts = urlsplit(settings.base_url)
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None:
        return ["base_url carries a user name; put credentials into the environment."]
    if parts.scheme == "http" and host in LOOPBACK_HOSTS:
        return []
    if parts.scheme == "http":
        return [f"base_url is http on {host}; plain http is for 127.0.0.1 and localhost only."]
    if parts.scheme != "https" or not f".{host}".endswith(settings.hosts):
        allowed = ", ".join(settings.hosts)
        return [f"base_url {settings.base_url} is not https on a host that ends in {allowed}."]
    return []


def _number_mistakes(settings: HubSpotSettings) -> list[str]:
    mistakes = []
    if settings.route_from.tzinfo is None:
        mistakes.append(f"route_from {settings.route_from.isoformat()} has no time zone; add Z.")
    for name, share in (("share", settings.share), ("burst_share", settings.burst_share)):
        if not 0 < share <= 1:
            mistakes.append(f"{name} is {share}; it is a part of the limit, in (0, 1].")
    if settings.api_version not in VERSIONS:
        known = ", ".join(VERSIONS)
        mistakes.append(f"api_version {settings.api_version} is not known; use one of {known}.")
    return mistakes


def _object_mistakes(settings: HubSpotSettings) -> list[str]:
    follower = settings.follower
    if follower is not None and follower.object == settings.routed.object:
        return [f"{follower.object} is routed; it cannot follow itself."]
    return []
