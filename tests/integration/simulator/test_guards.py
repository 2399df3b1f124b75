"""Writes that must not overwrite: If-Unmodified-Since, in rows and in composites."""

from tests.integration.simulator.wire import DATA, Wire


def test_a_guarded_write_of_an_untouched_lead_goes_through(wire: Wire):
    lead = wire.lead()
    wire.pass_time(10)

    assert wire.give(lead, wire.rep(), **wire.guard(lead)).status_code == 204


def test_a_guarded_write_after_a_human_edit_is_refused_with_an_empty_412(wire: Wire):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.pass_time(10)
    wire.simulator.acts.change_owner(lead, wire.rep(1))

    answer = wire.give(lead, wire.rep(), **guard)

    assert (answer.status_code, answer.content) == (412, b"")
    assert wire.owner(lead) == wire.rep(1)


def test_an_edit_in_the_same_second_passes_the_guard(wire: Wire):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.simulator.clock.advance(0.4)
    wire.simulator.acts.change_owner(lead, wire.rep(1))

    answer = wire.give(lead, wire.rep(), **guard)

    assert (answer.status_code, wire.owner(lead)) == (204, wire.rep())


def test_each_part_of_a_composite_has_its_own_guard(wire: Wire):
    first, second = wire.lead(), wire.lead()
    guards = [wire.guard(first), wire.guard(second)]
    wire.pass_time(10)
    wire.simulator.acts.change_owner(second, wire.rep(1))
    parts = [
        {
            "method": "PATCH",
            "url": f"{DATA}/sobjects/Lead/{lead}",
            "referenceId": f"r{at}",
            "httpHeaders": guard,
            "body": {"OwnerId": wire.rep()},
        }
        for at, (lead, guard) in enumerate(zip((first, second), guards, strict=True))
    ]

    answer = wire.post("/composite", {"compositeRequest": parts})

    assert answer.json() == {
        "compositeResponse": [
            {"body": None, "httpHeaders": {}, "httpStatusCode": 204, "referenceId": "r0"},
            {"body": None, "httpHeaders": {}, "httpStatusCode": 412, "referenceId": "r1"},
        ]
    }


def test_the_assignment_rule_takes_over_unless_the_header_forbids_it(wire: Wire):
    obeyed, replaced = wire.lead(), wire.lead()
    wire.simulator.org.rules.assign_leads_to = wire.rep(3)

    kept = wire.give(obeyed, wire.rep())
    lost = wire.patch(f"/sobjects/Lead/{replaced}", {"OwnerId": wire.rep()})

    assert (kept.status_code, wire.owner(obeyed)) == (204, wire.rep())
    assert (lost.status_code, wire.owner(replaced)) == (204, wire.rep(3))


def test_the_header_counts_within_a_part_too(wire: Wire):
    lead = wire.lead()
    wire.simulator.org.rules.assign_leads_to = wire.rep(3)

    wire.give_all([(lead, wire.rep())])

    assert wire.owner(lead) == wire.rep()


def test_the_journal_tells_the_rule_from_the_client(wire: Wire):
    lead = wire.lead()
    wire.simulator.org.rules.assign_leads_to = wire.rep(3)
    seen = len(wire.simulator.truth())

    wire.patch(f"/sobjects/Lead/{lead}", {"OwnerId": wire.rep()})

    entries = wire.simulator.truth(seen)
    assert [(one["before"], one["after"], one["rule"]) for one in entries] == [
        (wire.queue(), wire.rep(), False),
        (wire.rep(), wire.rep(3), True),
    ]
    assert {one["client"] for one in entries} == {wire.address.client_id}
