"""`etabli hub serve`: the site over this data folder, its pages and its intake, until stopped."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from dataclasses import dataclass
from functools import partial

from bench.errors.sentence import tell
from bench.hub import intake, serving
from bench.hub.accounts.book import Book
from bench.hub.accounts.roles import ACCOUNTS, Role
from bench.hub.pages.app import application
from bench.hub.pages.deposit import take_left_over
from bench.hub.pages.page import Site
from bench.opening.context import Context
from bench.words.catalogue import say


@dataclass(frozen=True)
class Served:
    """Where: addresses and ports; port 0 takes a free one. `intake_port` `None`: no intake."""

    host: str
    port: int
    intake_host: str
    intake_port: int | None
    quiet: bool = False
    demo: bool = False


def serve(context: Context, served: Served) -> None:
    """Until SIGTERM or SIGINT. Raises `Failure`, `RecordsError`."""
    site = site_of(context, demo=served.demo)
    taken = take_left_over(site)
    listening = serving.bound(served.host, served.port)
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(serving.stopping())
        stack.callback(listening.close)
        inside = None
        if served.intake_port is not None:
            opened = intake.opened(
                context, served.intake_host, served.intake_port, quiet=served.quiet
            )
            inside = stack.enter_context(opened)
            site.turn = inside.hub.turn  # the two import one after the other
        if taken:
            tell(say("hub.serve.taken", count=taken))
        if served.demo:
            password = demo_accounts(site)
            for account in site.accounts.all():
                tell(say("hub.serve.demo_account", name=account.name, role=_role(account.role)))
            tell(say("hub.serve.demo", password=password))
        elif not site.accounts.all():
            tell(say("hub.serve.first"))
        if inside:
            tell(say("hub.serve.intake", url=inside.url))
        port = listening.getsockname()[1]
        if not _is_here(served.host):
            tell(say("hub.serve.open"))
        tell(say("hub.serve.pages", url=f"http://{_written(served.host)}:{port}"), flush=True)
        stack.enter_context(serving.beside(inside.listener if inside else None))
        serving.serve_pages(application(site), listening, stop)


def site_of(context: Context, *, demo: bool = False) -> Site:
    """What the pages share, over a context's data folder. Raises `Failure`, `RecordsError`."""
    folder = context.data.make()
    context.open_log(record_jobs=False).store.close()  # founded, or brought up to date, once
    return Site(
        open_log=partial(context.open_log, record_jobs=False),
        folder=folder,
        accounts=Book(folder, lambda: context.clock.now().timestamp()),
        clock=context.clock,
        demo=demo,
    )


def demo_accounts(site: Site) -> str:
    """An account a role, all with one password made at this start, which is given."""
    most = {  # of each the one with the most to show
        Role.SUPERVISOR: "SELECT holder FROM machine"
        " JOIN trust ON workshop = holder AND region = 0",
        Role.PRESCRIBER: "SELECT prescriber FROM request WHERE prescriber <> ''",
        Role.DONOR: "SELECT donor FROM lot WHERE donor <> ''",
    }
    with site.reading() as log:
        rows = {
            role: log.store.query(f"{sql} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
            for role, sql in most.items()
        }
    whose = {role: found[0][0] if found else "demo" for role, found in rows.items()}
    password = secrets.token_hex(6)
    known = {account.name: account for account in site.accounts.all()}
    accounts = [
        known.get(role)
        or site.accounts.add(
            role,
            role,
            workshop=whose[role] if role is Role.SUPERVISOR else "",
            person=whose[role] if role in (Role.PRESCRIBER, Role.DONOR) else "",
        )
        for role in ACCOUNTS
    ]
    site.accounts.set_password(
        accounts[0].reference, password, *(a.reference for a in accounts[1:])
    )
    return password


def _role(role: Role) -> str:
    return say(f"hub.role.{role}")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
