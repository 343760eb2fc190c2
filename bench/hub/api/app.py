"""The application for programs: says whose token this is, reads what was sent, words refusals.

No cookie is looked at, so nothing a browser sends by itself is believed: a page of elsewhere can do
nothing here in a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.hub.accounts import tokens
from bench.hub.accounts.limits import Limit, network_of
from bench.hub.accounts.roles import Role
from bench.hub.api import openapi, problems
from bench.hub.api.call import MOST_NAME, Asked, Call
from bench.hub.api.problems import Misread
from bench.hub.api.routes import CALLS
from bench.hub.pages.app import application as pages_of
from bench.hub.pages.page import Refusal, Site, Visitor
from bench.hub.web import bodies, cookies
from bench.hub.web.bodies import BodyError
from bench.hub.web.counting import Counting
from bench.hub.web.headers import Headers
from bench.hub.web.threads import Threads
from bench.records.errors import RecordsError
from bench.words.catalogue import LANGUAGES, asked_in

UNDER = "/api"
MOST_BODY_BYTES = 64 << 10


@dataclass
class Limits:
    """How much one token may ask, and how often an address may come with a wrong one."""

    of_token: Limit = field(default_factory=lambda: Limit(300, 0.1))
    of_stranger: Limit = field(default_factory=lambda: Limit(40, 6))


def whole(site: Site, limits: Limits | None = None) -> ASGIApp:
    """The pages, and beside them what programs ask; they share the threads that answer."""
    threads = Threads()
    pages = pages_of(site, threads=threads)
    calls = application(site, threads=threads, limits=limits)

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        inside = path == UNDER or path.startswith(f"{UNDER}/")
        await (calls if inside else pages)(scope, receive, send)

    return either


def application(
    site: Site,
    calls: Iterable[Call] = CALLS,
    *,
    threads: Threads | None = None,
    limits: Limits | None = None,
) -> Starlette:
    """The calls over this site, and their description."""
    calls, threads = tuple(calls), threads or Threads()
    inside = _Inside(site, threads, limits or Limits(), calls)
    by_path: dict[str, dict[str, Call]] = {}
    for call in calls:
        by_path.setdefault(call.path, {})[call.method] = call
    routes = [
        Route(path, inside.endpoint(of_path), methods=list(of_path))
        for path, of_path in by_path.items()
    ]
    routes.append(Route(openapi.PATH, inside.description, methods=["GET"]))

    async def lost(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = dict(getattr(error, "headers", None) or {})
        code = "method" if status == 405 else "path"
        return _worded(request, Refusal(405 if status == 405 else 404, code), headers)

    around = [Middleware(Counting, counted=site.counted), Middleware(Headers)]
    app = Starlette(routes=routes, middleware=around, exception_handlers={HTTPException: lost})
    app.router.redirect_slashes = False
    return app


@dataclass
class _Inside:
    site: Site
    threads: Threads
    limits: Limits
    calls: tuple[Call, ...]

    def endpoint(self, by_method: dict[str, Call]) -> Callable[[Request], Awaitable[Response]]:
        """Of one path."""

        async def answer(request: Request) -> Response:
            call = by_method["GET" if request.method == "HEAD" else request.method]
            request.state.page = call
            come: Visitor | Response = await self.threads.run(self._let_in, call, request)
            if isinstance(come, Response):
                return come
            try:
                body = await _body(request, call)
            except (BodyError, Refusal) as error:
                refusal = error if isinstance(error, Refusal) else Refusal(error.status, error.code)
                # What remains of the body is not read.
                return _worded(request, refusal, {"Connection": "close"})
            return await self.threads.run(
                self._handled, call, come, request, body, heavy=call.heavy
            )

        return answer

    async def description(self, request: Request) -> Response:
        """For anybody: what may be asked is no secret."""
        with asked_in(cookies.language_of(request, LANGUAGES)):
            body = msgspec.json.encode(openapi.described(self.calls))
        headers = {"Cache-Control": "public, max-age=600", "Vary": "Accept-Language"}
        return Response(body, media_type="application/json", headers=headers)

    def _let_in(self, call: Call, request: Request) -> Visitor | Response:
        """Whoever may ask; else what they are told."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            known = scheme.lower() == "bearer"
            account = tokens.whose(self.site.accounts, token.strip()) if known else None
        except RecordsError as error:
            return _worded(request, error)
        if account is None:
            address = network_of(request.client.host if request.client else "")
            if wait := self.limits.of_stranger.wait_s(address):
                return _busy(request, wait)
            told = {"WWW-Authenticate": 'Bearer realm="etabli"'}
            return _worded(request, Refusal(401, "token"), told)
        if wait := self.limits.of_token.wait_s(account.reference):
            return _busy(request, wait)
        if account.role not in call.roles:
            return _worded(request, Refusal(403, "call_role"))
        return Visitor(
            role=Role(account.role),
            account=account.reference,
            name=account.name,
            workshop=account.workshop,
            person=account.person,
            language=cookies.language_of(request, LANGUAGES),
        )

    def _handled(self, call: Call, visitor: Visitor, request: Request, body: object) -> Response:
        with asked_in(visitor.language):
            try:
                asked = Asked(_path(request), _query(request, call), body)
                given = call.handler(self.site, visitor, asked)
            except Exception as error:  # noqa: BLE001 - told to us, and to them in one sentence
                return problems.answer(error)
        headers = {}
        if call.location:
            headers["Location"] = _found_at(call.location, msgspec.to_builtins(given))
        return Response(
            msgspec.json.encode(given), call.status, headers, media_type="application/json"
        )


def _found_at(path: str, made: dict[str, object]) -> str:
    """The path of what was made, which names itself."""
    return re.sub(r"\{(\w+)\}", lambda name: quote(str(made[name[1]]), safe=""), path)


def _worded(request: Request, error: Exception, headers: dict[str, str] | None = None) -> Response:
    with asked_in(cookies.language_of(request, LANGUAGES)):
        return problems.answer(error, headers)


def _busy(request: Request, wait_s: int) -> Response:
    return _worded(request, Refusal(429, "busy", seconds=wait_s), {"Retry-After": str(wait_s)})


def _path(request: Request) -> dict[str, str]:
    """The names in the path, as far as one may be long."""
    found = {name: str(value) for name, value in request.path_params.items()}
    if any(len(value) > MOST_NAME for value in found.values()):
        raise Refusal(404, "path")
    return found


def _query(request: Request, call: Call) -> object:
    """What stands after the question mark. Raises `Misread`."""
    told = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    names = [name for name, _ in told]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Misread("query", f"{twice}: twice")
    try:
        return msgspec.convert(dict(told), call.query, strict=False)
    except msgspec.ValidationError as error:
        raise Misread("query", str(error)) from None


async def _body(request: Request, call: Call) -> object:
    """What was sent, read to its end. Raises `BodyError`, `Misread`."""
    raw = b"".join([each async for each in bodies.parts(request, MOST_BODY_BYTES)])
    if call.body is None:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "call_kind")
    try:
        return msgspec.json.decode(raw, type=call.body)
    except (msgspec.DecodeError, RecursionError) as error:  # a ValidationError is one
        raise Misread("call_body", str(error)) from None
