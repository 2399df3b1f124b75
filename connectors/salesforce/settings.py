"""What a Salesforce connection needs to be told, checked when it is made.

The values come from the shell's settings; secrets never appear in a representation. Which fields
exist and may be used is not known here: the org's own description is asked at start.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from routing.facts.crm import Mapped

#: Hosts that Salesforce serves APIs from; a token for any other host is not believed.
SALESFORCE_HOSTS: Final = (".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn")
DECISION: Final = "decision"  #: what the settings call the id of the decision behind a write
LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An External Client App's own key; it acts as the app's run-as user."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """A certificate's private key; it acts as a user who was pre-authorised."""

    client_id: str
    username: str = field(repr=False)
    private_key: str = field(repr=False)  #: PEM
    audience: str = "https://login.salesforce.com"


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A token somebody else made, for trying things out; it cannot be renewed."""

    access_token: str = field(repr=False)


Grant = ClientCredentials | JwtBearer | StaticToken


@dataclass(frozen=True, slots=True)
class RoutedObject:
    """An object whose records are routed, and where its facts stand."""

    object: str  #: our name for it: `sf.lead`
    sobject: str  #: Salesforce's: `Lead`
    owner_field: str = "OwnerId"  #: the field a route writes
    stage_field: str | None = None
    email_field: str | None = "Email"
    company_field: str | None = None
    account_field: str | None = None  #: a lookup to Account


def lead_object(
    *, owner_field: str = "OwnerId", stage_field: str = "Status", account_field: str | None = None
) -> RoutedObject:
    """The Lead object with its usual fields."""
    return RoutedObject(
        "sf.lead",
        "Lead",
        owner_field=owner_field,
        stage_field=stage_field,
        company_field="Company",
        account_field=account_field,
    )


def contact_object(*, owner_field: str, stage_field: str | None = None) -> RoutedObject:
    """The Contact object; which field holds the SDR is the org's own affair."""
    return RoutedObject(
        "sf.contact",
        "Contact",
        owner_field=owner_field,
        stage_field=stage_field,
        account_field="AccountId",
    )


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    """One Salesforce connection."""

    base_url: str  #: the org's My Domain, https; http only on this machine
    grant: Grant
    route_from: datetime  #: leads, outcomes and touches changed before this are not read
    name: str = "salesforce"
    api_version: str = "64.0"
    routed: tuple[RoutedObject, ...] = (lead_object(),)
    mapped: tuple[Mapped, ...] = ()  #: facts and the fields they are read from
    written: tuple[Mapped, ...] = ()  #: what is written beside the owner, in the same request
    named_field: str | None = None  #: on Account: whether it is a named account
    share: float = 0.2  #: the part of the org's daily calls that we may use
    near_s: int = 10  #: read again at every poll: rows committed a little late
    overlap_s: int = 600  #: read again at every beat: rows committed very late
    beat_s: int = 60  #: how often the overlap is read again
    quarantine_s: int = 2  #: a row changed more recently than this is not written
    page_size: int = 2000
    timeout_s: float = 30.0
    read_back: bool = False  #: read every write back, not only doubtful ones
    hosts: tuple[str, ...] = SALESFORCE_HOSTS
    proxies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def __post_init__(self) -> None:
        mistakes = [*_address_mistakes(self), *_number_mistakes(self)]
        if mistakes:
            raise ValueError(f"Connection {self.name}: " + " ".join(mistakes))

    @property
    def loopback(self) -> bool:
        """Whether the org is a simulator on this machine, the only place for plain http."""
        return urlsplit(self.base_url).scheme == "http"

    @property
    def origin(self) -> str:
        """Scheme, host and port of the base address."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def may_serve(self, instance_url: str) -> bool:
        """Whether we may send a token to the address that a token answer named."""
        parts = urlsplit(instance_url)
        host = (parts.hostname or "").lower()
        if self.loopback:
            same_port = parts.port == urlsplit(self.base_url).port
            return parts.scheme == "http" and host in LOOPBACK_HOSTS and same_port
        clean = parts.scheme == "https" and parts.username is None and parts.port in (None, 443)
        return clean and host.endswith(self.hosts)

    def routed_object(self, object: str) -> RoutedObject | None:
        """The routed object with this name of ours."""
        return next((routed for routed in self.routed if routed.object == object), None)

    def mapped_fields(self, object: str) -> tuple[str, ...]:
        """The fields that facts are read from on this object, in order, once each."""
        return tuple(dict.fromkeys(m.field for m in self.mapped if m.object == object))

    def decision_field(self, object: str) -> str | None:
        """The field that takes the decision's id on this object, where one is mapped."""
        fields = (m.field for m in self.written if m.object == object and m.fact == DECISION)
        return next(fields, None)

    def written_fields(self, object: str) -> tuple[str, ...]:
        """The fields that are written beside the owner on this object, in order, once each."""
        return tuple(dict.fromkeys(m.field for m in self.written if m.object == object))


def _address_mistakes(settings: SalesforceSettings) -> list[str]:
    parts = urlsplit(settings.base_url)
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None:
        return ["base_url carries a user name; put credentials into the environment."]
    if parts.scheme == "http" and host in LOOPBACK_HOSTS:
        return []
    if parts.scheme == "http":
        return [f"base_url is http on {host}; plain http is for 127.0.0.1 and localhost only."]
    if parts.scheme != "https" or not host.endswith(settings.hosts):
        allowed = ", ".join(settings.hosts)
        return [f"base_url {settings.base_url} is not https on a host that ends in {allowed}."]
    return []


def _number_mistakes(settings: SalesforceSettings) -> list[str]:
    mistakes = []
    if settings.route_from.tzinfo is None:
        mistakes.append(f"route_from {settings.route_from.isoformat()} has no time zone; add Z.")
    if not 0 < settings.share <= 1:
        mistakes.append(f"share is {settings.share}; it is a part of the quota, in (0, 1].")
    if not 200 <= settings.page_size <= 2000:
        mistakes.append(f"page_size is {settings.page_size}; Salesforce serves 200 to 2000 rows.")
    if settings.quarantine_s < 2:
        mistakes.append(
            f"quarantine_s is {settings.quarantine_s}; below 2 a human's edit in the same second"
            " would be overwritten."
        )
    return mistakes
