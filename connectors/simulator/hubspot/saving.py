"""Creating and changing records, with the checks the service makes.

A save either changes the portal and its truth journal, or raises `Refused` and changes
nothing. The stamp of the last modification moves with every write, whatever it wrote;
there is no write that is guarded by what the record was before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.properties import OWNER, ObjectType
from connectors.simulator.hubspot.records import Record, Source
from connectors.simulator.hubspot.refusals import Flaw, Refused, not_valid
from connectors.simulator.hubspot.stamps import moment, read_time, wire
from connectors.simulator.truth import HUMAN, SYNC, WORLD, Actor, Happening

_STAGE: Final = "lifecyclestage"
_ASSIGNED: Final = "hubspot_owner_assigneddate"


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a record is saved."""

    actor: Actor
    at_ms: int | None = None  #: when, if it is not now
    unchecked: bool = False  #: take what could not be written today, as old data is


def source_of(actor: Actor) -> Source:
    """How the history of a property tells of an actor."""
    if actor.client == HUMAN:
        user = int(actor.user_id) if actor.user_id.isdigit() else None
        return Source("CRM_UI", f"userId:{actor.user_id}", None, user)
    if actor.client == WORLD:
        return Source("FORM", "web-form")
    if actor.client == SYNC:
        return Source("INTEGRATION", "SALESFORCE", "Salesforce")
    return Source("INTEGRATION", actor.client, "Signalbox" if actor.rule else None)


