"""Counts what the pages answer, for Prometheus: by route of the table, never by what was asked for.

An address as it was typed may name a machine, a request, or a donor's secret.
"""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.words.catalogue import say

NOWHERE = "none"  # the route of what is no page of ours
_METHODS = ("GET", "HEAD", "POST", "DELETE")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)  # 150 ms is what we promise


class Counted:
    """The counts of one site since it started. Used from every thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "etabli_http_requests",
            say("hub.metrics.requests"),
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "etabli_http_request_seconds",
            say("hub.metrics.seconds"),
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer, after `seconds`."""
        known = method if method in _METHODS else "other"
        self._answers.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Counting:
    """Tells `counted` of each answer; `route` is what the application left in the request's state
    (`page`), so that nobody makes new series by asking for what is not there."""

    def __init__(self, app: ASGIApp, counted: Counted) -> None:
        self.app, self.counted = app, counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            page = scope.get("state", {}).get("page")
            route = getattr(page, "path", NOWHERE)
            self.counted.count(scope["method"], route, status, time.perf_counter() - begun)
