"""The application: finds the page, says who asks, lets in or not, and words what goes wrong."""

from __future__ import annotations

import re
import traceback
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.hub.accounts import sessions
from bench.hub.accounts.roles import Role
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import Page, Refusal, Site, Takes, Visitor
from bench.hub.pages.routes import PAGES
from bench.hub.web import bodies, cookies, uploading
from bench.hub.web.bodies import BodyError
from bench.hub.web.counting import Counting
from bench.hub.web.headers import FRAMED, READ_ANYWHERE, Headers, from_here
from bench.hub.web.threads import Threads
from bench.records.errors import RecordsError
from bench.words.catalogue import LANGUAGES, asked_in, say

SIGN_IN = "/entrer"


def application(
    site: Site, pages: Iterable[Page] = PAGES, threads: Threads | None = None
) -> Starlette:
    """The hub's pages over this site; `threads`: that answer for others too."""
    site.pages, threads = tuple(pages), threads or Threads()
    forms = {page.path for page in site.pages if page.method == "POST"}
    routes = [
        Route(page.path, _endpoint(site, threads, page, page.path in forms), methods=[page.method])
        for page in site.pages
    ]

    async def lost(request: Request, error: Exception) -> Response:
        """No page of ours: another path, or another method."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await threads.run(_lost, site, request, 405 if status == 405 else 404)

    around = [Middleware(Counting, counted=site.counted), Middleware(Headers)]
    app = Starlette(routes=routes, middleware=around, exception_handlers={HTTPException: lost})
    app.router.redirect_slashes = False  # it would build an address from what the browser says
    return app


def _endpoint(
    site: Site, threads: Threads, page: Page, has_form: bool
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        request.state.page = page
        come: Visitor | Response = await threads.run(_let_in, site, page, request)
        if isinstance(come, Response):
            return come
        try:
            await _take_body(site, page, come, request)
        except (BodyError, Refusal) as error:
            refusal = error if isinstance(error, Refusal) else Refusal(error.status, error.code)
            answer = await threads.run(_said, site, come, request, refusal)
            answer.headers["Connection"] = "close"  # what remains of the body is not read
            return answer
        return await threads.run(_handled, site, page, come, request, has_form, heavy=page.heavy)

    return answer


def visitor_of(site: Site, request: Request) -> Visitor:
    """Who asks. Raises `RecordsError` (`store_*`)."""
    secret = cookies.secret_of(request)
    account = sessions.whose(site.accounts, secret)
    language = cookies.language_of(request, LANGUAGES)
    if account is None:
        secret = secret or sessions.new_secret()
        token = sessions.form_token(secret)
        return Visitor(form_token=token, language=language, secret=secret)
    return Visitor(
        role=account.role,
        account=account.reference,
        name=account.name,
        workshop=account.workshop,
        person=account.person,
        form_token=sessions.form_token(secret),
        language=language,
        secret=secret,
    )


def _let_in(site: Site, page: Page, request: Request) -> Visitor | Response:
    """Whoever may come; else what they are told."""
    visitor = Visitor(language=cookies.language_of(request, LANGUAGES))
    try:
        visitor = visitor_of(site, request)
    except RecordsError as error:
        return _said(site, visitor, request, error)
    if visitor.role in page.roles:
        return visitor
    if visitor.role is not Role.NOBODY:
        return _said(site, visitor, request, Refusal(403, "role"))
    query = request.scope["query_string"].decode("latin-1")
    back = request.scope["path"] + (f"?{query}" if query else "")
    return to(f"{SIGN_IN}?{urlencode({'retour': back})}" if page.method == "GET" else SIGN_IN)


async def _take_body(site: Site, page: Page, visitor: Visitor, request: Request) -> None:
    """The form, once it is known that a page of ours sent it. Raises `BodyError`, `Refusal`."""
    if page.method == "GET":
        return
    if not from_here(request):
        raise Refusal(403, "elsewhere")

    def checked(token: str) -> None:
        if not sessions.form_fits(visitor.secret, token):
            raise Refusal(403, "form")

    if page.takes is not Takes.FORM:
        what = uploading.BAG if page.takes is Takes.BAG else uploading.PHOTO
        request.state.form, request.state.arrived = await uploading.receive(
            request, site.folder, checked, what
        )
        return
    request.state.form = await bodies.form(request)
    checked(request.state.form.get("form", ""))


def _handled(
    site: Site, page: Page, visitor: Visitor, request: Request, has_form: bool
) -> Response:
    with asked_in(visitor.language):
        try:
            answer = page.handler(site, visitor, request)
        except Exception as error:  # noqa: BLE001 - told to us, and to them in one sentence
            answer = _said(site, visitor, request, error)
    if answer.status_code < 400:
        answer.headers.update(
            (FRAMED if page.framed else {}) | (READ_ANYWHERE if page.read_anywhere else {})
        )
    if page.private or answer.status_code >= 400:
        answer.headers.setdefault("Cache-Control", "no-store")
    else:
        answer.headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")
    if has_form and visitor.role is Role.NOBODY and not cookies.secret_of(request):
        cookies.give(answer, request, visitor.secret)  # the form's token is of this secret
    return answer


def _lost(site: Site, request: Request, status: int) -> Response:
    visitor = Visitor(language=cookies.language_of(request, LANGUAGES))
    try:
        visitor = visitor_of(site, request)
    except RecordsError:
        pass  # the page is not there, whoever asks
    return _said(site, visitor, request, Refusal(status, "method" if status == 405 else "path"))


def _said(site: Site, visitor: Visitor, request: Request, error: Exception) -> Response:
    """What went wrong, in one sentence on a page."""
    with asked_in(visitor.language):
        status, text = worded(error)
        back = page_above(site.pages, visitor.role, request.method, request.scope["path"])
        return draw(site, visitor, request, "refusal.html", status=status, text=text, back=back)


def page_above(pages: Iterable[Page], role: Role, method: str, path: str) -> str:
    """The page a refused form stood on, or the list above a page that is not there, for who may
    look at it; "" where there is none but the first page. Browsers are told to say nothing of
    where they come from, so it is read from the addresses."""
    shown = [each.path.split("/") for each in pages if each.method == "GET" and role in each.roles]
    parts = path.split("/")
    longest = len(parts) - (method == "GET")
    for count in range(longest, 1, -1):
        above = parts[:count]
        if all(above[1:]) and any(_fits(each, above) for each in shown):
            return quote("/".join(above))
    return ""


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        wanted == part or wanted.startswith("{")
        for wanted, part in zip(pattern, parts, strict=True)
    )


def worded(error: Exception) -> tuple[int, str]:
    """The status of an error, and its sentence; what is ours is printed for whoever runs this."""
    if isinstance(error, Refusal):
        return error.status, say(f"hub.refusal.{error.code}", **error.values)
    if isinstance(error, Failure):
        status = 404 if error.code.endswith("_unknown") else 400
        return status, _without_commands(sentence(error))
    if isinstance(error, RecordsError):
        failed = error.code.startswith("store_")
        failure = as_failure(error)
        if failure is not None and not failed:
            return 400, _without_commands(sentence(failure))
        if failed:  # where it lies and why is for whoever runs the hub
            traceback.print_exception(error)
            return 503, say("hub.refusal.record")
    traceback.print_exception(error)
    return 500, say("hub.refusal.ours")


_SENTENCES, _COMMAND = re.compile(r"(?<=[.!?]) +"), re.compile(r"\betabli [a-z]")


def _without_commands(text: str) -> str:
    """What went wrong, without the sentences that send to a command: who looks at a page has none.
    A text of nothing else stays."""
    told = [each for each in _SENTENCES.split(text) if not _COMMAND.search(each)]
    shown = " ".join(told) or text
    return shown[:1].upper() + shown[1:]
