"""What is no page: the files beside the pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.pages.draw import static_files
from bench.hub.pages.page import ANYBODY, Own, Page, Refusal, Site, Visitor


def static(site: Site, visitor: Visitor, request: Request) -> Response:
    """A file whose address changes with its bytes."""
    found = static_files().get(request.scope["path"])
    if found is None:
        raise Refusal(404, "path")
    body, kind = found
    return Response(body, media_type=kind)


PAGES = (
    Page("GET", "/static/{digest}/{name}", "static", static, ANYBODY, Own.NOTHING, private=False),
)
