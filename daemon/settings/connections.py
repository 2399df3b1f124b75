"""One CRM connection as the settings describe it: where, with which key, which fields.

Only the description; whether the org has these fields and the key these rights is `check`'s work.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from daemon.settings.hubspot import unfit_for_hubspot, usual_hubspot
from daemon.settings.parts import Part, Seconds
from daemon.settings.sign_ins import SIGN_INS_OF, Auth
from daemon.settings.wake import Wake
from routing.facts import Mapped

ObjectName = Literal["sf.lead", "sf.contact", "hs.contact", "hs.lead"]
OBJECTS: tuple[ObjectName, ...] = get_args(ObjectName)
#: What may be written beside the owner, in the same request.
WRITTEN = ("decision", "reason", "rule", "pool", "at")

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Kind(StrEnum):
    """CRMs that can be connected."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"


PREFIXES = {Kind.SALESFORCE: "sf.", Kind.HUBSPOT: "hs."}
_VERSIONS = {
    Kind.SALESFORCE: re.compile(r"\d{2,3}\.0"),
    Kind.HUBSPOT: re.compile(r"v3|\d{4}-\d{2}"),
}


class Mode(StrEnum):
    """How far a connection goes."""

    OFF = "off"  # not read, not written
    SHADOW = "shadow"  # decides, writes nothing, compares with what the CRM did
    LIVE = "live"


def _crm_field(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise ValueError("is not a field's API name, such as Status or Routing_Decision__c.")
    return text


CrmField = Annotated[str, AfterValidator(_crm_field)]


class QueueTarget(Part):
    """Where leads of one of the rulebook's queues go in this CRM; nothing given: unowned."""

    queue: str | None = None  #: the queue's developer name or id
    owner: str | None = None  #: a rep's id in the roster, or a CRM user id
    unowned: bool = False  #: left without an owner, with an alert

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.queue is not None) + (self.owner is not None) + self.unowned != 1:
            raise ValueError("needs exactly one of {queue: NAME}, {owner: REP} and unowned.")
        return self


def _queue_target(given: object) -> object:
    if isinstance(given, str):
        return {"unowned": True} if given == "unowned" else {"queue": given}
    return given


class RoutedObject(Part):
    """A kind of record that is routed, and the fields its facts stand in."""

    owner: CrmField  #: the field a route writes
    stage: CrmField | None = None
    email: CrmField | None = "Email"
    company: CrmField | None = None
    account: CrmField | None = None  #: the field that links to the account
    closed: tuple[str, ...] = ()  #: HubSpot: stages in which it is no lead any more
    queues: Mapping[str, Annotated[QueueTarget, BeforeValidator(_queue_target)]] = Field(
        default_factory=dict
    )  #: where this kind of record goes instead, for what no queue of the CRM can hold


def _usual_objects() -> Mapping[ObjectName, RoutedObject]:
    return {"sf.lead": RoutedObject(owner="OwnerId", stage="Status", company="Company")}


def _owner_only(given: object) -> object:
    return {"owner": given} if isinstance(given, str) else given


class Poll(Part):
    """How often each kind of record is asked for, in seconds."""

    leads_s: Seconds | None = None  #: None: `timing.poll_s`
    people_s: Seconds = 60
    accounts_s: Seconds = 300
    outcomes_s: Seconds = 120
    touches_s: Seconds = 30
    absences_s: Seconds = 300


Places = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)
]


