"""The two cookies: the session's secret, and the language chosen by a link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

SESSION, LANGUAGE = "etabli", "etabli-langue"
_YEAR_S = 365 * 24 * 3600
_MOST = 100  # characters of a secret that is looked at


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy on this machine that says so."""
    return bool(request.scope["scheme"] == "https")


def _name(request: Request) -> str:
    """With TLS a name that no other site, and no page without TLS, can set."""
    return f"__Host-{SESSION}" if is_secure(request) else SESSION


def secret_of(request: Request) -> str:
    """The secret this browser came with, "" where it has none."""
    told = request.cookies.get(_name(request), "")
    return told if len(told) <= _MOST else ""


def give(response: Response, request: Request, secret: str) -> None:
    """Until the browser closes; the server ends it earlier (`accounts.sessions`)."""
    response.set_cookie(
        _name(request), secret, path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def take(response: Response, request: Request) -> None:
    """The browser forgets its secret."""
    response.delete_cookie(
        _name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def choose_language(response: Response, request: Request, code: str) -> None:
    """For a year."""
    response.set_cookie(
        LANGUAGE, code, max_age=_YEAR_S, path="/", secure=is_secure(request), httponly=True,
        samesite="lax",
    )  # fmt: skip


def language_of(request: Request, offered: tuple[str, ...]) -> str:
    """What was chosen by a link, else what the browser prefers, else the first."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in offered:
        return chosen
    wanted: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:200].split(","):
        name, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.partition("=")[2] or 1)
        except ValueError:
            continue
        wanted.append((-weight, name[:2].lower()))
    return next((name for _, name in sorted(wanted) if name in offered), offered[0])
