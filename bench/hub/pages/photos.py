"""A machine's photos: shown where its page is, taken by the telephone of who stands before it."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from bench.casefile.photos import add_photos, photos_of
from bench.hub.accounts.roles import Role
from bench.hub.pages.draw import to
from bench.hub.pages.page import ANYBODY, Own, Page, Refusal, Site, Takes, Visitor, arrived_of
from bench.hub.pages.shown import may_see_photos
from bench.network import stock
from diagnostics import durable

MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER, Role.AUDITOR))
ACT = frozenset((Role.COORDINATION, Role.SUPERVISOR))
_NAME = re.compile(r"[0-9a-f]{64}\.jpg")


def photo(site: Site, visitor: Visitor, request: Request) -> Response:
    """A photo's bytes, where who asks may see the machine's photos."""
    name = str(request.path_params["photo"])
    with site.reading() as log:
        line = stock.line_of(log, str(request.path_params["machine"])[:200])
        if line is None or not _NAME.fullmatch(name) or not may_see_photos(visitor, line):
            raise Refusal(404, "path")
        data = photos_of(log, line.device).get(name.removesuffix(".jpg"))
    if data is None:
        raise Refusal(404, "path")
    # By its hash: under this address it never is another. Not in caches that others read.
    return Response(
        data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"}
    )


def add(site: Site, visitor: Visitor, request: Request) -> Response:
    """Keep a photo: of its file nothing but the picture."""
    arrived = arrived_of(request)
    try:
        with site.turn, site.log() as log:
            line = stock.line_of(log, str(request.path_params["machine"])[:200])
            if line is None or not (visitor.sees_all or line.holder == visitor.workshop):
                raise Refusal(404, "path")
            add_photos(log, line.device, [arrived.path], visitor.account)
    finally:
        durable.drop(arrived.path)
    return to(f"/machine/{line.device}#photos")


PAGES = (
    Page("GET", "/machine/{machine}/photos/{photo}", "machine", photo, MAY, Own.SHARED),
    Page("GET", "/m/{machine}/photos/{photo}", "sheet", photo, ANYBODY, Own.SHARED),
    Page(
        "POST",
        "/machine/{machine}/photos",
        "machine",
        add,
        ACT,
        Own.WORKSHOP,
        takes=Takes.PHOTO,
        heavy=True,
    ),
)
