"""What is counted, for Prometheus. Every label has a fixed set of values: no item, source or caller is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from detector import Verdict
from service.messages import VerdictOut

_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one app: in a registry of its own, so that several apps in a process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = self._counter("http_requests", "Requests that were answered", "method", "route", "status")
        self.request_seconds = Histogram(
            "copytaster_http_request_seconds",
            "From the first byte to the last",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.verdicts = self._counter("verdicts", "Items that were judged", "action", "status")
        self.reasons = self._counter("verdict_reasons", "Reasons of verdicts", "reason")
        self.examine_seconds = Histogram(
            "copytaster_examine_seconds",
            "Reading one item in a worker",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.deliveries = self._counter("webhook_attempts", "Attempts to deliver an event", "outcome")
        self.backlog = Gauge("copytaster_webhook_backlog", "Events on their way", ("state",), registry=self._registry)
        self.policy_loads = self._counter("policy_loads", "Times that a policy file was read", "policy", "outcome")
        self.shadow = self._counter("shadow_verdicts", "Decisions of the policy on trial", "decided", "would_be")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"copytaster_{name}", text, labels, registry=self._registry)

    def judged(self, verdict: VerdictOut, *, status: str = "checked", shadow: Verdict | None = None) -> None:
        """Count a verdict: of an item that was stored under ``status``, or of a mere check."""
        self.verdicts.labels(verdict.action, status).inc()
        for reason in verdict.reasons:
            self.reasons.labels(reason.code).inc()
        self.examine_seconds.observe(verdict.timing_ms.examine / 1000)
        if shadow is not None:
            self.shadow.labels(verdict.action, shadow.action).inc()

    def delivered(self, outcome: str) -> None:
        """Count an attempt to deliver an event: delivered, waiting (it will be tried again) or dead."""
        self.deliveries.labels(outcome).inc()

    def watch(self, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        """Gauges by name, each with its text and what is asked for its value whenever somebody looks."""
        for name, (text, value) in gauges.items():
            Gauge(f"copytaster_{name}", text, registry=self._registry).set_function(value)

    def expose(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
