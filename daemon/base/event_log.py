"""Events to log lines and metrics: one line per lead, ids only; alerts are events of their own."""

from typing import Any

import structlog

from daemon.base.metrics import Metrics

_log = structlog.get_logger(__name__)

#: What somebody should mend some time; nothing fails because of it.
_WARNINGS = frozenset({"files_warned", "roster_noted"})


class Telling:
    """Where the loops' events go."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def event(self, name: str, **fields: Any) -> None:
        """Something ordinary: a line at INFO, and a count where there is one."""
        self._count(name, fields)
        (_log.warning if name in _WARNINGS else _log.info)(name, **fields)

    def alert(self, name: str, **fields: Any) -> None:
        """A line at ERROR, and an error of that kind in the metrics."""
        self._count(name, fields)
        self._metrics.errors.labels(name, "alert").inc()
        if name == "connection_stopped":
            self._metrics.connection_stopped.labels(fields["connection"]).set(1)
        _log.error(name, alert=True, **fields)

    def polled(self, connection: str, stream: str) -> None:
        """A stream was read to its end."""
        self._metrics.polled(connection, stream)

    def _count(self, name: str, fields: dict[str, Any]) -> None:
        counters = {
            "lead_conflict": self._metrics.conflicts,
            "rep_refused": self._metrics.refused,
            "lead_dead": self._metrics.dead,
        }
        connection = str(fields.get("connection", ""))
        if name in counters:
            counters[name].labels(connection).inc()
        elif name == "lead_confirmed":
            self._confirmed(connection, fields.get("speed_s"))
        elif name == "lead_routed":
            self._routed(fields)
        elif name == "leads_seen":
            self._metrics.leads_seen.labels(connection).inc(fields["count"])
        elif name == "leads_seen_late":
            self._metrics.leads_seen_late.labels(connection).inc(fields["count"])
        elif name == "unseen_value":
            self._metrics.unseen.labels(fields["fact"]).inc(fields["count"])
        elif name == "connection_recovered":
            self._metrics.connection_stopped.labels(connection).set(0)

    def _routed(self, fields: dict[str, Any]) -> None:
        self._metrics.decisions.labels(fields["method"], fields["mode"]).inc()
        if fields["method"] == "fallback":
            self._metrics.fallbacks.labels(fields["cause"]).inc()

    def _confirmed(self, connection: str, speed_s: float | None) -> None:
        self._metrics.confirmed.labels(connection).inc()
        if speed_s is not None:
            self._metrics.speed_to_owner_s.labels(connection).observe(speed_s)
