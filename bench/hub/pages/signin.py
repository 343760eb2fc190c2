"""Signing in and out, and the link by which somebody chooses a password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.access import changing
from bench.hub.accounts import passwords, sessions
from bench.hub.accounts.book import folded
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import ANYBODY, SIGNED_IN, Own, Page, Refusal, Site, Visitor, form_of
from bench.hub.web import cookies
from bench.hub.web.headers import safe_path
from bench.words.catalogue import LANGUAGES, say


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The form. Who is signed in goes on."""
    back = safe_path(request.query_params.get("retour", "/"))
    if visitor.account:
        return to(back)
    return draw(site, visitor, request, "signin.html", back=back, name="", trouble="")


def sign_in(site: Site, visitor: Visitor, request: Request) -> Response:
    """By name, password and, where the account has one, the code of its second factor."""
    form = form_of(request)
    name, back = form.get("name", "").strip(), safe_path(form.get("back", "/"))
    if wait := site.tries.wait_s(folded(name), _address(request)):
        trouble = say("hub.signin.wait", seconds=wait)
        again = draw(
            site, visitor, request, "signin.html", status=429, back=back, name=name, trouble=trouble
        )
        again.headers["Retry-After"] = str(wait)
        return again
    account = site.accounts.signed(name, form.get("password", ""), form.get("code", ""))
    if account is None:
        trouble = say("hub.signin.wrong")
        return draw(
            site, visitor, request, "signin.html", status=403, back=back, name=name, trouble=trouble
        )
    site.tries.of_name.forgive(folded(name))
    if visitor.account:
        sessions.end(site.accounts, visitor.secret)
    answer = to(back)
    cookies.give(answer, request, sessions.begin(site.accounts, account.reference))
    return answer


def sign_out(site: Site, visitor: Visitor, request: Request) -> Response:
    """Ends the session here and in the browser."""
    sessions.end(site.accounts, visitor.secret)
    answer = to("/entrer")
    cookies.take(answer, request)
    return answer


def show_link(site: Site, visitor: Visitor, request: Request) -> Response:
    """Where a password is chosen; looking uses up nothing."""
    account = site.accounts.of_link(request.path_params["token"])
    if account is None:
        raise Refusal(404, "link")
    return draw(site, visitor, request, "choose.html", name=account.name, trouble="")


def use_link(site: Site, visitor: Visitor, request: Request) -> Response:
    """Keeps the password; with it the link has done its work."""
    if wait := site.tries.of_address.wait_s(_address(request)):
        raise Refusal(429, "busy", seconds=wait)
    account = site.accounts.of_link(request.path_params["token"])
    if account is None:
        raise Refusal(404, "link")
    form = form_of(request)
    password = form.get("password", "")
    weak = passwords.weakness(password, account.name)
    if weak or password != form.get("again", ""):
        trouble = say(f"hub.password.{weak or 'unlike'}", least=passwords.SHORTEST)
        return draw(
            site, visitor, request, "choose.html", status=400, name=account.name, trouble=trouble
        )
    who = account.reference
    with site.log() as log, changing(log, who, "password", by=who):
        site.accounts.set_password(who, password)
    return to("/entrer")


def language(site: Site, visitor: Visitor, request: Request) -> Response:
    """Chosen by a link; back to where it was chosen."""
    code = request.path_params["code"]
    if code not in LANGUAGES:
        raise Refusal(404, "path")
    answer = to(safe_path(request.query_params.get("retour", "/")))
    cookies.choose_language(answer, request, code)
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


PAGES = (
    Page("GET", "/entrer", "signin", show, ANYBODY, Own.NOTHING),
    Page("POST", "/entrer", "signin", sign_in, ANYBODY, Own.NOTHING, heavy=True),
    Page("POST", "/sortir", "signout", sign_out, SIGNED_IN, Own.NOTHING),
    Page("GET", "/lien/{token}", "link", show_link, ANYBODY, Own.NOTHING),
    Page("POST", "/lien/{token}", "link", use_link, ANYBODY, Own.NOTHING, heavy=True),
    Page("GET", "/langue/{code}", "language", language, ANYBODY, Own.NOTHING),
)
