"""Where the corpus's decisions come from; nobody in them is real.

Every scenario of the acceptance tests, random plans, and offices that work through a day with a
ledger and a CRM, or two.
"""

import base64
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from daemon.offline.simulation.world import Start, World
from daemon.world.staff.calendars import PLACES
from models.journal.entries import Actor
from routing.canonical import canonical
from routing.facts import Applied, Candidate, Lead
from routing.ranking import Scores
from routing.reading import MapNode, Mistakes, ScalarNode, as_text, compose
from routing.scenario.read import read_scenario
from tests.corpus.stored import Named
from tests.fakes.duo import Duo
from tests.fakes.office import BOOK, PEOPLE, Office
from tests.fakes.ranked_office import RankedOffice
from tests.property.plans import plan, story

SCENARIOS = Path(__file__).parents[1] / "acceptance" / "scenarios"
SEEDS = range(24)
KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}
DE: Mapping[str, Any] = {"stage": "new", "Country": "DE"}

Found = Iterator[tuple[str, bytes]]  #: where a record comes from, and the record


def all_records(named: Named) -> Found:
    """Every decision of every world; what they name is added to `named`."""
    for path in sorted(SCENARIOS.glob("*.yaml")):
        yield from _of_scenario(path, named)
    for seed in SEEDS:
        yield from _of_plan(seed, named)
    for name, opened, work in OFFICES:
        with tempfile.TemporaryDirectory() as folder:
            office = opened(Path(folder))
            with closing(office.app):
                work(office)
                yield from _of_office(name, office, named)


def _of_scenario(path: Path, named: Named) -> Found:
    text = path.read_text(encoding="utf-8")
    read = read_scenario(
        text,
        name=path.name,
        read_file=lambda name: (path.parent / name).read_text(encoding="utf-8"),
        places=PLACES,
    )
    assert read.scenario is not None, read.mistakes
    told = read.scenario
    root = compose(text, file=path.name, mistakes=Mistakes())
    assert isinstance(root, MapNode)
    book = root.get("rulebook")
    assert book is not None
    source = as_text(book)
    if isinstance(book, ScalarNode):
        source = (path.parent / book.text).read_text(encoding="utf-8")
    named.books[told.book.hash] = {"text": source, "mapped": []}
    world = World(Start(told.book, told.roster, told.accounts))
    for made in world.play(told.events()):
        yield f"scenario {path.stem}", made.record()


def _of_plan(seed: int, named: Named) -> Found:
    said = plan(seed)
    told = story(said)
    book = {name: part for name, part in said["rulebook"].items() if part is not None}
    named.books[told.book.hash] = {"text": canonical(book).decode(), "mapped": []}
    world = World(Start(told.book, told.roster, told.accounts))
    for made in world.play(told.events()):
        yield f"plan {seed}", made.record()


def _of_office(name: str, office: Office, named: Named) -> Found:
    mapped = [[each.fact, each.object, each.field] for each in office.settings().mapped()]
    for row in rows(office, "SELECT hash, source FROM rulebook_versions"):
        named.books[row[0]] = {"text": bytes(row[1]).decode(), "mapped": mapped}
    for row in rows(office, "SELECT version, artifact, document, tables FROM model_versions"):
        document, tables = (base64.b64encode(bytes(body)).decode() for body in row[2:])
        named.models[f"{row[0]}/sha256:{row[1]}"] = {"document": document, "tables": tables}
    for row in rows(office, "SELECT sha256, body FROM contents WHERE kind = 'salt'"):
        named.salts[row[0]] = bytes(row[1]).hex()
    for row in rows(office, "SELECT commitment, body, salt FROM personal"):
        named.personal[row[0]] = {"body": bytes(row[1]).decode(), "salt": bytes(row[2]).hex()}
    for row in rows(office, "SELECT record FROM decisions ORDER BY mode, sequence, decided_at, id"):
        yield name, bytes(row[0])


def rows(office: Office, query: str) -> Sequence[Any]:
    """What a query finds in an office's ledger."""
    with office.app.ledger.store.read() as database:
        return database.exec_driver_sql(query).all()


def ask(office: Office, kind: str, **arguments: object) -> None:
    """An operator asks for something, and the daemon comes round."""
    ledger = office.app.ledger
    ledger.requests.ask(kind, arguments, actor=Actor("mona"), at=office.clock.now())
    office.round(2)


