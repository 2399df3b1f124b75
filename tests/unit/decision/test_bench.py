"""What a bench that remembers and one that is read from a record say of an open lead's owner."""

from collections.abc import Sequence
from datetime import timedelta

from routing.candidates import Answers, Consulted, Recorded
from routing.facts import Candidate, Lead
from routing.rulebook.model import Target, TargetKind

LEAD = Lead("L1")
EVER = Target(TargetKind.OWNER_OF, "open_lead_same_domain")
LATELY = Target(TargetKind.OWNER_OF, "open_lead_same_domain", timedelta(hours=1))


class Company:
    """Ada holds a lead of the same company that was touched long ago."""

    def members(self, pool: str) -> Sequence[Candidate]:
        return ()

    def rep(self, rep_id: str) -> Candidate | None:
        return None

    def named(self, name: str) -> str | None:
        return None

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        return "ada" if target.touched_within is None else None


def test_targets_that_differ_in_their_time_have_answers_of_their_own():
    candidates = Consulted(Company())

    assert (candidates.owner_of(LEAD, LATELY), candidates.owner_of(LEAD, EVER)) == (None, "ada")


def test_a_record_gives_each_target_the_answer_it_had():
    candidates = Consulted(Company())
    said = [candidates.owner_of(LEAD, target) for target in (LATELY, EVER)]
    recorded = Recorded(candidates.answers())

    assert [recorded.owner_of(LEAD, target) for target in (LATELY, EVER)] == said


def test_a_record_with_one_answer_for_every_time_gives_that_one():
    recorded = Recorded(Answers(owners=(("open_lead_same_domain", "bob"),)))

    assert recorded.owner_of(LEAD, LATELY) == "bob"
