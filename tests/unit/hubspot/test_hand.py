"""Who wrote an owner, as HubSpot's history names them."""

import pytest

from connectors.hubspot.owners import Entry, OurHand


def entry(source: str, source_id: str = "8123") -> Entry:
    return Entry(value="77", at=None, source=source, source_id=source_id)


@pytest.mark.parametrize(
    ("source", "source_id", "may_be_ours"),
    [
        ("INTEGRATION", "8123", True),
        ("API", "8123", True),
        ("INTEGRATION", "SALESFORCE", False),
        ("SALESFORCE", "1", False),
        ("IMPORT", "8123", False),
        ("AUTOMATION_PLATFORM", "8123", False),
        ("CRM_UI", "userId:1", False),
    ],
)
def test_before_we_know_our_name_an_apps_entry_may_be_ours(source, source_id, may_be_ours):
    assert OurHand().may_have_written(entry(source, source_id)) == may_be_ours


def test_once_we_know_our_name_only_that_is_ours():
    hand = OurHand()
    hand.learn(entry("INTEGRATION", "42"))

    assert hand.may_have_written(entry("INTEGRATION", "42"))
    assert not hand.may_have_written(entry("INTEGRATION", "43"))


def test_our_name_is_not_learned_from_a_person():
    hand = OurHand()
    hand.learn(entry("IMPORT"))

    assert hand.known is None