def _placed(places: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    for place in (place for several in places.values() for place in several):
        found = next((o for o in OBJECTS if place.startswith(f"{o}.")), None)
        if found is None or not _FIELD.fullmatch(place.removeprefix(f"{found}.")):
            example = "sf.lead.CountryCode"
            raise ValueError(f'names "{place[:60]}"; write OBJECT.FIELD, such as {example}.')
    return places


def _written(places: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    unknown = sorted(set(places) - set(WRITTEN))
    if unknown:
        raise ValueError(f'cannot write "{unknown[0][:60]}"; it can write {", ".join(WRITTEN)}.')
    return places


FieldMap = Annotated[Mapping[str, Places], AfterValidator(_placed)]


class ConnectionConfig(Part):
    """One CRM: where it is, what we may do there, and where its facts stand."""

    kind: Kind
    mode: Mode = Mode.SHADOW
    base_url: Annotated[str, Field(description="the org's My Domain, https://...")]
    auth: Annotated[Auth, Field(description="how we sign in: {type: client_credentials, ...}")]
    api_version: Annotated[str, Field(pattern=r"^(\d{2,3}\.0|v3|\d{4}-\d{2})$")] = "64.0"
    route_from: AwareDatetime | None = None  #: None: the settings' own
    objects: Annotated[
        Mapping[ObjectName, Annotated[RoutedObject, BeforeValidator(_owner_only)]],
        Field(min_length=1),
    ] = Field(default_factory=_usual_objects)
    facts: FieldMap = Field(default_factory=dict)  #: fact -> where it is read from
    written: Annotated[FieldMap, AfterValidator(_written)] = Field(default_factory=dict)
    follower: ObjectName | None = None  #: HubSpot: the other object, whose owner goes with it
    salesforce_ids: Mapping[str, CrmField] | None = None
    #: HubSpot: properties that name the synced record, `sf.lead`, `sf.contact` and `sf.account`
    named_field: CrmField | None = None  #: on the account: whether it is a named account
    placeholders: Mapping[str, str] = Field(default_factory=dict)  #: rulebook's name -> CRM id
    queues: Mapping[str, Annotated[QueueTarget, BeforeValidator(_queue_target)]] = Field(
        default_factory=dict
    )
    poll: Poll = Poll()
    wake: Wake | None = None  #: how the CRM may say that there is something new
    overlap_s: Annotated[float, Field(ge=0, le=86_400)] = 600  #: read again for late rows
    quota_share: Annotated[float, Field(gt=0, le=1)] = 0.2  #: our part of the org's daily calls
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 30

    @model_validator(mode="before")
    @classmethod
    def _usual_for_its_kind(cls, given: Any) -> Any:
        is_hubspot = isinstance(given, Mapping) and given.get("kind") == Kind.HUBSPOT
        return usual_hubspot(given) if is_hubspot else given

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        mistakes = list(_unfit(self))
        if mistakes:
            raise ValueError(" ".join(mistakes))
        return self

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None or parts.query:
            raise ValueError("carries a user name or a query; only https://HOST belongs here.")
        local = parts.hostname in _LOOPBACK
        if not parts.hostname or not (
            parts.scheme == "https" or (local and parts.scheme == "http")
        ):
            raise ValueError("must begin with https://; plain http is for 127.0.0.1 only.")
        return url.rstrip("/")

    def queue_target(self, queue: str, object_: str) -> QueueTarget | None:
        """Where a queue's records of one kind go: the object's own word, else the connection's."""
        for name, described in self.objects.items():
            if name == object_ and queue in described.queues:
                return described.queues[queue]
        return self.queues.get(queue)

    def mapped(self) -> tuple[Mapped, ...]:
        """Where facts are read from, one entry per fact and object, sorted."""
        return _mapped(self.facts)

    def mapped_back(self) -> tuple[Mapped, ...]:
        """What is written beside the owner, one entry per thing and object, sorted."""
        return _mapped(self.written)

    def routes_from(self, otherwise: datetime) -> datetime:
        """Records created before this are only routed on request."""
        return self.route_from or otherwise


def _connection_name(name: str) -> str:
    if not _NAME.fullmatch(name) or "__" in name:
        raise ValueError(
            "is no name for a connection; use small letters, digits and single underscores."
        )
    return name


ConnectionName = Annotated[str, AfterValidator(_connection_name)]


def _mapped(places: Mapping[str, tuple[str, ...]]) -> tuple[Mapped, ...]:
    found = []
    for fact, several in sorted(places.items()):
        for place in several:
            prefix, object_, field = place.split(".", 2)
            found.append(Mapped(fact=fact, object=f"{prefix}.{object_}", field=field))
    return tuple(found)


def _unfit(told: ConnectionConfig) -> Iterator[str]:
    """What belongs to another kind of CRM."""
    other = PREFIXES[told.kind]
    kind = told.kind.value
    if told.auth.type not in SIGN_INS_OF[kind]:
        known = ", ".join(SIGN_INS_OF[kind])
        yield f"signs in with {told.auth.type}, which {kind} does not know; use one of {known}."
    strange: list[str] = [name for name in told.objects if not name.startswith(other)]
    strange += [m.object for m in (*told.mapped(), *told.mapped_back()) if m.object[:3] != other]
    if strange:
        yield f"names {strange[0]}, which is no object of {kind}; its objects begin with {other}"
    if not _VERSIONS[told.kind].fullmatch(told.api_version):
        yield f"has api_version {told.api_version}, which is none of {kind}."
    if told.kind is Kind.HUBSPOT and told.wake is not None and told.wake.public_url is None:
        yield "has wake without public_url, which HubSpot's signature covers."
    if told.kind is Kind.HUBSPOT:
        yield from unfit_for_hubspot(told.objects, told.follower, _places(told))
    elif told.follower is not None or told.salesforce_ids is not None:
        yield "has follower or salesforce_ids, which are for HubSpot."


def _places(told: ConnectionConfig) -> Iterator[tuple[str, bool]]:
    """Every queue of the rulebook that is placed, and whether a CRM's queue is named."""
    for queues in (told.queues, *(each.queues for each in told.objects.values())):
        for name, target in queues.items():
            yield name, target.queue is not None
