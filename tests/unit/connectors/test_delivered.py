"""What was stored is not handed out again; what may not have been stored is."""

from connectors.delivered import Delivered, version_of

ROW = {"Id": "00Q5g00000AbCdEEAV", "City": "Bonn"}
ONE = version_of("Lead", "00Q1", ROW, stamp="2026-01-05T09:00:00Z")
EDITED = version_of("Lead", "00Q1", {**ROW, "City": "Kiel"}, stamp="2026-01-05T09:00:00Z")


def handed_out(*versions):
    memory = Delivered()
    memory.came_back({})
    memory.hand_out(versions, {"n": 1})
    return memory


def test_a_page_whose_bookmark_came_back_was_stored():
    memory = handed_out(ONE)
    memory.came_back({"n": 1})

    assert not memory.is_new(ONE)


def test_a_page_whose_bookmark_did_not_come_back_was_not():
    memory = handed_out(ONE)
    memory.came_back({})

    assert memory.is_new(ONE)


def test_another_bookmark_forgets_what_was_stored_before():
    memory = handed_out(ONE)
    memory.came_back({"n": 1})
    memory.came_back({"n": 0})

    assert memory.is_new(ONE)


def test_a_call_that_failed_in_between_forgets_nothing():
    memory = handed_out(ONE)
    memory.came_back({"n": 1})
    memory.came_back({"n": 1})

    assert not memory.is_new(ONE)


def test_a_second_edit_within_the_second_is_new():
    memory = handed_out(ONE)
    memory.came_back({"n": 1})

    assert memory.is_new(EDITED)


def test_what_lies_below_the_watermark_is_forgotten():
    memory = handed_out(ONE)
    memory.came_back({"n": 1})
    memory.forget_before("2026-01-05T09:00:01Z")

    assert memory.is_new(ONE)