def an_office_day(office: Office) -> None:
    """Away and recalled, taken by hand, refused, moved by a human, hostile text."""
    office.crm.add_user("u-cleo", email="cleo@acme.test", unreadable=("hours",))
    office.round()
    office.crm.add_account("001A", "Globex", domains=("globex.test",), owner="u-cleo")
    office.round()
    for n in range(4):
        office.crm.add_lead(**US, Note=f"=call\u202e{n}", email=f"kim{n}@acme{n}.test")
    linked = office.crm.add_lead(**US, account="001A")
    office.crm.add_lead(**DE, email=KIM, company="Globex", Products__c="api;Kim's own")
    office.crm.add_lead(**DE, email="kim@nowhere.test")
    office.crm.add_lead(**{**US, "Country": "JP"})
    office.round(3)
    for person in ("ada", "bob", "cleo"):
        ask(office, "away", rep=person)
    office.crm.add_lead(**US)
    office.crm.add_lead(**DE, email=KIM)
    office.round(3)
    for person in ("ada", "bob", "cleo"):
        ask(office, "back", rep=person)
    office.round(2)
    ask(office, "reassign", lead=linked, to="bob")
    free = office.crm.add_lead(**US)
    office.round(2)
    office.crm.human_sets_owner(free, None)
    office.round(2)
    refused = office.crm.add_lead(**US)
    office.crm.refuse("u-ada", Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    office.crm.refuse("u-bob", Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    office.round(8)
    office.crm.edit(refused, by="u-web", Note="call back")
    office.round(4)


def a_day_of_refusals(office: Office) -> None:
    """Nobody of a large team may own anything: after three, the fallback."""
    office.round()
    for name in MANY:
        office.crm.refuse(f"u-{name}", Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    office.crm.add_lead(**US)
    office.round(30)


class Breaks:
    """A ranker with a fault."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores:
        raise ZeroDivisionError


def a_ranked_day(office: Office) -> None:
    """No model, a model, prices, a tie, chance, a fault of ours."""
    assert isinstance(office, RankedOffice)
    office.round()
    office.routed(Note="before the first model")
    office.put_in_force()
    office.round()
    for n in range(24):
        office.routed(Note=f"lead {n}")
    prices = sorted([office.rep("ada"), 900_000] for _ in range(1))
    office.put_in_force(prices_ppm=prices, tie_milli=1)
    office.round()
    for n in range(8):
        office.routed(Note=f"priced {n}")
    office.put_in_force(better="bob", tie_milli=10_000_000)
    office.round()
    for n in range(8):
        office.routed(Note=f"tied {n}")
    office.app.world.live.ranker = Breaks()
    office.routed(Note="our fault")


def a_day_in_two_crms(office: Office) -> None:
    """One person in both: waited for, given, taken by a human, handed over."""
    assert isinstance(office, Duo)
    office.round()
    office.add_contact(email="late@initech.test", **US)
    office.round(2)
    lead = office.crm.add_lead(email=KIM, **US)
    contact = office.add_contact(email=KIM, **US)
    office.round(5)
    office.crm.human_sets_owner(lead, "u-cleo")
    office.round(5)
    office.crm.human_sets_owner(lead, "u-ada")
    office.round(5)
    ask(office, "reassign", lead=lead, to="bob")
    office.there.human_sets_owner(contact, "h-bob")
    office.round(20)


MANY = ("ada", "bob", "dora", "eve", "finn", "gus", "hana", "ivo")
_CREW = tuple({"id": name, "email": f"{name}@acme.test", "teams": ["us"]} for name in MANY)
_BACKED = tuple({**person, "backup": "ada"} for person in PEOPLE[1:])
_CHANCE = {"exploration": 0.25, "holdout": 0.25}


SEALED_FACTS = {
    "country": "sf.lead.Country",
    "note": "sf.lead.Note",
    "product": "sf.lead.Products__c",
}
_URGENT = {"name": "urgent", "when": {"note": {"starts_with": "=call"}}, "pool": "us"}
#: A book that looks at free text and at a choice that may say what nobody declared.
SEALING = {
    **BOOK,
    "fields": {
        **BOOK["fields"],
        "product": {"type": "set", "values": ["api"], "open": True},
    },
    "entry": {"stages": ["new"]},
    "rules": [
        _URGENT,
        {"name": "api", "when": {"product": {"any_of": ["api"]}}, "pool": "dach"},
        *BOOK["rules"],
    ],
}


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


#: What it is called, how it is opened, and what happens in it.
OFFICES: Sequence[tuple[str, Callable[[Path], Office], Callable[[Office], None]]] = (
    (
        "office",
        lambda folder: Office(
            folder,
            _url(folder),
            book=SEALING,
            people=(*PEOPLE[:1], *_BACKED),
            connection={"facts": SEALED_FACTS},
        ),
        an_office_day,
    ),
    (
        "office shadow",
        lambda folder: Office(folder, _url(folder), connection={"mode": "shadow"}),
        an_office_day,
    ),
    ("refusals", lambda folder: Office(folder, _url(folder), people=_CREW), a_day_of_refusals),
    ("ranked", lambda folder: RankedOffice(folder, _url(folder), ranker=_CHANCE), a_ranked_day),
    ("two CRMs", lambda folder: Duo(folder, _url(folder)), a_day_in_two_crms),
    (
        "two CRMs and a sync",
        lambda folder: Duo(folder, _url(folder), pairs={"synced": True, "wait_s": 30}),
        a_day_in_two_crms,
    ),
)
