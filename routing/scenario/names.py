"""Checks that the events of a scenario speak of people, leads and accounts that there are.

An id counts as known wherever in time it appears: whom an event names may join later in the file.
People who join or change are checked as they then are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from routing.reading import Mistakes, Place, did_you_mean, shown
from routing.roster.model import Person, Roster
from routing.roster.people import check_emails, check_person, warn_of
from routing.scenario.model import (
    Away,
    Back,
    Close,
    LeadArrives,
    Leave,
    OwnerChanged,
    PersonJoins,
)
from routing.scenario.series import Series, in_order


def joining(series: Iterable[Series]) -> frozenset[str]:
    """The ids of people whom an event adds or changes."""
    return frozenset(
        id_
        for each in series
        if isinstance(each.first, PersonJoins)
        for id_ in each.ids(each.first.person)
    )


def arriving(series: Iterable[Series]) -> frozenset[str]:
    """The ids of leads that arrive."""
    return frozenset(
        id_
        for each in series
        if isinstance(each.first, LeadArrives)
        for id_ in each.ids(each.first.lead)
    )


@dataclass(frozen=True, slots=True)
class NamesCheck:
    """Who and what there is; None: could not be read, so not checked."""

    people: Collection[str] | None
    leads: Collection[str]
    accounts: Collection[str] | None
    mistakes: Mistakes

    def check(self, series: Sequence[Series]) -> None:
        """Report every name of nobody and nothing."""
        for each in series:
            event = each.first
            if isinstance(event, (Away, Back, Leave)):
                self._check_person(each, event.person, event.place)
            elif isinstance(event, (Close, OwnerChanged)):
                self._check(
                    each.ids(event.lead), event.place, self.leads, "a lead of this scenario"
                )
            elif isinstance(event, LeadArrives):
                self._check_account(each, event)

    def _check_person(self, series: Series, person: str, place: Place) -> None:
        if self.people is not None:
            self._check(series.ids(person), place, self.people, "a person on the roster")

    def _check_account(self, series: Series, event: LeadArrives) -> None:
        account = event.given.get("account")
        if isinstance(account, str) and self.accounts is not None:
            place = event.places["account"]
            self._check(series.ids(account), place, self.accounts, "one of the accounts")

    def _check(self, ids: Iterable[str], place: Place, known: Collection[str], what: str) -> None:
        unknown = next((id_ for id_ in ids if id_ not in known), None)
        if unknown is not None:
            hint = did_you_mean(unknown, sorted(known))
            said = f"{shown(unknown)} is not {what}."
            self.mistakes.add(place, f"{said}{hint} Correct the id, or add what it names.")


def check_changes(roster: Roster, series: Iterable[Series], mistakes: Mistakes) -> Roster:
    """The roster after all that events say of people, each checked as they then are."""
    changes = [each for each in series if isinstance(each.first, PersonJoins)]
    known = frozenset({*roster.people, *joining(changes)})
    people = dict(roster.people)
    for event in in_order(changes):
        if not isinstance(event, PersonJoins):
            continue
        said, before = event.change, people.get(event.person)
        after = before.changed(said) if before else Person(said.id, said.steps, said.places)
        people[after.id] = after
        check_person(after, known=known, mistakes=mistakes)
        if before is None or "hours" in said.steps:
            warn_of(after, mistakes)
    check_emails(people.values(), mistakes)
    return Roster(people.values())
