"""The companies and prospects of the simulated market, endless and the same for each seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from connectors.simulator.people import TEAMS

_HEADS: Final = [
    "Alpine",
    "Amber",
    "Anchor",
    "Arbor",
    "Atlas",
    "Aurora",
    "Basalt",
    "Beacon",
    "Birch",
    "Bright",
    "Cedar",
    "Cinder",
    "Cobalt",
    "Copper",
    "Coral",
    "Crest",
    "Delta",
    "Dune",
    "Ember",
    "Falcon",
    "Fjord",
    "Flint",
    "Garnet",
    "Glacier",
    "Harbor",
    "Hazel",
    "Helio",
    "Indigo",
    "Iris",
    "Jade",
    "Juniper",
    "Lumen",
    "Lyra",
    "Maple",
    "Meadow",
    "Mica",
    "Nimbus",
    "Nova",
    "Onyx",
    "Opal",
    "Orbit",
    "Osprey",
    "Pearl",
    "Pine",
    "Quartz",
    "Raven",
    "Ridge",
    "Saffron",
    "Sierra",
    "Solstice",
]
_TAILS: Final = [
    "Analytics",
    "Biotech",
    "Capital",
    "Clinics",
    "Cloud",
    "Dynamics",
    "Energy",
    "Foods",
    "Freight",
    "Health",
    "Industries",
    "Insurance",
    "Labs",
    "Learning",
    "Logistics",
    "Materials",
    "Media",
    "Medical",
    "Networks",
    "Optics",
    "Partners",
    "Payments",
    "Pharma",
    "Robotics",
    "Security",
    "Services",
    "Software",
    "Studios",
    "Supply",
    "Systems",
    "Telecom",
    "Textiles",
    "Therapeutics",
    "Trading",
    "Transit",
    "Utilities",
    "Ventures",
    "Water",
    "Wireless",
    "Works",
]
_FIRST: Final = [
    "Alex",
    "Bo",
    "Casey",
    "Dale",
    "Eden",
    "Frankie",
    "Gray",
    "Harper",
    "Indra",
    "Jules",
    "Kim",
    "Lou",
    "Marlo",
    "Noor",
    "Ola",
    "Pat",
    "Robin",
    "Sam",
    "Taylor",
    "Val",
    "Wynne",
    "Yael",
    "Zan",
]
_LAST: Final = [
    "Abel",
    "Berg",
    "Cole",
    "Dahl",
    "Engel",
    "Fay",
    "Graf",
    "Holm",
    "Iden",
    "Janse",
    "Krog",
    "Lind",
    "Maur",
    "Nagel",
    "Orr",
    "Pohl",
    "Ray",
    "Sand",
    "Tann",
    "Ude",
    "Voss",
    "Weiss",
    "York",
]
_TITLES: Final = (
    "Head of IT", "VP Operations", "Data Lead", "CTO", "Clinic Manager", "Analyst", "Buyer",
)  # fmt: skip
_INDUSTRIES: Final = (
    "Healthcare", "Software", "Finance", "Manufacturing", "Retail", "Education", "Energy", "Media",
)  # fmt: skip
_STATES: Final = {"US": ("CA", "NY", "TX", "WA", "IL", "MA"), "CA": ("ON", "BC", "QC")}
_ELSEWHERE: Final = ("BR", "JP", "AU", "ZA")
_FREE_MAIL: Final = ("freemail.example", "postbox.example")
_HOSTILE: Final = (
    {"Company": '=HYPERLINK("http://evil.example","x")', "LastName": "+cmd|' /C calc'!A0"},
    {"Company": "\u202eetaroproC ytiruceS", "LastName": "\u202eenoemoS"},
    {"Company": "Nul\u0000byte Ltd", "LastName": "Zero\u0000"},
    {"Company": "[not provided]", "LastName": "\U0001f4a9" * 20, "Country": None, "State": None},
    {"Company": "x" * 255, "LastName": "y" * 80, "Description": "z" * 32_000},
)


@dataclass(frozen=True, slots=True)
class Company:
    """A company of the market."""

    name: str
    domain: str
    country: str
    state: str | None
    industry: str
    employees: int
    customer: bool
    named: bool


def found_companies(seed: int, count: int) -> list[Company]:
    """So many companies with names and domains of their own."""
    chance = Random(f"companies {seed}")
    pairs = [(head, tail) for tail in _TAILS for head in _HEADS]
    chance.shuffle(pairs)
    companies = []
    for at in range(count):
        head, tail = pairs[at % len(pairs)]
        series = "" if at < len(pairs) else f" {at // len(pairs) + 1}"
        country = _country(chance)
        companies.append(
            Company(
                name=f"{head} {tail}{series}",
                domain=f"{head}-{tail}{series}.example".lower().replace(" ", "-"),
                country=country,
                state=_state(chance, country),
                industry=chance.choice(_INDUSTRIES),
                employees=int(10 ** chance.uniform(0.7, 4.3)),
                customer=chance.random() < 0.3 or at == 0,
                named=chance.random() < 0.05,
            )
        )
    return companies


def prospects(seed: int, companies: list[Company]) -> Iterator[dict[str, Any]]:
    """Leads as a web form and its enrichment write them, without an owner, for ever."""
    chance = Random(f"prospects {seed}")
    while True:
        draw = chance.random()
        if draw < 0.22 and companies:
            yield _at_company(chance, chance.choice(companies))
        elif draw < 0.24:
            yield {**_new(chance, _country(chance)), **chance.choice(_HOSTILE)}
        elif draw < 0.29:
            yield _new(chance, chance.choice(_ELSEWHERE))
        else:
            yield _new(chance, _country(chance))


def _new(chance: Random, country: str) -> dict[str, Any]:
    head, tail = chance.choice(_HEADS), chance.choice(_TAILS)
    serial = chance.randrange(10_000, 99_999)
    domain = f"{head}-{tail}-{serial}.test".lower()
    if chance.random() < 0.1:
        domain = chance.choice(_FREE_MAIL)
    return {
        **_person(chance, domain),
        "Company": f"{head} {tail} {serial}",
        "Country": country,
        "State": _state(chance, country),
        "Industry": chance.choice(_INDUSTRIES),
        "NumberOfEmployees": int(10 ** chance.uniform(0.7, 4)),
    }


def _at_company(chance: Random, company: Company) -> dict[str, Any]:
    domain = company.domain if chance.random() < 0.8 else f"mail.{company.domain}"
    return {
        **_person(chance, domain),
        "Company": company.name,
        "Country": company.country,
        "State": company.state,
        "Industry": company.industry,
        "NumberOfEmployees": company.employees,
    }


def _person(chance: Random, domain: str) -> dict[str, Any]:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    products = [one for one in ("API", "Analytics", "Support") if chance.random() < 0.3]
    return {
        "FirstName": first,
        "LastName": last,
        "Email": f"{first}.{last}.{chance.randrange(1000)}@{domain}".lower(),
        "Title": chance.choice(_TITLES),
        "Status": chance.choice(("New", "New", "MQL")),
        "LeadSource": chance.choice(("Web", "Web", "Webinar", "Content", "Partner")),
        "Rating": chance.choice(("Hot", "Warm", "Cold", None)),
        "Score__c": float(chance.randrange(101)),
        "Product_Interest__c": ";".join(products) or None,
        "AnnualRevenue": float(chance.randrange(1, 500) * 100_000),
    }


def _country(chance: Random) -> str:
    team = chance.choices(TEAMS, weights=[team.share for team in TEAMS])[0]
    return chance.choice(team.countries)


def _state(chance: Random, country: str) -> str | None:
    return chance.choice(_STATES[country]) if country in _STATES else None
