"""The factors behind one probability, for a rep who asks."""

from routing.facts import Fact, Lead
from routing.ranker import FactorKind, explain_scores
from tests.fakes.small_ranker import small_tables

US = Lead("L1", {"country": Fact("US"), "employees": Fact(500)})


def kinds(lead, rep):
    return [(each.kind.value, each.field, each.level) for each in explained(lead, rep)]


def explained(lead, rep):
    return explain_scores(small_tables(), lead, rep)


def test_the_factors_come_largest_first_and_then_what_was_not_seen():
    assert kinds(US, "ada") == [
        ("whole_rep", "rep", ""),
        ("lead", "country", "US"),
        ("rep", "rep", ""),
        ("lead", "employees", "200 or more"),
        ("missing_field", "products", ""),
    ]


def test_a_factor_has_the_direction_of_its_effect_and_lies_in_its_interval():
    country = next(each for each in explained(US, "ada") if each.field == "country")

    assert country.low_ppm < country.effect_ppm < country.high_ppm < 0


def test_a_rep_whom_training_did_not_know_has_no_effect_and_much_doubt():
    whole, *_, last = explained(US, "new")

    assert (whole.effect_ppm, last.kind, last.level) == (0, FactorKind.NEW_REP, "new")
    assert whole.low_ppm < -30_000
    assert whole.high_ppm > 30_000


def test_a_value_that_training_did_not_know_is_told():
    told = kinds(Lead("L1", {"country": Fact("FR"), "products": Fact(("crm",))}), "ada")

    assert told[-3:] == [
        ("unseen_value", "country", "FR"),
        ("missing_field", "employees", ""),
        ("unseen_value", "products", "crm"),
    ]
