"""An office that works in two CRMs at once: `sf`, and `west` with people of the same names."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

from daemon.main import Parts, build
from daemon.running.application import Application
from tests.fakes.crm import FakeConnector, FakeCrm
from tests.fakes.office import PEOPLE, Office

WEST = "west"


class Branches(Office):
    """Both connections are live; reps have a user in each."""

    def __init__(self, folder: Path, url: str, **more: Any) -> None:
        self.west_crm: FakeCrm | None = None
        super().__init__(folder, url, **more)

    def opened(self, *, shadow: bool = False) -> Application:
        """The application over both CRMs."""
        if self.west_crm is None:
            self.west_crm = FakeCrm(self.clock)
            self.west = FakeConnector(self.west_crm, name=WEST, quarantine=timedelta(seconds=2))
            for person in PEOPLE:
                self.west_crm.add_user(f"u-{person['id']}", email=person["email"])
            self.west_crm.add_queue("q-triage", "triage")
        connect = {"sf": self.connector, WEST: self.west}
        parts = Parts(self.clock, self.ids, self.told, connect)
        return build(self.settings(), parts, shadow=shadow)

    def connections(self) -> dict[str, Any]:
        """Both connections as the settings file has them."""
        (one,) = super().connections().values()
        return {"sf": one, WEST: deepcopy(one)}
