"""*Courriels*: of what one's own account is told by mail, and where; beside *Mon compte*."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bench.hub import access
from bench.hub.accounts import mail
from bench.hub.accounts.limits import Limit
from bench.hub.accounts.mail import Address, Mail, Server
from bench.hub.mails import notices
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import SIGNED_IN, Own, Page, Refusal, Site, Visitor, confirmed, form_of
from bench.words.catalogue import say

_ASKS, _EACH_S = 3, 1200.0  # codes that an account may have sent: an address may be anybody's


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """What is told, and why a mail did not arrive."""
    return _page(site, visitor, request)


def ask(site: Site, visitor: Visitor, request: Request) -> Response:
    """Keep what was ticked. Another address counts once its code is typed; the one before is told.
    With the password: who found a session open does not send what is told elsewhere."""
    form = form_of(request)
    confirmed(site, visitor, form.get("old", ""))
    server = mail.server(site.accounts)
    if server is None:
        return _page(site, visitor, request, 409, trouble=say("hub.mail.none"))
    told = [kind for kind in form if kind.startswith("kind-")]
    kinds = notices.offered(visitor.role, [kind.removeprefix("kind-") for kind in told])
    address = form.get("address", "").strip()
    if not mail.is_address(address) or not kinds:
        trouble = say("hub.mail.choose" if mail.is_address(address) else "hub.mail.wrong")
        return _page(site, visitor, request, 400, trouble=trouble)
    before = mail.of(site.accounts, visitor.account)
    if before and before.confirmed and before.address == address:
        said = [_changed(site, server, before)] if _is_less(before, kinds) else []
        with (
            site.log() as log,
            access.changing(log, visitor.account, "mail_on", by=visitor.account),
        ):
            mail.set_kinds(site.accounts, visitor.account, kinds, visitor.language, said)
        return to("/compte/courriel?fait=kept")
    wanted = Address(visitor.account, address, kinds, visitor.language, b"", 0.0, 0, 0.0, {}, "")
    _ask(site, server, wanted, before)
    return to("/compte/courriel?fait=asked")


def _ask(site: Site, server: Server, wanted: Address, before: Address | None) -> None:
    """Raises `Refusal`: too many codes were sent."""
    asks = site.kept.setdefault("mail_asks", Limit(_ASKS, _EACH_S))
    assert isinstance(asks, Limit)
    account = wanted.account
    if wait := asks.wait_s(account):
        raise Refusal(429, "busy", seconds=wait)
    code = mail.new_code()
    body = say("hub.mail.code_body", code=code) + f"\n{server.base}/compte/courriel\n"
    subject = say("hub.mail.code_subject")
    mails = [mail.new_mail(site.accounts, account, wanted.address, subject, body)]
    if before is None or not before.confirmed:
        mail.ask(site.accounts, wanted, code, mails)
        return
    with site.log() as log, access.changing(log, account, "mail_off", by=account):
        mail.ask(site.accounts, wanted, code, [*mails, _changed(site, server, before)])


def keep(site: Site, visitor: Visitor, request: Request) -> Response:
    """The code that was sent."""
    if wait := site.tries.of_name.wait_s(visitor.account):
        raise Refusal(429, "busy", seconds=wait)
    try:
        with (
            site.log() as log,
            access.changing(log, visitor.account, "mail_on", by=visitor.account),
        ):
            ((newest,),) = log.store.query("SELECT coalesce(max(n), 0) FROM event")
            typed = form_of(request).get("code", "")
            if not mail.confirm(site.accounts, visitor.account, typed, newest):
                raise Refusal(400, "fields")  # nothing was changed, nothing is said
    except Refusal:
        return _page(site, visitor, request, 400, trouble=say("hub.mail.code_wrong"))
    site.tries.of_name.forgive(visitor.account)
    return to("/compte/courriel?fait=kept")


def drop(site: Site, visitor: Visitor, request: Request) -> Response:
    """No more mails; the address is told once, and then is nowhere."""
    confirmed(site, visitor, form_of(request).get("old", ""))
    server, before = mail.server(site.accounts), mail.of(site.accounts, visitor.account)
    said = [_changed(site, server, before)] if server and before and before.confirmed else []
    with site.log() as log, access.changing(log, visitor.account, "mail_off", by=visitor.account):
        mail.drop(site.accounts, visitor.account, said)
    return to("/compte/courriel?fait=dropped")


def _is_less(before: Address, kinds: tuple[str, ...]) -> bool:
    """Whether the account's own safety is told no more."""
    return "security" in before.kinds and "security" not in kinds


def _changed(site: Site, server: Server, before: Address) -> Mail:
    """To the address that counted until now."""
    body = say("hub.mail.changed_body") + f"\n{server.base}/compte\n"
    told = (before.account, before.address, say("hub.mail.changed_subject"), body)
    return mail.new_mail(site.accounts, *told)


def _page(
    site: Site, visitor: Visitor, request: Request, status: int = 200, *, trouble: str = ""
) -> Response:
    known, server = mail.of(site.accounts, visitor.account), mail.server(site.accounts)
    done = request.query_params.get("fait", "")
    return draw(
        site,
        visitor,
        request,
        "mail.html",
        status=status,
        known=known,
        server=server,
        offered=notices.OFFERED.get(visitor.role, ()),
        done=done if done in ("kept", "asked", "dropped") else "",
        trouble=trouble,
    )


PAGES = (
    Page("GET", "/compte/courriel", "mail", show, SIGNED_IN, Own.NOTHING),
    Page("POST", "/compte/courriel", "mail", ask, SIGNED_IN, Own.NOTHING, heavy=True),
    Page("POST", "/compte/courriel/code", "mail", keep, SIGNED_IN, Own.NOTHING),
    Page("POST", "/compte/courriel/oter", "mail", drop, SIGNED_IN, Own.NOTHING, heavy=True),
)
