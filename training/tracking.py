"""What a run leaves in MLflow: everything needed to look it up, and nothing that needs pickle.

MLflow is loaded here, when a run is written down, and nowhere else. Models are stored as the
plain tables that the daemon reads; what is in force is the ledger's word, the aliases follow it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from training.card import model_card
from training.plots import calibration_plot, lift_plot, shares_plot
from training.terms import Trained, TrainingTerms

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = "signalbox-ranker"
EXPERIMENT = "signalbox"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
_HEADS = ("verdict", "data_sha256", "rulebook", "code", "at")


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a run was written down."""

    run: str
    version: int | None  #: of the registered model; None: nothing was fitted


class Tracking:
    """One MLflow store: a SQLite file by default, a server by setting."""

    def __init__(self, uri: str, artifacts: Path | None = None) -> None:
        """Remember where it is; nothing is opened yet.

        Args:
            uri: `sqlite:///...` or the address of a server.
            artifacts: Where files go, if the store does not say.
        """
        self._uri, self._artifacts = uri, artifacts
        self._opened: MlflowClient | None = None

    def log(self, trained: Trained, terms: TrainingTerms) -> Logged:
        """Write down a run; a version that was fitted is registered as the challenger."""
        client = self._client()
        run = client.create_run(self._experiment()).info.run_id
        client.log_batch(run, **_batch(trained.report, terms))
        with TemporaryDirectory() as folder:
            for name, content in sorted(_files(trained, terms).items()):
                (Path(folder) / name).write_bytes(content)
            client.log_artifacts(run, folder, "version")
        client.set_terminated(run)
        return Logged(run, self._registered(run, trained))

    def follow(self, champion: str, previous: str | None) -> None:
        """Move the aliases to what the ledger has in force.

        Args:
            champion: The run of the version that ranks.
            previous: The run of the one a rollback would bring back; None: there is none.
        """
        client = self._client()
        for alias, run in ((CHAMPION, champion), (PREVIOUS, previous)):
            version = None if run is None else self._made_by(run)
            if version is not None:
                client.set_registered_model_alias(MODEL, alias, str(version))
            elif self.version_of(alias) is not None:
                client.delete_registered_model_alias(MODEL, alias)
        if self.version_of(CHALLENGER) == self.version_of(CHAMPION) is not None:
            client.delete_registered_model_alias(MODEL, CHALLENGER)

    def version_of(self, alias: str) -> int | None:
        """Which version bears an alias."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - seconds to load

        try:
            return int(self._client().get_model_version_by_alias(MODEL, alias).version)
        except MlflowException:
            return None

    def _made_by(self, run: str) -> int | None:
        found = self._client().search_model_versions(f"run_id = '{run}'")
        return next((int(each.version) for each in found if each.name == MODEL), None)

    def _registered(self, run: str, trained: Trained) -> int | None:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - seconds to load

        if not trained.document:
            return None
        client = self._client()
        try:
            client.get_registered_model(MODEL)
        except MlflowException:
            client.create_registered_model(MODEL, description="Lead ranker, as plain tables")
        source = f"{client.get_run(run).info.artifact_uri}/version"
        tags = {name: str(trained.report.get(name, "")) for name in _HEADS}
        made = client.create_model_version(MODEL, source, run, tags=tags)
        client.set_registered_model_alias(MODEL, CHALLENGER, made.version)
        return int(made.version)

    def _experiment(self) -> str:
        client = self._client()
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        place = None if self._artifacts is None else self._artifacts.resolve().as_uri()
        return str(client.create_experiment(EXPERIMENT, artifact_location=place))

    def _client(self) -> "MlflowClient":
        from mlflow import MlflowClient  # noqa: PLC0415 - seconds to load

        if self._opened is None:
            self._opened = MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)
        return self._opened


def _batch(report: Mapping[str, Any], terms: TrainingTerms) -> dict[str, Any]:
    """All of it in one write."""
    from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - seconds to load

    at_ms = int(datetime.fromisoformat(report["at"]).timestamp() * 1000)
    return {
        "metrics": [Metric(name, value, at_ms, 0) for name, value in _metrics(report).items()],
        "params": [Param(name, value) for name, value in _params(terms).items()],
        "tags": [RunTag(name, str(report.get(name, ""))[:500]) for name in _HEADS],
    }


def _params(terms: TrainingTerms) -> dict[str, str]:
    bounds = terms.bounds
    return {
        "cap": str(terms.cap),
        "features": ",".join(name for name, _ in terms.contract.features)[:500],
        "horizon_days": str(terms.horizon.days),
        "largest_ece": str(bounds.largest_ece),
        "largest_p": str(bounds.largest_p),
        "largest_share": str(bounds.largest_share),
        "least_decided": str(bounds.least_decided),
        "least_wins": str(bounds.least_wins),
        "seed": str(terms.seed),
        "segments": ",".join(terms.contract.segments)[:500],
        "shuffles": str(terms.shuffles),
        "window": str(terms.window),
    }


def _metrics(report: Mapping[str, Any]) -> dict[str, float]:
    rows = report["rows"]
    told = {f"rows.{name}": float(count) for name, count in rows.items()}
    for model, measures in report.get("metrics", {}).items():
        for measure, interval in measures.items():
            told |= {f"{model}.{measure}.{end}": value for end, value in interval.items()}
    if "signal_p" in report:
        told["signal_p"] = report["signal_p"]
        told["concentration"] = report["concentration"]
    return told


def _files(trained: Trained, terms: TrainingTerms) -> dict[str, bytes]:
    report = trained.report
    files = {
        "report.json": json.dumps(report, indent=1, sort_keys=True).encode(),
        "card.md": model_card(report).encode(),
        "contract.json": json.dumps(report["contract"], indent=1).encode(),
    }
    if trained.document:
        files |= {
            "document.json": trained.document,
            "tables.npz": trained.tables,
            "calibration.png": calibration_plot(report["calibration"]),
            "lift.png": lift_plot(report["calibration"]),
            "shares.png": shares_plot(report["shares"], terms.cap),
        }
    return files
