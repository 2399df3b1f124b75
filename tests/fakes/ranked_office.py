"""An office whose rulebook asks for the model, and what its operators do with versions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.journal.entries import Act, Actor
from models.rankers.versions import NewModel, Verdict
from routing.canonical import parse
from tests.fakes.office import BOOK, Office
from tests.fakes.trained import trained

MONA = Actor("mona")
ROUTE = "inbound"
RANKED_BOOK: Mapping[str, Any] = {
    **BOOK,
    "rules": [
        {"name": "us", "when": {"country": {"is": "US"}}, "pool": "us", "choose": "model"},
        {"name": "dach", "when": {"country": {"is": "DE"}}, "pool": "dach"},
    ],
}
NO_CHANCE = {"exploration": 0, "holdout": 0}


class RankedOffice(Office):
    """Nothing is left to chance unless a test says so."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        ranker: Mapping[str, Any] = NO_CHANCE,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            folder,
            url,
            book=RANKED_BOOK,
            connection={"poll": {"outcomes_s": 1}},
            told={"ranker": dict(ranker), **(more or {})},
        )

    @property
    def act(self) -> Act:
        """Something that an operator does now."""
        return Act(self.clock.now(), self.app.lease.token or 0, MONA)

    def model(self, *, better: str = "ada", **changed: Any) -> NewModel:
        """A version that prefers one of the two reps in the US."""
        ids = sorted(self.app.team.ids[name] for name in ("ada", "bob"))
        place = ids.index(self.app.team.ids[better])
        return trained(ids, at=self.clock.now(), better=place, **changed)

    def put_in_force(self, *, better: str = "ada", **changed: Any) -> str:
        """Keep and promote a version; its number."""
        new = self.model(better=better, verdict=Verdict.PROMOTE, **changed)
        return self.app.ledger.rankers.keep(ROUTE, new, act=self.act, promote=True)

    def routed(self, **fields: Any) -> dict[str, Any]:
        """A new lead from the US, decided: the record of its last decision."""
        record = self.crm.add_lead(stage="new", **{"Country": "US", **fields})
        self.round(2)
        story = self.app.ledger.reading.story(self.lead(record))
        assert story is not None
        said: Any = parse(story.decisions[-1]["record"])
        return dict(said)

    def rep(self, name: str) -> str:
        """A person's internal id."""
        return self.app.team.ids[name]

    def entries(self) -> list[str]:
        """Kinds of the journal's entries about models, in order."""
        query = "SELECT kind FROM journal ORDER BY seq"
        with self.app.ledger.store.read() as database:
            kinds = [row[0] for row in database.exec_driver_sql(query)]
        return [kind for kind in kinds if kind.startswith("model_")]