class Saver:
    """The save order of the simulated portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def create(self, kind: ObjectType, given: Mapping[str, Any], terms: Terms) -> Record:
        """Create a record.

        Raises:
            Refused: A value is wrong, something required is missing, or it exists already.
        """
        values = self._checked(kind, given, terms)
        missing = [name for name in kind.required if not values.get(name)]
        if missing and not terms.unchecked:
            listed = ", ".join(f'"{name}"' for name in missing)
            raise Refused(
                400, "VALIDATION_ERROR", f"Some required properties were not set: [{listed}]"
            )
        self._refuse_twin(kind, values, None)
        portal = self._portal
        now_ms = terms.at_ms if terms.at_ms is not None else portal.now_ms()
        record_id = portal.new_id()
        source = source_of(terms.actor)
        record = Record(kind, record_id, {}, now_ms, now_ms, source)
        record.values.update({name: value for name, value in values.items() if value})
        record.values["hs_object_id"] = str(record_id)
        record.values[kind.created] = wire(now_ms)
        record.touch(now_ms)
        self._derive(record, {}, now_ms, source)
        if not terms.unchecked:
            self._check_rules(record)
        portal.tables[kind.name].put(record)
        portal.changed(record, now_ms)
        self.note(Happening.CREATED, record, (None, record.owner), terms)
        self._announce(record, None, now_ms, source)
        return record

    def update(self, record: Record, given: Mapping[str, Any], terms: Terms) -> None:
        """Change a record.

        Raises:
            Refused: A value is wrong, or a rule of the portal forbids it.
        """
        values = self._checked(record.type, given, terms)
        self._refuse_twin(record.type, values, record)
        if not terms.unchecked:
            self._check_rules(record, values)
        now_ms = terms.at_ms if terms.at_ms is not None else self._portal.now_ms()
        before = dict(record.values)
        source = source_of(terms.actor)
        for name, value in values.items():
            record.set(name, value, now_ms, source)
        self._derive(record, before, now_ms, source)
        record.touch(now_ms)
        table = self._portal.tables[record.type.name]
        table.note_keys(record, before)
        self._portal.changed(record, now_ms)
        self._announce(record, before, now_ms, source)
        owner = before.get(OWNER)
        if owner != record.owner:
            self.note(Happening.OWNER_CHANGED, record, (owner, record.owner), terms)
            self._owner_followed(record, terms)

    def check(self, record: Record, given: Mapping[str, Any]) -> None:
        """Refuse what `update` would refuse, and change nothing.

        Raises:
            Refused: As `update`.
        """
        values = self._checked(record.type, given, Terms(Actor("", "")))
        self._refuse_twin(record.type, values, record)
        self._check_rules(record, values)

    def note(self, what: Happening, record: Record, change: tuple[Any, Any], terms: Terms) -> None:
        """Tell the truth journal what happened to a record."""
        at = moment(self._portal.now_ms()).isoformat()
        subject = (record.type.name, str(record.id))
        self._portal.truth.record(at, what, subject, change, terms.actor)

    def _checked(self, kind: ObjectType, given: Mapping[str, Any], terms: Terms) -> dict[str, str]:
        values = {str(name): _text(value) for name, value in given.items()}
        if terms.unchecked:
            return values
        flaws = [
            flaw
            for name, value in values.items()
            if (flaw := self._flaw(kind, name, value)) is not None
        ]
        if flaws:
            raise not_valid(flaws)
        return {name: self._stored(kind, name, value) for name, value in values.items()}

    def _flaw(self, kind: ObjectType, name: str, value: str) -> Flaw | None:
        definition = kind.properties.get(name)
        if definition is None:
            message = f'Property "{name}" does not exist'
            return Flaw(name, "PROPERTY_DOESNT_EXIST", message)
        if definition.read_only:
            message = f'"{name}" is a read only property; its value cannot be set.'
            return Flaw(name, "READ_ONLY_VALUE", message)
        if name == OWNER and value and not self._portal.owners.may_own(value):
            message = f"{value} was not one of the allowed options: []"
            return Flaw(name, "INVALID_OPTION", message)
        if name == "email" and value.lower() in self._portal.erased_emails:
            message = f"Email address {value} is blocklisted: its contact was deleted for good."
            return Flaw(name, "INVALID_EMAIL", message)
        return definition.flaw(value)

    @staticmethod
    def _stored(kind: ObjectType, name: str, value: str) -> str:
        definition = kind.properties[name]
        if definition.type == "datetime" and value:
            at_ms = read_time(value)
            return value if at_ms is None else wire(at_ms)
        if definition.type == "bool":
            return value.lower()
        return value.lower() if name == "email" else value

    def _refuse_twin(self, kind: ObjectType, values: Mapping[str, str], own: Record | None) -> None:
        table = self._portal.tables[kind.name]
        for name, value in values.items():
            if not value or not table.is_unique(name):
                continue
            found = table.with_value(name, value)
            if found is not None and found is not own:
                title = kind.singular.capitalize()
                message = f"{title} already exists. Existing ID: {found.id}"
                raise Refused(409, "CONFLICT", message)

    def _check_rules(self, record: Record, changes: Mapping[str, str] | None = None) -> None:
        values = {**record.values, **(changes or {})}
        flaws = [
            Flaw(
                rule.property,
                "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
                f'Property "{rule.property}" is required by a validation rule.',
            )
            for rule in self._portal.settings.rules
            if rule.object == record.type.name
            and (not rule.when or values.get(rule.when, "") == rule.equals)
            and not values.get(rule.property)
        ]
        if flaws:
            raise not_valid(flaws)

    def _derive(
        self, record: Record, before: Mapping[str, str], now_ms: int, source: Source
    ) -> None:
        """Set what the service sets by itself."""
        known, values = record.type.properties, record.values
        if _ASSIGNED in known and before.get(OWNER) != values.get(OWNER):
            record.set(_ASSIGNED, wire(now_ms) if values.get(OWNER) else "", now_ms, source)
        stage = values.get(_STAGE)
        entered = f"hs_v2_date_entered_{stage}"
        if stage and entered in known and before.get(_STAGE) != stage:
            record.set(entered, wire(now_ms), now_ms, source)
        if record.type.name == "deals":
            won = values.get("dealstage") == "closedwon"
            closed = won or values.get("dealstage") == "closedlost"
            values["hs_is_closed_won"] = str(won).lower()
            values["hs_is_closed"] = str(closed).lower()

    def announce(self, event: str, record: Record, **more: Any) -> None:
        """Tell the webhooks of an end, such as `deletion` or `merge`."""
        webhooks = self._portal.webhooks
        if webhooks.wanted:
            kind = f"{record.type.singular}.{event}"
            webhooks.gather(kind, record.id, self._portal.now_ms(), more)

    def _announce(
        self, record: Record, before: Mapping[str, str] | None, now_ms: int, source: Source
    ) -> None:
        """Tell the webhooks what was born or changed."""
        webhooks = self._portal.webhooks
        if not webhooks.wanted:
            return
        singular = record.type.singular
        told = {"changeSource": source.type, "sourceId": source.id}
        if before is None:
            webhooks.gather(f"{singular}.creation", record.id, now_ms, told)
            return
        for name in sorted(before.keys() | record.values.keys()):
            value = record.values.get(name, "")
            if before.get(name, "") != value:
                change = {"propertyName": name, "propertyValue": value, **told}
                webhooks.gather(f"{singular}.propertyChange", record.id, now_ms, change)

    def _owner_followed(self, record: Record, terms: Terms) -> None:
        """Give a contact's leads its new owner, where the portal is set up so."""
        portal = self._portal
        if record.type.name != "contacts" or not portal.settings.lead_owner_follows:
            return
        following = Terms(Actor(terms.actor.user_id, terms.actor.client, rule=True), unchecked=True)
        for lead_id in portal.associations.of("contacts", "leads", record.id):
            lead = portal.tables["leads"].rows[lead_id]
            if lead.living and lead.owner != record.owner:
                self.update(lead, {OWNER: record.owner or ""}, following)


def _text(value: Any) -> str:
    """A value as the service keeps it: text, an empty one for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
