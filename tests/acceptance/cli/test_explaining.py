"""`signalbox explain` on a ledger in which everything has happened that can happen to a lead."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from models.journal.entries import Actor, Channel
from tests.acceptance.cli.process import Ended, signalbox
from tests.fakes.clock import NOON
from tests.fakes.office import BOOK, PEOPLE, Office

MONA = Actor("mona", None, Channel.CLI)
ENTRY = {"entry": {"wait_for": {"fields": ["country"], "at_most": "1h"}}}
DORA = {"id": "dora", "name": "Dora Day", "email": "dora@acme.test", "teams": ["none"]}
CONTACTS = {"objects": {name: {"owner": "OwnerId"} for name in ("sf.lead", "sf.contact")}}


@dataclass
class Past:
    """Leads by what happened to them, as CRM ids; the daemon is gone."""

    office: Office
    leads: dict[str, str] = field(default_factory=dict)

    def explain(self, what: str, *more: str) -> Ended:
        """Explain a lead, from another process."""
        return signalbox("explain", self.leads.get(what, what), *more, cwd=self.office.folder)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    office = Office(
        folder,
        f"sqlite:///{folder / 'ledger.db'}",
        book={**BOOK, **ENTRY},
        people=(*PEOPLE, DORA),
        connection=CONTACTS,
    )
    office.round()
    past = Past(office)
    _happen(past, office)
    office.app.close()
    return past


def _happen(past: Past, office: Office) -> None:
    crm, leads = office.crm, past.leads
    leads["routed"] = crm.add_lead(stage="new", Country="US")
    leads["waiting"] = crm.add_lead(stage="new")
    leads["unmatched"] = crm.add_lead(stage="new", Country="FR")
    leads["human's"] = crm.add_lead(stage="new", Country="US", owner="u-cleo")
    crm.object = "sf.contact"
    leads["contact"] = crm.add_lead("003000000000001AAA", stage="new")
    crm.object = "sf.lead"
    office.round(3)
    leads["deleted"] = crm.add_lead(stage="new", Country="US")
    office.round(3)
    crm.delete(leads["deleted"])
    crm.before_write(lambda effect: crm.human_sets_owner(effect.record, "u-ada", by="u-ada"))
    leads["conflict"] = crm.add_lead(stage="new", Country="DE")
    office.round(3)
    request = {"rep": "cleo"}
    office.app.ledger.requests.ask("away", request, actor=MONA, at=office.clock.now())
    office.round()
    leads["fallback"] = crm.add_lead(stage="new", Country="DE")
    office.round(3)


def test_a_lead_that_was_routed(past):
    ended = past.explain("routed")

    assert (ended.code, ended.err) == (0, "")
    assert 'by round robin (rule "us", pool "us").' in ended.out
    assert "in the CRM: confirmed" in ended.out


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("waiting", "for country to be filled in."),
        ("unmatched", 'Rule "us" wants country to be "US" (was "FR").'),
        ("unmatched", 'falls back to the queue "triage" (no rule matched).'),
        ("fallback", "cleo was passed over (pto)"),
        ("fallback", "recalled as soon as somebody can take it"),
        ("conflict", "in the CRM: conflict"),
        ("conflict", "The owner was seen to be ada, which was not our doing."),
        ("human's", "its route did not take it, held by cleo"),
        ("deleted", "It is closed: its record was deleted or merged in the CRM."),
        ("contact", "(sf sf.contact 003000000000001AAA)"),
    ],
)
def test_each_ending_is_told(past, what, said):
    assert said in past.explain(what).out


def test_a_link_is_as_good_as_an_id(past):
    link = f"https://acme.my.salesforce.com/lightning/r/Lead/{past.leads['routed']}/view"

    assert past.explain(link).out == past.explain("routed").out


def test_a_lead_older_than_the_start_is_said_to_be_left_alone(past, tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", at=NOON - timedelta(days=3))
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    office.app.close()

    ended = signalbox("explain", record, cwd=tmp_path)

    assert "created before the moment from which leads are routed here" in ended.out


@pytest.mark.parametrize(
    ("what", "rep", "code", "helps"),
    [
        ("routed", "cleo", "not_in_pool", 'being a member of pool "us"'),
        ("routed", "cleo", "not_in_pool", 'Rule "dach" wants country to be "DE" (was "US")'),
        ("unmatched", "cleo", "rule_not_matched", 'Rule "dach" wants country to be "DE"'),
        ("unmatched", "Dora Day", "rule_not_matched", "the rulebook has none"),
        ("fallback", "CLEO@acme.test", "pto", "being back from the absence"),
    ],
)
def test_why_not_this_rep_and_what_would_have_changed_it(past, what, rep, code, helps):
    why = json.loads(past.explain(what, "--rep", rep, "--json").out)["rep"]

    assert why["code"] == code
    assert helps in why["would_help"]


def test_a_rep_that_is_misspelt_is_named_with_the_likely_one(past):
    ended = past.explain("routed", "--rep", "cleoo")

    assert (ended.code, ended.err) == (2, 'cleoo is not on the roster. Did you mean "cleo"?\n')


def test_machines_get_everything_but_personal_facts(past):
    said = json.loads(past.explain("fallback", "--json").out)

    (decision,) = said["decisions"]
    assert {"inputs", "result"} <= decision["record"].keys()
    assert {entry["body"]["kind"] for entry in said["journal"]} >= {"decision", "assignment"}
    assert said["recallable"]["queue"] == "triage"
    assert said["effects"][0]["state"] == "confirmed"
    assert "personal" not in said
