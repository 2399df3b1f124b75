"""Entries of the journal: who did what to whom, when and through which channel, in exact bytes.

An entry's body holds all of it in canonical form and is hashed as stored. Bodies name internal
ids only; names, addresses and CRM ids stand in rows that can be deleted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models.store.prepared import Values
from models.store.statements import inserting
from models.tables import JournalRow
from routing.canonical import Json, canonical, stamp

_NOTHING: Mapping[str, Json] = MappingProxyType({})

#: Adds entries to the journal.
ENTER = inserting(JournalRow)


class EntryKind(StrEnum):
    """Acts that someone may ask about. Add, never rename."""

    DECISION = "decision"
    ASSIGNMENT = "assignment"  # what became of the write of a decision
    OWNERSHIP = "ownership"  # the owner of a record was seen to change
    CONFLICT = "conflict"
    TURN = "turn"  # a claim was given back or credited; charges stand in their decision
    REASSIGNMENT = "reassignment"
    OVERRIDE = "override"
    RULEBOOK_DRAFTED = "rulebook_drafted"
    RULEBOOK_APPROVED = "rulebook_approved"
    RULEBOOK_PUBLISHED = "rulebook_published"
    MODEL_TRAINED = "model_trained"  # a version was kept, with its verdict
    MODEL_PROMOTED = "model_promoted"
    MODEL_REFUSED = "model_refused"  # the gate or the loader would not have it
    MODEL_ROLLED_BACK = "model_rolled_back"
    MODEL_OFF = "model_off"  # rotation decides from now on: switched off, or an alarm
    MODEL_ON = "model_on"
    ROSTER = "roster"
    SETTINGS = "settings"
    EXPORT = "export"
    ERASURE = "erasure"
    SIGN_IN = "sign_in"
    INTERNAL_ERROR = "internal_error"
    PERSON_JOINED = "person_joined"  # a record turned out to be another one's person
    LEAD_JOINED = "lead_joined"  # a lead turned out to be another one, known from another CRM
    PAIR_AMBIGUOUS = "pair_ambiguous"  # a record's partner in the other CRM would be a guess


class Channel(StrEnum):
    """How an act reached us. Add, never rename."""

    DAEMON = "daemon"
    CLI = "cli"
    CONSOLE = "console"
    API = "api"
    CRM = "crm"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, for whom, and how it reached us."""

    name: str = "signalbox"
    on_behalf_of: str | None = None
    channel: Channel = Channel.DAEMON


#: Signalbox itself.
OURSELVES = Actor()


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when, and under which lease: what every change outside the hot path needs."""

    at: datetime
    token: int  #: the fencing token
    actor: Actor = OURSELVES


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `about` is JSON: text, integers, lists; no floats, no personal facts."""

    kind: EntryKind
    subject: str | None  #: internal id of what it is mainly about
    about: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)
    actor: Actor = OURSELVES


def entered(act: Act, kind: EntryKind, subject: str | None, **about: Json) -> Values:
    """An entry as a row, of somebody's act."""
    return row_of(Entry(kind, subject, about, actor=act.actor), act.at)


def row_of(entry: Entry, at: datetime) -> Values:
    """The entry as a row: its exact bytes, their hash, and what finds it.

    Raises:
        ValueError: `about` has no canonical form.
    """
    actor = entry.actor
    body = canonical(
        {
            **entry.about,
            "kind": entry.kind.value,
            "at": stamp(at),
            "actor": actor.name,
            "on_behalf_of": actor.on_behalf_of,
            "channel": actor.channel.value,
            "subject": entry.subject,
        }
    )
    return {
        "kind": entry.kind,
        "at": at,
        "actor": actor.name,
        "on_behalf_of": actor.on_behalf_of,
        "channel": actor.channel,
        "subject": entry.subject,
        "body": body,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
