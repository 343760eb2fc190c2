"""`etabli hub serve`: the site over this data folder, its pages and its intake, until stopped."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.errors.sentence import tell
from bench.hub import intake, serving
from bench.hub.accounts.book import Book
from bench.hub.accounts.roles import ACCOUNTS, Role
from bench.hub.api.app import whole
from bench.hub.calling import calling
from bench.hub.mailing import mailing
from bench.hub.pages import members, stock
from bench.hub.pages.deposit import take_left_over
from bench.hub.pages.page import Site
from bench.hub.served import served
from bench.hub.watching import watched
from bench.opening.context import Context
from bench.words.catalogue import say


@dataclass(frozen=True)
class Where:
    """Where: addresses and ports; port 0 takes a free one. `intake_port` `None`: no intake.
    `carried_port`: for what a web server of this machine brings. `watch`: a folder where bags are
    put."""

    host: str
    port: int
    intake_host: str
    intake_port: int | None
    quiet: bool = False
    demo: bool = False
    watch: Path | None = None
    carried_port: int | None = None


def serve(context: Context, where: Where) -> None:
    """Until SIGTERM or SIGINT. Raises `Failure`, `RecordsError`."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(served(context.data.make()))
        site = site_of(context, demo=where.demo)
        stack.callback(site.opened.close)
        taken = take_left_over(site)
        listening = serving.bound(where.host, where.port)
        stop = stack.enter_context(serving.stopping())
        stack.callback(listening.close)
        inside = None
        if where.intake_port is not None:
            at = (where.intake_host, where.intake_port)
            opened = intake.opened(context, *at, quiet=where.quiet, carried_port=where.carried_port)
            inside = stack.enter_context(opened)
            site.turn = inside.hub.turn  # the two import one after the other
        if taken:
            tell(say("hub.serve.taken", count=taken))
        if where.demo:
            password = demo_accounts(site)
            for account in site.accounts.all():
                tell(say("hub.serve.demo_account", name=account.name, role=_role(account.role)))
            tell(say("hub.serve.demo", password=password))
        elif not site.accounts.all():
            tell(say("hub.serve.first"))
        if inside:
            tell(say("hub.serve.intake", url=inside.url))
        port = listening.getsockname()[1]
        if not _is_here(where.host):
            tell(say("hub.serve.open"))
        tell(say("hub.serve.pages", url=f"http://{_written(where.host)}:{port}"), flush=True)
        members.lines(site), stock.counts(site)  # of a large network they take a second, once
        told = inside.hub.told if inside else None
        stack.enter_context(watched(site, where.watch, told))
        stack.enter_context(calling(site))
        stack.enter_context(mailing(site))
        stack.enter_context(intake.beside(inside.listener if inside else None))
        stack.enter_context(intake.beside(inside.carried if inside else None))
        serving.serve_pages(whole(site), listening, stop)


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
