"""What operators watch, in Prometheus' words, in a registry of its own.

Counters count since the process began; the truth about the past is in the ledger. Labels come from
closed sets (methods, results, streams, the settings' own names), never from a lead.
"""

from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from daemon.base.clock import Clock

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_SPEED_S = (0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400)
_TICK_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Metrics:
    """Every metric of the daemon; a loop adds to those it is responsible for.

    Examples:
        >>> from daemon.base.clock import SystemClock
        >>> metrics = Metrics(SystemClock())
        >>> metrics.decisions.labels("round_robin", "live").inc()
        >>> b'signalbox_decisions_total{method="round_robin",mode="live"} 1.0' in metrics.page()
        True
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._polled_at: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        self.registry = CollectorRegistry(auto_describe=True)
        self._make_counters()
        self._make_gauges()
        self._make_histograms()

    def _make_counters(self) -> None:
        self.leads_seen = self._counter(
            "leads_seen", "Versions of leads stored that were not known before", "connection"
        )
        self.leads_seen_late = self._counter(
            "leads_seen_late",
            "Versions of leads that only a second reading, held back, has found",
            "connection",
        )
        self.decisions = self._counter("decisions", "Occasions decided", "method", "mode")
        self.confirmed = self._counter("assignments_confirmed", "Owners confirmed", "connection")
        self.conflicts = self._counter(
            "assignments_conflict", "Leads left to a human who was faster", "connection"
        )
        self.refused = self._counter(
            "assignments_refused", "Owners that the CRM refused", "connection"
        )
        self.dead = self._counter("assignments_dead", "Leads that cannot be written", "connection")
        self.fallbacks = self._counter(
            "fallbacks", "Leads that nobody in the chosen pool could take", "reason"
        )
        self.unseen = self._counter(
            "unseen_values",
            "Decided leads with a value that an open field does not declare",
            "fact",
        )
        self.errors = self._counter("errors", "Ticks, calls and jobs that failed", "where", "kind")
        self.hints = self._counter(
            "hints",
            "Hints of something new in a CRM, by what became of them",
            "connection",
            "taken",
        )
        self.jobs = self._counter("jobs", "Periodic jobs by what became of them", "job", "result")

    def _make_gauges(self) -> None:
        self.waiting = self._gauge("waiting_leads", "Leads whose decision was put off")
        self.recall_depth = self._gauge("recall_leads", "Leads in a fallback queue to be recalled")
        self.effects_pending = self._gauge(
            "effects_pending", "Writes not confirmed yet", "connection", "lane"
        )
        self.oldest_pending_s = self._gauge(
            "oldest_pending_seconds",
            "Age of the oldest write not confirmed yet",
            "connection",
            "lane",
        )
        self.inbox_pending = self._gauge(
            "inbox_pending", "Versions of leads that nobody looked at yet", "connection", "lane"
        )
        self.oldest_inbox_s = self._gauge(
            "oldest_inbox_seconds",
            "Age of the oldest version that nobody looked at yet",
            "connection",
            "lane",
        )
        self.poll_age_s = self._gauge(
            "poll_age_seconds", "Since a stream was last read to its end", "connection", "stream"
        )
        self.api_calls_left = self._gauge(
            "api_calls_left", "Calls that we may still make in the CRM's window", "connection"
        )
        self.api_calls_used = self._gauge(
            "api_calls_used", "Calls made by everybody in the CRM's window", "connection"
        )
        self.connection_stopped = self._gauge(
            "connection_stopped", "1 while a person must act before it can go on", "connection"
        )
        self.lease_held = self._gauge("lease_held", "1 while this process may write")

    def _make_histograms(self) -> None:
        self.speed_to_owner_s = Histogram(
            "signalbox_speed_to_owner_seconds",
            "From a lead's appearance in the CRM to its confirmed owner",
            ["connection"],
            buckets=_SPEED_S,
            registry=self.registry,
        )
        self.tick_s = Histogram(
            "signalbox_tick_seconds",
            "One round of a loop",
            ["loop"],
            buckets=_TICK_S,
            registry=self.registry,
        )

    def polled(self, connection: str, stream: str) -> None:
        """A stream was read to its end just now; its age counts from here."""
        key = (connection, stream)
        with self._lock:
            is_new = key not in self._polled_at
            self._polled_at[key] = self._clock.monotonic()
        if is_new:
            self.poll_age_s.labels(*key).set_function(lambda: self._age_s(key))

    def page(self) -> bytes:
        """Everything as Prometheus reads it."""
        return generate_latest(self.registry)

    def _age_s(self, key: tuple[str, str]) -> float:
        return self._clock.monotonic() - self._polled_at[key]

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"signalbox_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"signalbox_{name}", meaning, labels, registry=self.registry)
