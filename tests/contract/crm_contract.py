"""What every connector promises, whatever CRM is behind it.

A module that wants its connector held to this subclasses `CrmContract` and gives a fixture
`world`: a CRM with humans in it, and a fresh connector. Nothing in here knows which CRM it is.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.port import Connector
from routing.facts.crm import (
    Applied,
    Bookmark,
    Effect,
    EffectKind,
    EffectResult,
    RecordSeen,
    Stream,
    UserSeen,
)
from tests.contract.crm_world import CrmWorld


def read_all(
    connector: Connector, stream: Stream, bookmark: Bookmark | None = None
) -> tuple[list[Any], Bookmark]:
    """Everything there is to read now, of the stream's own kinds, and where to go on."""
    bookmark = bookmark or Bookmark(stream)
    seen: list[Any] = []
    for _ in range(200):
        page = connector.changes(bookmark)
        seen += page.seen
        bookmark = page.bookmark
        if not page.more:
            return seen, bookmark
    raise AssertionError("200 pages, and always more.")


def effect_for(
    world: CrmWorld, record: str, to: str | None, *, expected: str | None = None
) -> Effect:
    """An owner effect as the ledger writes it."""
    return Effect(
        id=f"effect-{record}-{to}",
        kind=EffectKind.OWNER,
        object=world.object,
        record=record,
        field=world.field,
        expected=expected if expected is not None else world.unrouted,
        value=to,
        token="attempt-1",
    )


def gave(world: CrmWorld, record: str, to: str) -> EffectResult:
    """The result of giving one lead to one rep."""
    return world.connector.apply([effect_for(world, record, to)])[0]


