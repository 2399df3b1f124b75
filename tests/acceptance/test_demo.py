"""The demo as a user runs it: two CRMs, the daemon, a past to learn from, and the check."""

import json
import subprocess
import sys

ENDS = ("confirmed", "conflicts", "not_routed", "waiting", "dead")
WRONG = ("lost", "doubled", "overwritten")


def test_the_demo_ends_well_and_its_figures_add_up(tmp_path):
    words = ["demo", "--once", "--json", "--leads", "50", "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "daemon.cli", *words],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    told = json.loads(done.stdout.splitlines()[-1])

    assert (done.returncode, told["leads"]) == (0, 50)
    assert told["leads"] == sum(told[end] for end in ENDS)
    assert [told[wrong] for wrong in WRONG] == [0, 0, 0]
    assert told["pairs"] == {"synced": 15, "unsynced": 2, "two_owners": 0}
    assert told["ranking"]["verdict"] == "promote"
    assert told["ranking"]["control_refused"]
    assert told["ranking"]["ranked"] > 0
