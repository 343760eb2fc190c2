"""The headers of every answer, a failed one's too; and forms that come from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.words.catalogue import say

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_POLICY = "Content-Security-Policy"
ALWAYS = {
    _POLICY: POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # browsers that do not read frame-ancestors
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Of what any site may show in a frame: nothing in it can be done, so no click can be stolen.
FRAMED = {
    _POLICY: (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'none';"
        " frame-ancestors *; base-uri 'none'"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",  # sites with an embedder policy ask for it
}
READ_ANYWHERE = {"Access-Control-Allow-Origin": "*"}  # never with cookies: browsers see to it
UNCACHED = "no-store"
MOST_HEAD_BYTES = 16 << 10


class Headers:
    """Adds them; an answer that does not say otherwise is kept by no cache. A request whose own
    head is too large gets no further: h11 bounds only what comes in more than one part."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                framed = headers.get(_POLICY) == FRAMED[_POLICY]
                for name, value in ALWAYS.items():
                    if not (framed and name == "X-Frame-Options"):  # it cannot say "anybody"
                        headers.setdefault(name, value)
                headers.setdefault("Cache-Control", UNCACHED)
            await send(message)

        head = sum(len(name) + len(value) for name, value in scope["headers"])
        if head + len(scope["raw_path"]) + len(scope["query_string"]) > MOST_HEAD_BYTES:
            refusal = PlainTextResponse(
                say("hub.refusal.head"), 431, headers={"Connection": "close"}
            )
            await refusal(scope, receive, sent)
            return
        await self.app(scope, receive, sent)


def from_here(request: Request) -> bool:
    """Whether a form was sent by a page of this site, as the browser tells.

    With `no-referrer` browsers write `null` for a form's origin; then they say otherwise whether
    it is the same (Fetch Metadata). One that says neither is not believed.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    if origin is None or origin == "null":
        return site == "same-origin"
    try:
        told = urlsplit(origin)
    except ValueError:  # brackets that hold no address
        return False
    return (told.scheme, told.netloc) == (request.scope["scheme"], request.headers.get("host", ""))


def safe_path(text: str) -> str:
    """Where to go on after signing in: a path of this site, `/` for anything else."""
    plain = text.isascii() and text.isprintable() and len(text) <= 500
    inside = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if plain and inside else "/"
