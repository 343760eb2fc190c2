"""One's own account: the password, and the second factor."""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import access
from bench.hub.accounts import passwords, sessions, totp
from bench.hub.accounts.book import Account
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import SIGNED_IN, Own, Page, Refusal, Site, Visitor, form_of
from bench.hub.web import cookies
from bench.words.catalogue import say

_SHOWN = 10  # changes of the own account: what is older, the command lists


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """What can be changed."""
    return _page(site, visitor, request)


def change_password(site: Site, visitor: Visitor, request: Request) -> Response:
    """After the old one. Every other session ends, this one goes on under a new secret."""
    form = form_of(request)
    _counted(site, visitor)
    password = form.get("password", "")
    if not site.accounts.confirms(visitor.account, form.get("old", "")):
        return _page(site, visitor, request, 403, password_trouble=say("hub.account.old_wrong"))
    weak = passwords.weakness(password, visitor.name)
    if weak or password != form.get("again", ""):
        trouble = say(f"hub.password.{weak or 'unlike'}", least=passwords.SHORTEST)
        return _page(site, visitor, request, 400, password_trouble=trouble)
    with _changing(site, visitor, "password"):
        site.accounts.set_password(visitor.account, password)
    answer = to("/compte?fait=password")
    cookies.give(answer, request, sessions.begin(site.accounts, visitor.account))
    return answer


def offer_second(site: Site, visitor: Visitor, request: Request) -> Response:
    """A new secret, shown once: kept only when a code of it was typed."""
    return _page(site, visitor, request, offered=secrets.token_bytes(totp.SECRET_BYTES))


def keep_second(site: Site, visitor: Visitor, request: Request) -> Response:
    """With a code that fits, and the password: a session left open is not enough."""
    form = form_of(request)
    try:
        secret = base64.b32decode(form.get("secret", ""))
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != totp.SECRET_BYTES:
        raise Refusal(400, "fields")
    _counted(site, visitor)
    if not site.accounts.confirms(visitor.account, form.get("old", "")):
        trouble = say("hub.account.old_wrong")
        return _page(site, visitor, request, 403, offered=secret, second_trouble=trouble)
    try:
        with _changing(site, visitor, "second_on"):
            if not site.accounts.set_totp(visitor.account, secret, form.get("code", "")):
                raise Refusal(400, "fields")  # nothing was changed, nothing is said
    except Refusal:
        trouble = say("hub.account.code_wrong")
        return _page(site, visitor, request, 400, offered=secret, second_trouble=trouble)
    return to("/compte?fait=second")


def drop_second(site: Site, visitor: Visitor, request: Request) -> Response:
    """With the password."""
    _counted(site, visitor)
    if not site.accounts.confirms(visitor.account, form_of(request).get("old", "")):
        return _page(site, visitor, request, 403, second_trouble=say("hub.account.old_wrong"))
    with _changing(site, visitor, "second_off"):
        site.accounts.set_totp(visitor.account, b"", "")
    return to("/compte?fait=dropped")


@contextlib.contextmanager
def _changing(site: Site, visitor: Visitor, change: str) -> Iterator[None]:
    """Around what somebody changes of the own account."""
    with site.log() as log, access.changing(log, visitor.account, change, by=visitor.account):
        yield


def _counted(site: Site, visitor: Visitor) -> None:
    """Whoever sits down at an open session may not try passwords either."""
    if wait := site.tries.of_name.wait_s(visitor.account):
        raise Refusal(429, "busy", seconds=wait)


def _page(
    site: Site,
    visitor: Visitor,
    request: Request,
    status: int = 200,
    *,
    offered: bytes = b"",
    password_trouble: str = "",
    second_trouble: str = "",
) -> Response:
    own: Account = site.accounts.named(visitor.name)
    with site.reading() as log:
        latest = access.changes(log, own.reference, _SHOWN)
    done = request.query_params.get("fait", "")
    return draw(
        site,
        visitor,
        request,
        "account.html",
        status=status,
        account=own,
        done=done if done in ("password", "second", "dropped") else "",
        offered=totp.written(offered) if offered else "",
        secret=base64.b32encode(offered).decode(),
        picture=_picture(offered, visitor.name) if offered else "",
        password_trouble=password_trouble,
        second_trouble=second_trouble,
        least=passwords.SHORTEST,
        changes=[access.line_of(line, {own.reference: own.name}) for line in latest],
    )


def _picture(secret: bytes, name: str) -> str:
    """The QR code as an image in the page itself: the secret is in no address."""
    import segno

    code = segno.make(totp.address(secret, name, say("hub.name")), micro=False)
    return str(code.png_data_uri(scale=5, border=4))


PAGES = (
    Page("GET", "/compte", "account", show, SIGNED_IN, Own.NOTHING),
    Page(
        "POST",
        "/compte/mot-de-passe",
        "account",
        change_password,
        SIGNED_IN,
        Own.NOTHING,
        heavy=True,
    ),
    Page("POST", "/compte/code", "account", offer_second, SIGNED_IN, Own.NOTHING),
    Page("POST", "/compte/code/garder", "account", keep_second, SIGNED_IN, Own.NOTHING, heavy=True),
    Page("POST", "/compte/code/oter", "account", drop_second, SIGNED_IN, Own.NOTHING, heavy=True),
)
