"""The checker must fail where it should: each planted fault is found and named."""

from typing import Any

from daemon.offline.demo.truth import LedgerRow, Truth, check_truth


def entry(what: str, id: str, before: Any, after: Any, client: str = "world") -> dict[str, Any]:
    return {
        "what": what,
        "sobject": "User" if what == "active_changed" else "Lead",
        "id": id,
        "before": before,
        "after": after,
        "client": client,
        "rule": False,
    }


def verdict(*journal: dict[str, Any], ledger: tuple[LedgerRow, ...] = ()) -> Truth:
    return check_truth(journal, ledger, ours=["signalbox"], people=["ada", "bob", "hal"])


BORN = entry("created", "L1", None, "triage")
GIVEN = entry("owner_changed", "L1", "triage", "ada", "signalbox")
ROW = LedgerRow("L1", "confirmed", "d1", expected="triage", value="ada")


def test_a_lead_that_was_decided_written_and_confirmed_is_in_order():
    assert verdict(BORN, GIVEN, ledger=(ROW,)) == Truth()


def test_a_lead_that_the_ledger_never_heard_of_is_lost():
    found = verdict(BORN)

    assert (found.lost, found.details) == (1, ("L1 lost: the ledger never heard of it",))


def test_a_confirmation_that_the_crm_never_saw_is_a_lost_lead():
    assert verdict(BORN, ledger=(ROW,)).lost == 1


def test_a_lead_whose_assignment_is_not_settled_is_lost():
    row = LedgerRow("L1", "sent", "d1", expected="triage", value="ada")

    assert verdict(BORN, GIVEN, ledger=(row,)).lost == 1


def test_a_deleted_lead_is_nobodys_loss():
    assert verdict(BORN, entry("deleted", "L1", "triage", None)) == Truth()


def test_two_changes_for_one_decision_are_doubled():
    again = entry("owner_changed", "L1", "ada", "bob", "signalbox")

    assert verdict(BORN, GIVEN, again, ledger=(ROW,)).doubled == 1


def test_two_changes_for_two_decisions_are_in_order():
    back = entry("owner_changed", "L1", "ada", "triage", "human")
    again = entry("owner_changed", "L1", "triage", "bob", "signalbox")
    second = LedgerRow("L1", "confirmed", "d2", expected="triage", value="bob")

    assert verdict(BORN, GIVEN, back, again, ledger=(ROW, second)) == Truth()


def test_a_human_who_was_faster_and_lost_the_lead_was_overwritten():
    grabbed = entry("owner_changed", "L1", "triage", "hal", "human")
    ours = entry("owner_changed", "L1", "hal", "ada", "signalbox")

    assert verdict(BORN, grabbed, ours, ledger=(ROW,)).overwritten == 1


def test_taking_a_lead_from_an_active_colleague_is_overwriting_even_if_it_was_decided():
    owned = entry("created", "L1", None, "hal")
    ours = entry("owner_changed", "L1", "hal", "ada", "signalbox")
    row = LedgerRow("L1", "confirmed", "d1", expected="hal", value="ada")

    assert verdict(owned, ours, ledger=(row,)).overwritten == 1


def test_taking_it_from_one_who_left_is_not():
    owned = entry("created", "L1", None, "hal")
    left = entry("active_changed", "hal", before=True, after=False, client="human")
    ours = entry("owner_changed", "L1", "hal", "ada", "signalbox")
    row = LedgerRow("L1", "confirmed", "d1", expected="hal", value="ada")

    assert verdict(owned, left, ours, ledger=(row,)) == Truth()


def test_an_operator_may_move_a_lead_from_a_colleague():
    owned = entry("created", "L1", None, "hal")
    ours = entry("owner_changed", "L1", "hal", "ada", "signalbox")
    row = LedgerRow("L1", "confirmed", "d1", expected="hal", value="ada", agreed=True)

    assert verdict(owned, ours, ledger=(row,)) == Truth()


def test_an_owner_that_the_orgs_own_rules_changed_is_not_our_write():
    rule = {**entry("owner_changed", "L1", "triage", "bob", "signalbox"), "rule": True}
    row = LedgerRow("L1", "not_routed")

    assert verdict(BORN, rule, ledger=(row,)) == Truth()
