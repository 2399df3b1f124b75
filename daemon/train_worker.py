"""The process that trains and judges: the one module of the daemon that knows `training`.

`python -m daemon.train_worker`, with an order as JSON on its input; never imported. It bounds its
own memory and time before it begins, and answers with one line of JSON. Rows come from the ledger
as they were recorded. A version goes into the ledger with its verdict, and into force where that
is wanted, in one transaction under the fencing token of who started it: a daemon that lost its
lease meanwhile changes nothing by it.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from daemon.base.clock import RandomIds, SystemClock
from daemon.ranker.artifacts import DamagedModel, tables_of
from daemon.ranker.past_leads import WrongHistory, past_rows
from daemon.settings import Promote, Training
from daemon.world.in_force import stored_book
from models.journal.entries import Act, Actor, Channel
from models.ledger import Ledger, open_ledger
from models.rankers.promotion import goes_in_force
from models.rankers.training_rows import DecidedRow, Wanted, decided_rows
from models.rankers.versions import ALIASES, NewModel, Verdict
from models.store.errors import LedgerError
from routing.ranker import RankTables
from routing.rulebook.model import Book
from training.card import model_card
from training.judging.holdout import compare_with_holdout
from training.judging.offpolicy import estimate_value, policy_of
from training.rows import DecidedLead, contract_of, matured
from training.terms import Bounds, Trained, TrainingTerms
from training.tracking import Logged, Tracking
from training.train import train

_NICE = 10
_MEGABYTE = 2**20
_LONGEST_SAID = 300
_GRACE_S = 30  #: whoever started it ends it before it ends itself


@dataclass(frozen=True, slots=True)
class Work:
    """What the process was told, and the ledger it works on."""

    order: Mapping[str, Any]
    told: Training
    ledger: Ledger
    at: datetime

    @property
    def route(self) -> str:
        """The route that is ranked."""
        return str(self.order["route"])


def main() -> int:
    """Do what the order on standard input says; the exit code."""
    order: dict[str, Any] = json.load(sys.stdin)
    told = Training.model_validate(order["training"])
    _bound(told)
    clock = SystemClock()
    try:
        ledger = open_ledger(order["ledger"], ids=RandomIds(), now=clock.now, migrate_schema=False)
        try:
            work = Work(order, told, ledger, clock.now())
            said = _DOES[order["do"]](work)
        finally:
            ledger.close()
    except (LedgerError, CannotTrain) as error:
        said = {"problem": str(error)}
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    return 0


class CannotTrain(Exception):
    """There is nothing to train with; the message says why and what to do."""


def _bound(told: Training) -> None:
    """Politeness, memory and time; nothing that routes waits for this process."""
    os.nice(_NICE)
    limit = told.memory_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.alarm(int(told.at_most_s) + _GRACE_S)


def _train(work: Work) -> Mapping[str, Any]:
    """Train one version and keep it with its verdict."""
    book, hash_ = _book(work.ledger)
    spoiled: list[str] = []
    rows = [*_past(work, book), *_rows(work, spoiled.append)]
    terms = _terms(work, book, hash_)
    trained = train(rows, terms, work.at, _champion(work))
    logged, trouble = _logged(_tracking(work), trained, terms)
    new = _new(trained, hash_, None if logged is None else logged.run)
    wanted = work.told.promote is Promote.AUTOMATICALLY
    promote = wanted and goes_in_force(new.verdict, _verdict_in_force(work))
    name, on_behalf_of, channel = work.order["actor"]
    act = Act(work.at, int(work.order["token"]), Actor(name, on_behalf_of, Channel(channel)))
    version = work.ledger.rankers.keep(work.route, new, act=act, promote=promote)
    if promote and logged is not None:
        trouble = _aliased(work)
    return {
        "version": version,
        "verdict": new.verdict.value,
        "why": new.why,
        "promoted": promote,
        "rows": new.rows,
        "run": new.run,
        "tracking_problem": trouble,
        "unreadable": len(spoiled),
        "first_unreadable": spoiled[0] if spoiled else None,
    }


def _verdict_in_force(work: Work) -> Verdict | None:
    rankers = work.ledger.rankers
    in_force = rankers.standing(work.route).in_force
    told = None if in_force is None else rankers.told(work.route, in_force.version)
    return None if told is None else told.listed.verdict


def _logged(
    tracking: Tracking, trained: Trained, terms: TrainingTerms
) -> tuple[Logged | None, str | None]:
    """Where the run was written down; a tracking server that is away costs only that."""
    try:
        return tracking.log(trained, terms), None
    except Exception as error:  # noqa: BLE001 - whatever a server, a file or MLflow may raise
        return None, f"{type(error).__name__}: {error}"[:_LONGEST_SAID]


def _tracking(work: Work) -> Tracking:
    artifacts = work.order["artifacts"]
    return Tracking(work.order["tracking"], None if artifacts is None else Path(artifacts))


def _follow(work: Work) -> Mapping[str, Any]:
    """Move the registry's aliases to what is in force."""
    in_force = work.ledger.rankers.standing(work.route).in_force
    version = None if in_force is None else in_force.version
    return {"version": version, "tracking_problem": _aliased(work)}


def _aliased(work: Work) -> str | None:
    """The registry follows the ledger, which alone says what is in force; why it could not."""
    rankers, jobs, token = work.ledger.rankers, work.ledger.jobs, int(work.order["token"])
    standing = rankers.standing(work.route)
    if standing.in_force is None:
        return None
    champion, previous = (
        None if version is None else rankers.run_of(work.route, version)
        for version in (standing.in_force.version, standing.previous)
    )
    if champion is None:
        return None
    try:
        _tracking(work).follow(champion, previous)
    except Exception as error:  # noqa: BLE001 - as above
        return f"{type(error).__name__}: {error}"[:_LONGEST_SAID]
    period = standing.in_force.period
    jobs.start(ALIASES, period, at=work.at, token=token)
    jobs.end(ALIASES, period, outcome=period, at=work.at, token=token)
    return None


