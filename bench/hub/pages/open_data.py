"""Open data: what anybody may read of the network, as JSON, as a page, and as a frame in another
site's page. Nobody is asked who they are; nothing is told of people."""

from __future__ import annotations

import json

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bench.hub.pages.draw import draw
from bench.hub.pages.page import ANYBODY, Own, Page, Site, Visitor
from bench.hub.web.kept import Kept
from bench.network import open_data
from bench.network.open_data import OpenData
from bench.network.report import amount_text, part_name, unit_of

KEPT_S = 600  # how long the same numbers are told
_HEADERS = {"Cache-Control": f"public, max-age={KEPT_S}"}


def data(site: Site, visitor: Visitor, request: Request) -> Response:
    """All of it, as its schema says."""
    return _json(msgspec.to_builtins(read(site)))


def schema(site: Site, visitor: Visitor, request: Request) -> Response:
    """The JSON Schema of the data."""
    return _json(open_data.schema(), "application/schema+json")


def page(site: Site, visitor: Visitor, request: Request) -> Response:
    """The same for people, and how to use it."""
    base = str(request.base_url).rstrip("/")
    frame = f'<iframe src="{base}/ouvert/cadre" width="360" height="420" loading="lazy"></iframe>'
    return draw(
        site,
        visitor,
        request,
        "open.html",
        data=read(site),
        base=base,
        frame=frame,
        amount=_amount,
        part=part_name,
    )


def frame(site: Site, visitor: Visitor, request: Request) -> Response:
    """Members and their free machines, to be shown inside a page of any site."""
    return draw(site, visitor, request, "frame.html", data=read(site))


def read(site: Site) -> OpenData:
    """The numbers, `KEPT_S` old or little more."""
    kept = site.kept.setdefault("open_data", Kept[OpenData](KEPT_S))
    assert isinstance(kept, Kept)
    now = site.clock.now()

    def fresh() -> OpenData:
        with site.reading() as log:
            return open_data.open_data(log, now)

    found: OpenData = kept.get("", now.timestamp(), fresh)
    return found


def _amount(count: int, key: str) -> str:
    return amount_text(count, unit_of(key))


def _json(value: object, kind: str = "application/json") -> Response:
    # A name cannot begin a tag, even for somebody who pastes this into a page.
    text = json.dumps(value, ensure_ascii=False, indent=1).replace("<", "\\u003c")
    return Response(text, media_type=kind, headers=dict(_HEADERS))


PAGES = (
    Page("GET", "/ouvert", "open", page, ANYBODY, Own.SHARED, menu=90, heavy=True),
    Page(
        "GET",
        "/ouvert/donnees.json",
        "open",
        data,
        ANYBODY,
        Own.SHARED,
        read_anywhere=True,
        heavy=True,
    ),
    Page("GET", "/ouvert/schema.json", "open", schema, ANYBODY, Own.NOTHING, read_anywhere=True),
    Page("GET", "/ouvert/cadre", "open", frame, ANYBODY, Own.SHARED, framed=True, heavy=True),
)
