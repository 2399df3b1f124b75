"""One training run: matured leads in, a version with its report and its verdict out.

The newest leads are judged on by models that did not see them; then the version that may go into
force learns from all, and its intercept from the newest. Nothing is shuffled in time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from threadpoolctl import threadpool_limits

from routing.ranker import RankTables
from training import findings
from training.data import Data
from training.export import Stamp
from training.fitting import final, judged
from training.gate import Check, checks, enough, judge
from training.judging.shares import disparity
from training.measures import calibration_table
from training.rows import DecidedLead, Labelled, data_digest, matured
from training.terms import Trained, TrainingTerms, Verdict
from training.version import Version, make_version

Report = dict[str, object]


def train(
    rows: Sequence[DecidedLead],
    terms: TrainingTerms,
    at: datetime,
    champion: RankTables | None = None,
) -> Trained:
    """Train, judge and export.

    Args:
        rows: Decided leads, with what is known of their ends; in any order.
        terms: How, and where the gate stands.
        at: Now.
        champion: The version in force, if there is one.

    Returns:
        The version with the verdict. Where there is too little to learn from, document and
        tables are empty. With `scores_only` they hold the lead score: no reps, no ranking.
    """
    learned = matured(rows, horizon=terms.horizon, at=at)
    few = enough(len(learned), sum(each.won for each in learned), terms.bounds)
    stamped = _stamp(learned, terms, at)
    report = _opening(len(rows), stamped, terms)
    if not all(check.holds for check in few):
        reasons = tuple(check.sentence for check in few if not check.holds)
        return _told(report, few, (Verdict.REFUSE, reasons), None)
    with threadpool_limits(limits=1):  # blocks are small: threads would only wait for each other
        return _trained(Data(learned, terms), terms, stamped, champion, report)


def _trained(
    data: Data,
    terms: TrainingTerms,
    stamped: Stamp,
    champion: RankTables | None,
    report: Report,
) -> Trained:
    seen = judged(data, champion, terms.seed)
    ranker, lead_score = final(data, reps=True), final(data, reps=False)
    version = make_version(data, ranker, stamped, terms.cap)
    found = replace(
        findings.evidence(data, seen, seen.ranker, terms),
        signal_p=findings.signal(data, terms),
        largest_share=findings.shares(version).largest_multiple(),
    )
    plain = findings.evidence(data, seen, seen.lead_score, terms)
    by_reps, by_leads = checks(found, terms.bounds), checks(plain, terms.bounds)
    verdict = judge(by_reps, by_leads)
    report |= _figures(data, version, terms)
    report["metrics"] = findings.metrics(data, seen, terms)
    report["calibration"] = calibration_table(data.won[data.window], seen.ranker)
    report["signal_p"] = found.signal_p
    report["converged"] = bool(ranker.converged_)
    report["gate_of_lead_score"] = [check.as_dict() for check in by_leads]
    if verdict[0] is Verdict.SCORES_ONLY:
        version = make_version(data, lead_score, stamped, terms.cap)
    return _told(report, by_reps, verdict, version)


def _stamp(learned: Sequence[Labelled], terms: TrainingTerms, at: datetime) -> Stamp:
    return Stamp(
        trained_at=at,
        horizon_days=terms.horizon.days,
        data_sha256=data_digest(learned),
        rulebook=terms.rulebook,
        rows=len(learned),
        wins=sum(each.won for each in learned),
        code=terms.code,
    )


def _opening(given: int, stamped: Stamp, terms: TrainingTerms) -> Report:
    return {
        "at": stamped.trained_at.isoformat(),
        "rows": {"given": given, "matured": stamped.rows, "wins": stamped.wins},
        "data_sha256": stamped.data_sha256,
        "horizon_days": stamped.horizon_days,
        "contract": terms.contract.as_lines(),
        "rulebook": terms.rulebook,
        "code": terms.code,
        "seed": terms.seed,
    }


def _figures(data: Data, version: Version, terms: TrainingTerms) -> Report:
    shares, tables = findings.shares(version), version.tables
    return {
        "taus": [[block.name, round(block.tau, 4)] for block in tables.blocks],
        "tie_milli": tables.tie_milli,
        "prices_ppm": [list(pair) for pair in tables.prices_ppm],
        "shares": shares.by_rep(),
        "concentration": round(shares.concentration(), 3),
        "disparity": {
            name: disparity(shares, groups) for name, groups in sorted(terms.groups.items())
        },
        "own_estimate": findings.own_estimate(version),
        "leads_by_rep": findings.leads_by_rep(data),
        "period": [row.at.isoformat() for row in (data.rows[0], data.rows[-1])],
        "window": {"leads": len(data.rows) - data.cut, "from": data.rows[data.cut].at.isoformat()},
    }


def _told(
    report: Report,
    gate: Sequence[Check],
    judgement: tuple[Verdict, tuple[str, ...]],
    version: Version | None,
) -> Trained:
    verdict, reasons = judgement
    report["gate"] = [check.as_dict() for check in gate]
    report["verdict"], report["reasons"] = verdict.value, list(reasons)
    if version is None:
        return Trained(b"", b"", report, verdict, reasons)
    return Trained(version.written.document, version.written.tables, report, verdict, reasons)
