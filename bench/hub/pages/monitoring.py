"""For who watches the hub: `/metrics` for Prometheus, `/health` and `/alive` for what restarts it.

Metrics are given to this machine alone: an agent beside the hub reads them, and no token of theirs
can be lost. Nothing in them is of a person; benches and workshops are numbers, as in the record.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import shutil
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bench.hub import overview, uploads, waiting
from bench.hub.pages.page import ANYBODY, Own, Page, Refusal, Site, Visitor
from bench.records.log import Log
from bench.words.catalogue import say
from bench.words.version import VERSION

# What a proxy leaves on a request: it came from somewhere else.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def metrics(site: Site, visitor: Visitor, request: Request) -> Response:
    """What was counted since the start, and what is so now."""
    if not asked_here(request):
        raise Refusal(404, "path")
    with site.reading() as log:
        now = list(_now(site, log))
    told = CollectorRegistry()
    told.register(_Told(now))
    text = generate_latest(site.counted.registry) + generate_latest(told)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def asked_here(request: Request) -> bool:
    """Whether a program of this machine asks, by a name of this machine, with nobody between."""
    if any(name in request.headers for name in _FORWARDED) or request.client is None:
        return False
    named = re.sub(r":\d+$", "", request.headers.get("host", "")).strip("[]")
    return _is_here(request.client.host) and _is_here(named)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Told(Collector):
    """Figures that were read already."""

    def __init__(self, figures: list[GaugeMetricFamily]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._figures


def _now(site: Site, log: Log) -> Iterator[GaugeMetricFamily]:
    ((events,),) = log.store.query("SELECT coalesce(max(n), 0) FROM event")
    ((bags,),) = log.store.query("SELECT count(*) FROM bag_in")
    waits = uploads.waiting(site.folder)
    yield _one("events", events)
    yield _one("bags_taken", bags)
    yield _one("uploads_waiting", waits.bags)
    yield _one("uploads_waiting_bytes", waits.size_bytes)
    yield _one("joining_waiting", waiting.count(site.folder))
    yield _one("disk_free_bytes", shutil.disk_usage(site.folder).free)
    if (backup := _seconds(str(log.store.meta("backup_at") or ""))) is not None:
        yield _one("backup_timestamp_seconds", backup)
    info = GaugeMetricFamily("etabli_info", say("hub.metrics.info"), labels=("version",))
    info.add_metric((VERSION,), 1)
    yield info
    yield from _benches(log)


def _benches(log: Log) -> Iterator[GaugeMetricFamily]:
    labels = ("bench", "workshop")
    last = {
        name: GaugeMetricFamily(f"etabli_bench_{name}", say(f"hub.metrics.{name}"), labels=labels)
        for name in ("last_event_timestamp_seconds", "last_bag_timestamp_seconds", "revoked")
    }
    for bench in overview.benches(log.store):
        told = (_seconds(bench.last_event), _seconds(bench.last_bag), float(bench.revoked))
        for family, value in zip(last.values(), told, strict=True):
            if value is not None:
                family.add_metric((bench.bench, bench.workshop), value)
    yield from last.values()


def _one(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"etabli_{name}", say(f"hub.metrics.{name}"), value=value)


def _seconds(at: str) -> float | None:
    try:
        return datetime.datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError):
        return None


def health(site: Site, visitor: Visitor, request: Request) -> Response:
    """For a service manager: both files open and answer. 503 where they do not."""
    with site.reading() as log:
        log.store.query("SELECT max(n) FROM event")
    return PlainTextResponse("ok\n")


def alive(site: Site, visitor: Visitor, request: Request) -> Response:
    """Whether this program answers at all, whatever the record's disk does: one that does not is
    to be started again."""
    return PlainTextResponse("ok\n")


PAGES = (
    Page("GET", "/metrics", "metrics", metrics, ANYBODY, Own.NOTHING),
    Page("GET", "/health", "health", health, ANYBODY, Own.NOTHING),
    Page("GET", "/alive", "alive", alive, ANYBODY, Own.NOTHING),
)
