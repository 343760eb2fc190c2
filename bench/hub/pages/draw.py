"""Draws a page from its template: words by `say`, everything from a record escaped."""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bench.casefile.search import state_text
from bench.hub.accounts.roles import Role
from bench.hub.pages.page import Page, Site, Visitor
from bench.hub.web.headers import safe_path
from bench.words.catalogue import LANGUAGES, find, say
from bench.words.dates import day_text, local
from bench.words.facts import kilograms
from diagnostics.naming import machine_name

_HERE = Path(__file__).parent


def draw(
    site: Site,
    visitor: Visitor,
    request: Request,
    template: str,
    /,
    status: int = 200,
    **values: Any,
) -> Response:
    """The page of a template, which extends `layout.html`: name and values as it wants them.

    Beside `say`, templates have `visitor` (`visitor.form_token` is every form's hidden field
    `form`), `moment` and `day` for times of the record, and `worded` for codes of events.
    """
    drawn = (
        _environment()
        .get_template(template)
        .render(
            visitor=visitor,
            demo=site.demo,
            menu=menu_of(site, visitor),
            here=_here(site, request),
            language=visitor.language,
            languages=LANGUAGES,
            signed_in=visitor.role is not Role.NOBODY,
            **values,
        )
    )
    return HTMLResponse(drawn, status)


def _here(site: Site, request: Request) -> str:
    """Where a link may lead back to: what was drawn in answer to a form has no GET, perhaps."""
    path = safe_path(request.scope["path"])
    page = getattr(request.state, "page", None)
    if page is None or request.method in ("GET", "HEAD"):
        return path
    shown = {each.path: each.name for each in site.pages if each.method == "GET"}
    if page.path in shown:
        return path
    return next((where for where, name in shown.items() if name == page.name), "/")


def to(path: str) -> Response:
    """Go on elsewhere on this site, by a GET: after every form."""
    return RedirectResponse(path, 303)


def menu_of(site: Site, visitor: Visitor) -> list[Page]:
    """The links at the top: the pages this visitor may open."""
    found = [page for page in site.pages if page.menu and visitor.role in page.roles]
    return sorted(found, key=lambda page: page.menu)


def moment(at: str) -> str:
    """A time of the record as people say it, "" where there is none."""
    told = local(at)
    return (
        ""
        if told is None
        else say("hub.time.moment", day=day_text(told.date().isoformat()), time=f"{told:%H:%M}")
    )


def kind_text(kind: str) -> str:
    """The word of a kind of machine; one this version does not know stays as it is."""
    return find(f"probe.kind.{kind}") or kind


def worded(key: str, otherwise: str) -> str:
    """The words of a code, or the code itself where an event of a later version names it."""
    return say(key) if find(key) is not None else otherwise


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "say": say, "moment": moment, "day": day_text, "worded": worded, "static": static_path,
        "kilograms": kilograms, "machine_name": machine_name, "kind_text": kind_text,
        "state_text": state_text,
    }  # fmt: skip
    return made


@functools.cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """What is served beside pages, whole, by its address: its bytes and media type.

    One digest over all of them: another version has another address, and a module's
    `./other.js` finds the other of its own version.
    """
    bodies = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir())}
    whole = hashlib.sha256()
    for name, body in bodies.items():
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    return {
        f"/static/{whole.hexdigest()[:16]}/{name}": (body, _media_type(name))
        for name, body in bodies.items()
    }


def _media_type(name: str) -> str:
    # Not of the system's table: browsers run no module that comes as text/plain.
    if name.endswith(".js"):
        return "text/javascript"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


@functools.cache
def static_path(name: str) -> str:
    """The address of a file in `static/`. Raises `KeyError` for one that is not there."""
    for address in static_files():
        if address.rpartition("/")[2] == name:
            return address
    raise KeyError(name)
