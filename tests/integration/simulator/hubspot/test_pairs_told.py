"""Who is in both CRMs is told to whoever checks them from outside."""

from connectors.simulator.crms import SimulatedCrms
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.remote import SimulatorRemote

OPTIONS = SimulatorOptions(people=5, accounts=3, leads=12, synced_pairs=4, unsynced_pairs=3)


def test_the_pairs_of_the_beginning_are_told_by_both_crms():
    with SimulatedCrms(OPTIONS) as (salesforce, hubspot):
        told = [SimulatorRemote(each.base_url).pairs() for each in (salesforce, hubspot)]

    assert told[0] == told[1]
    assert [len(told[0][kind]) for kind in ("synced", "unsynced")] == [4, 3]