def _book(ledger: Ledger) -> tuple[Book, str]:
    stored = ledger.governance.book_in_force()
    book = None if stored is None else stored_book(ledger, stored.book.hash)
    if stored is None or book is None:
        raise CannotTrain("No rulebook is in force that this version can read. Start the daemon.")
    return book, stored.book.hash


def _past(work: Work, book: Book) -> Iterator[DecidedLead]:
    """Leads of before Signalbox, where the settings name a file of them."""
    if work.told.history is None:
        return iter(())
    reps = {rep.roster_id: rep.id for rep in work.ledger.roster.reps()}
    try:
        return _as_told(past_rows(work.told.history, book, reps, work.route))
    except WrongHistory as error:
        raise CannotTrain(f"training.history: {error}") from error


def _rows(work: Work, spoiled: Callable[[str], object] = lambda _: None) -> Iterator[DecidedLead]:
    wanted = Wanted(work.route, work.told.wins)
    return _as_told(decided_rows(work.ledger.store, wanted, spoiled=spoiled))


def _as_told(rows: Iterable[DecidedRow]) -> Iterator[DecidedLead]:
    for row in rows:
        yield DecidedLead(
            decision=row.decision,
            lead=row.lead,
            route=row.route,
            at=row.at,
            rep=row.rep,
            method=row.method,
            eligible=row.eligible,
            pick_probability_ppm=row.pick_probability_ppm,
            facts=row.facts,
            won=row.won,
            outcome_at=row.outcome_at,
        )


def _terms(work: Work, book: Book, hash_: str) -> TrainingTerms:
    told = work.told
    try:
        contract = contract_of(book.fields, segments=told.segments, without=told.without)
    except ValueError as error:
        raise CannotTrain(f"training.segments: {error}") from error
    bounds = Bounds(
        least_decided=told.floors.decided,
        least_wins=told.floors.wins,
        largest_share=told.largest_share,
    )
    return TrainingTerms(
        contract=contract,
        horizon=timedelta(days=told.horizon_d),
        bounds=bounds,
        groups=_groups(work),
        rulebook=hash_,
        code=version_of("signalbox"),
    )


def _groups(work: Work) -> dict[str, dict[str, str]]:
    """What is compared -> rep -> group, with the ids that records use."""
    ids = {rep.roster_id: rep.id for rep in work.ledger.roster.reps()}
    return {
        name: {
            ids[person]: group
            for group, people in sorted(groups.items())
            for person in people
            if person in ids
        }
        for name, groups in sorted(work.told.groups.items())
    }


def _champion(work: Work) -> RankTables | None:
    in_force = work.ledger.rankers.standing(work.route).in_force
    if in_force is None:
        return None
    try:
        return tables_of(work.ledger.rankers.artifact(work.route, in_force.version))
    except DamagedModel:
        return None


def _new(trained: Trained, rulebook: str, run: str | None) -> NewModel:
    report: dict[str, Any] = dict(trained.report)
    return NewModel(
        document=trained.document,
        tables=trained.tables,
        verdict=Verdict(trained.verdict.value),
        why=_why(trained, report),
        report=report,
        card=model_card(report),
        data_sha256=report["data_sha256"],
        rows=report["rows"]["matured"],
        rulebook=rulebook,
        run=run,
    )


def _why(trained: Trained, report: Mapping[str, Any]) -> str:
    """The verdict in a sentence: what failed, or what was measured, with the figures."""
    if trained.reasons:
        return "; ".join(trained.reasons)
    return "; ".join(f"{each['check']} {each['measured']}" for each in report["gate"])


def _evaluate(work: Work) -> Mapping[str, Any]:
    """Judge one version: by the holdout, and by what was left to chance."""
    version = str(work.order["version"])
    told = work.ledger.rankers.told(work.route, version)
    try:
        tables = tables_of(work.ledger.rankers.artifact(work.route, version))
    except DamagedModel as error:
        raise CannotTrain(f"{version} cannot be judged: {error}") from error
    book, hash_ = _book(work.ledger)
    terms = _terms(work, book, hash_)
    rows = matured(_rows(work), horizon=terms.horizon, at=work.at)
    helped = compare_with_holdout(rows)
    policy = policy_of(tables, chance_ppm=int(work.order["chance_ppm"]))
    would = estimate_value(rows, policy, terms.contract)
    return {
        "version": version,
        "answered": helped.difference is not None or would.snips is not None,
        "rows": len(rows),
        "holdout": {
            **asdict(helped),
            "routed": {**asdict(helped.routed), "rate": helped.routed.rate},
            "holdout": {**asdict(helped.holdout), "rate": helped.holdout.rate},
        },
        "estimate": asdict(would),
        "shares": _shares(work, {} if told is None else told.report),
    }


def _shares(work: Work, report: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a version favours, as its report says, with the names people know."""
    names = {rep.id: rep.roster_id for rep in work.ledger.roster.reps()}
    by_rep = [
        {**each, "rep": names.get(each["rep"], each["rep"])} for each in report.get("shares", ())
    ]
    largest = max(by_rep, key=lambda each: each["multiple"], default=None)
    return {
        "by_rep": by_rep,
        "largest": None if largest is None else [largest["rep"], largest["multiple"]],
        "concentration": report.get("concentration"),
        "disparity": report.get("disparity", {}),
    }


_DOES = {"train": _train, "evaluate": _evaluate, "follow": _follow}

if __name__ == "__main__":
    sys.exit(main())