class CrmContract:
    """A CRM with leads nobody was given, and reps who could have them."""

    def test_a_new_lead_is_read_with_its_owner_and_version(self, world: CrmWorld):
        lead = world.lead()

        seen, _ = read_all(world.connector, Stream.LEADS)

        records = {one.id: one for one in seen if isinstance(one, RecordSeen)}
        assert records[lead].owner == world.unrouted
        assert records[lead].version
        assert records[lead].created_at.tzinfo is not None

    def test_reading_goes_on_from_the_bookmark(self, world: CrmWorld):
        world.lead()
        _, bookmark = read_all(world.connector, Stream.LEADS)
        lead = world.lead()

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert lead in {one.id for one in seen if isinstance(one, RecordSeen)}

    def test_a_poll_without_changes_hands_out_nothing_again(self, world: CrmWorld):
        world.lead()
        _, bookmark = read_all(world.connector, Stream.LEADS)

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert seen == []

    def test_a_page_that_was_not_stored_is_handed_out_again(self, world: CrmWorld):
        _, bookmark = read_all(world.connector, Stream.LEADS)
        lead = world.lead()
        read_all(world.connector, Stream.LEADS, bookmark)

        again, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert lead in {one.id for one in again if isinstance(one, RecordSeen)}

    def test_a_human_s_owner_change_is_read(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        _, bookmark = read_all(world.connector, Stream.LEADS)
        world.human_gives(lead, rep)

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert [one.owner for one in seen if one.id == lead][-1] == rep

    def test_a_deleted_lead_is_read_as_deleted(self, world: CrmWorld):
        lead = world.lead()
        _, bookmark = read_all(world.connector, Stream.LEADS)
        world.delete(lead)

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert [one.deleted for one in seen if one.id == lead][-1]

    def test_a_merged_lead_names_the_one_that_survived(self, world: CrmWorld):
        loser, winner = world.lead(), world.lead()
        _, bookmark = read_all(world.connector, Stream.LEADS)
        world.merge(loser, winner)

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert [one.merged_into for one in seen if one.id == loser][-1] == winner

    def test_a_user_who_left_is_read_as_inactive(self, world: CrmWorld):
        rep = world.rep()
        _, bookmark = read_all(world.connector, Stream.PEOPLE)
        world.deactivate(rep)

        seen, _ = read_all(world.connector, Stream.PEOPLE, bookmark)

        users = [one for one in seen if isinstance(one, UserSeen) and one.id == rep]
        assert [user.active for user in users] == [False]

    def test_an_owner_is_written_once(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()

        result = gave(world, lead, rep)

        assert (result.applied, result.owner) == (Applied.CONFIRMED, rep)
        assert world.owner(lead) == rep
        assert world.writes() == 1

    def test_a_write_s_answer_is_older_than_what_a_human_does_after_it(self, world: CrmWorld):
        lead, rep, other = world.lead(), world.rep(), world.rep()
        answered = gave(world, lead, rep)
        ours = world.connector.owners_of([lead], object=world.object)[lead]
        world.human_gives(lead, other)

        taken = world.connector.owners_of([lead], object=world.object)[lead]

        assert answered.version_at is not None
        assert ours.modified_at is not None
        assert taken.modified_at is not None
        assert answered.version_at <= ours.modified_at
        assert (answered.version_at, answered.at) < (taken.modified_at, taken.read_at)

    def test_a_conflict_bears_the_version_of_whom_it_found(self, world: CrmWorld):
        lead, rep, other = world.lead(), world.rep(), world.rep()
        world.human_gives(lead, other)
        there = world.connector.owners_of([lead], object=world.object)[lead]

        result = gave(world, lead, rep)

        assert (result.owner, result.version_at) == (other, there.modified_at)

    def test_an_effect_sent_twice_lands_once(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        gave(world, lead, rep)

        again = gave(world, lead, rep)

        assert (again.applied, again.by_us) == (Applied.ALREADY, True)
        assert world.writes() == 1

    def test_a_human_who_gives_it_to_the_very_rep_we_meant_did_it_and_not_we(self, world: CrmWorld):
        ours, theirs, rep = world.lead(), world.lead(), world.rep()
        gave(world, ours, rep)
        world.human_gives(theirs, rep)

        result = gave(world, theirs, rep)

        assert (result.applied, result.by_us) == (Applied.ALREADY, False)
        assert world.writes() == 1

    def test_results_come_in_the_order_of_the_effects(self, world: CrmWorld):
        leads, rep = [world.lead() for _ in range(30)], world.rep()
        effects = [effect_for(world, lead, rep) for lead in reversed(leads)]

        results = world.connector.apply(effects)

        assert [result.effect for result in results] == [effect.id for effect in effects]
        assert {result.applied for result in results} == {Applied.CONFIRMED}
        assert world.writes() == 30

    def test_no_effects_give_no_results(self, world: CrmWorld):
        assert world.connector.apply([]) == []

    def test_a_human_s_owner_is_never_overwritten(self, world: CrmWorld):
        lead, rep, human = world.lead(), world.rep(), world.rep()
        world.human_gives(lead, human)

        result = gave(world, lead, rep)

        assert (result.applied, result.owner) == (Applied.CONFLICT, human)
        assert world.owner(lead) == human
        assert world.writes() == 0

    def test_a_human_who_is_faster_than_our_write_keeps_the_lead(self, world: CrmWorld):
        lead, rep, human = world.lead(), world.rep(), world.rep()
        world.human_gives_between_read_and_write(lead, human)

        result = gave(world, lead, rep)

        assert (result.applied, result.owner) == (Applied.CONFLICT, human)
        assert world.owner(lead) == human

    def test_a_field_is_written_without_touching_the_owner(self, world: CrmWorld):
        lead = world.lead()
        effect = replace(effect_for(world, lead, "Germany"), kind=EffectKind.FIELD)
        effect = replace(effect, field=world.text_field)

        results = [world.connector.apply([replace(effect, expected=None)])[0] for _ in range(2)]

        assert [r.applied for r in results] == [Applied.CONFIRMED, Applied.ALREADY]
        assert world.owner(lead) == world.unrouted
        assert world.writes() == 0

    def test_a_kind_of_effect_that_is_not_known_is_refused(self, world: CrmWorld):
        effect = replace(effect_for(world, world.lead(), None), kind=EffectKind.NOTIFY)

        assert world.connector.apply([effect])[0].applied is Applied.REFUSED_RECORD

    def test_a_conflict_does_not_stop_the_others(self, world: CrmWorld):
        taken, free, rep = world.lead(), world.lead(), world.rep()
        world.human_gives(taken, world.rep())
        effects = [effect_for(world, taken, rep), effect_for(world, free, rep)]

        results = world.connector.apply(effects)

        assert [r.applied for r in results] == [Applied.CONFLICT, Applied.CONFIRMED]

    def test_an_inactive_rep_is_refused_as_a_rep(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        world.deactivate(rep)

        result = gave(world, lead, rep)

        assert result.applied is Applied.REFUSED_REP
        assert world.owner(lead) == world.unrouted

    def test_a_deleted_lead_is_gone(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        world.delete(lead)

        assert gave(world, lead, rep).applied is Applied.GONE

    def test_a_converted_lead_is_gone(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        world.convert(lead)

        assert gave(world, lead, rep).applied is Applied.GONE
        assert world.writes() == 0

    def test_a_merged_lead_is_gone_and_says_where(self, world: CrmWorld):
        first, second, third, rep = world.lead(), world.lead(), world.lead(), world.rep()
        world.merge(first, second)
        world.merge(second, third)

        result = gave(world, first, rep)

        assert (result.applied, result.merged_into) == (Applied.GONE, third)

    def test_a_write_whose_answer_was_lost_is_not_written_twice(self, world: CrmWorld):
        lead, rep = world.lead(), world.rep()
        world.lose_the_answer()

        results = [gave(world, lead, rep), gave(world, lead, rep)]

        assert [r.applied for r in results] == [Applied.CONFIRMED, Applied.ALREADY]
        assert world.writes() == 1

    def test_an_absent_crm_asks_to_wait_and_keeps_the_bookmark_good(self, world: CrmWorld):
        _, bookmark = read_all(world.connector, Stream.LEADS)
        lead = world.lead()
        world.go_away()
        with pytest.raises(TryLater):
            world.connector.changes(bookmark)
        world.come_back()

        seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

        assert lead in {one.id for one in seen}

    def test_a_refused_key_needs_an_operator(self, world: CrmWorld):
        world.lock_out()

        with pytest.raises(NeedsOperator):
            world.connector.changes(Bookmark(Stream.LEADS))

    def test_owners_are_told_for_what_is_there_and_what_is_gone(self, world: CrmWorld):
        held, deleted, rep = world.lead(), world.lead(), world.rep()
        world.human_gives(held, rep)
        world.delete(deleted)

        owners = world.connector.owners_of([held, deleted], object=world.object)

        assert (owners[held].owner, owners[held].deleted) == (rep, False)
        assert owners[held].modified_at is not None
        assert owners[deleted].deleted

    def test_our_own_write_is_recognised(self, world: CrmWorld):
        ours, theirs, rep = world.lead(), world.lead(), world.rep()
        gave(world, ours, rep)
        world.human_gives(theirs, rep)

        owners = world.connector.owners_of([ours, theirs], object=world.object)

        assert (owners[ours].by_us, owners[theirs].by_us) == (True, False)

    def test_a_sweep_names_every_lead_created_since(self, world: CrmWorld):
        leads = {world.lead() for _ in range(5)}
        seen, _ = read_all(world.connector, Stream.LEADS)
        first_at = min(one.created_at for one in seen if one.id in leads)

        swept = [one for page in world.connector.sweep(first_at) for one in page]

        assert leads <= {one.id for one in swept}
        assert {one.object for one in swept} == {world.object}
        late = world.connector.sweep(max(o.created_at for o in swept) + timedelta(seconds=1))
        assert [one for page in late for one in page] == []

    def test_older_leads_that_are_with_nobody_are_counted(self, world: CrmWorld):
        leads, rep = [world.lead() for _ in range(4)], world.rep()
        world.human_gives(leads[0], rep)
        world.convert(leads[1])
        seen, _ = read_all(world.connector, Stream.LEADS)
        born = [one.created_at for one in seen if one.id in leads]
        nobody = [] if world.unrouted is None else [world.unrouted]
        count, late = world.connector.unowned_before, max(born) + timedelta(seconds=1)
        before = count(min(born), nobody)

        assert count(late, nobody) == before + 2
        assert count(late, [*nobody, rep]) == before + 3

    def test_a_check_says_what_would_be_written_and_writes_nothing(self, world: CrmWorld):
        check = world.connector.check()

        assert check.can_read
        assert check.can_write
        assert any(written.endswith(f".{world.field}") for written in check.would_write)
        assert world.writes() == 0

    def test_the_budget_is_counted(self, world: CrmWorld):
        before = world.connector.budget().own
        read_all(world.connector, Stream.LEADS)

        budget = world.connector.budget()

        assert budget.own > before
        assert budget.left is not None

    def test_an_effect_for_an_unknown_record_is_gone(self, world: CrmWorld):
        known = world.lead()
        unknown = replace(effect_for(world, known, world.rep()), record=_other(known))

        assert world.connector.apply([unknown])[0].applied is Applied.GONE


def _other(record: str) -> str:
    """A well-formed id like this one that belongs to nothing."""
    return record[:3] + "9" * 12


__all__ = ["CrmContract", "CrmWorld", "effect_for", "gave", "read_all"]
