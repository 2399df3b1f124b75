"""`signalbox compare`: what shadow would have done, beside what the CRM did."""

import json

import pytest

from tests.acceptance.cli.process import signalbox
from tests.fakes.office import BOOK, Office

TAKES = {"takes_from": {"placeholders": ["sync"], "queues": ["web"]}}


@pytest.fixture(scope="module")
def shadow(tmp_path_factory):
    """An office in shadow, a lead for every way in which the CRM can have gone on."""
    folder = tmp_path_factory.mktemp("shadow")
    url = f"sqlite:///{folder / 'ledger.db'}"
    told = {"mode": "shadow", "placeholders": {"sync": "u-sync"}}
    office = Office(folder, url, book={**BOOK, **TAKES}, connection=told)
    crm = office.crm
    for user in ("u-sync", "u-left"):
        crm.add_user(user)
    for queue in ("web", "legal"):
        crm.add_queue(f"q-{queue}", queue)
    crm.deactivate("u-left")
    office.round()
    owners = {"waits": "q-web", "with sync": "u-sync", "with one who left": "u-left", "free": None}
    leads = {name: crm.add_lead(owner=owner, Country="DE") for name, owner in owners.items()}
    for name, owner in {"ours": "u-cleo", "other": "u-ada", "legal": "q-legal"}.items():
        leads[name] = crm.add_lead(Country="DE")
        office.round()
        crm.human_sets_owner(leads[name], owner)
    office.round(3)
    office.app.close()
    return office, leads


@pytest.fixture
def verdicts(shadow):
    office, leads = shadow
    ended = signalbox("compare", "--all", "--since", "2020-01-01", "--json", cwd=office.folder)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    named = {record: name for name, record in leads.items()}
    return {named[row["record"]]: row for row in rows}


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [
        pytest.param("free", "open", id="nobody owns it"),
        pytest.param("waits", "open", id="in a queue the route takes from"),
        pytest.param("with sync", "open", id="with a placeholder"),
        pytest.param("with one who left", "open", id="with somebody who left"),
        pytest.param("ours", "agrees", id="with whom we would have chosen"),
        pytest.param("other", "differs", id="with another rep"),
        pytest.param("legal", "differs", id="in a queue the route leaves alone"),
    ],
)
def test_a_lead_is_open_while_its_route_would_take_it(verdicts, lead, verdict):
    assert verdicts[lead]["verdict"] == verdict


def test_times_and_the_record_stand_beside_the_verdict(verdicts):
    assert verdicts["other"]["decided_at"].endswith("Z")
    assert verdicts["other"]["since"] > verdicts["other"]["decided_at"]


def test_the_table_shows_what_differs_and_how_to_find_it(shadow):
    office, leads = shadow

    ended = signalbox("compare", "--since", "2020-01-01", cwd=office.folder)

    assert ended.code == 1
    assert leads["other"] in ended.out
    assert leads["waits"] not in ended.out
    assert "7 leads: 1 agree, 2 differ, 4 open." in ended.out
