"""`etabli hub account`: who may look at the pages."""

from __future__ import annotations

import argparse
import dataclasses

from bench.errors.sentence import tell, tell_json
from bench.hub.access import changes, changing, line_of
from bench.hub.accounts import tokens
from bench.hub.accounts.book import Account, Book, made
from bench.opening.context import Context
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.words.catalogue import say


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `Failure`, `RecordsError`."""
    book = Book(context.data.make(), lambda: context.clock.now().timestamp())
    acts = {"add": _add, "remove": _remove, "password": _password, "token": _token}
    log = context.open_log(record_jobs=False)
    try:
        {**acts, "history": _history}.get(arguments.act or "", _list)(log, book, arguments)
    finally:
        log.store.close()


def _add(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    shop = _workshop(log, arguments.workshop) if arguments.workshop else ""
    person = arguments.reference.strip()
    account = made(arguments.name, arguments.role, workshop=shop, person=person)
    with changing(log, account.reference, "opened", role=str(account.role), workshop=shop):
        book.keep(account)
    _tell_link(log, book, account, arguments.url)


def _list(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    accounts = book.all()
    if getattr(arguments, "json", False):
        tell_json([dataclasses.asdict(account) for account in accounts])
        return
    if not accounts:
        tell(say("hub.account.none"))
    has = tokens.counts(book)
    for account in accounts:
        of = [
            account.workshop[:8],
            account.person,
            "" if account.has_password else say("hub.account.no_password"),
            say("hub.account.tokens", count=count) if (count := has.get(account.reference)) else "",
        ]
        told = " ".join(filter(None, of))
        role = say(f"hub.role.{account.role}")
        tell(say("hub.account.line", name=account.name, role=role, of=f"({told})" if told else ""))


def _remove(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    account = book.named(arguments.name)
    with changing(log, account.reference, "removed"):
        book.remove(account.reference)
    tell(say("hub.account.removed", name=account.name))


def _password(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    _tell_link(log, book, book.named(arguments.name), arguments.url)


def _token(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    account = book.named(arguments.name)
    if arguments.revoke:
        with changing(log, account.reference, "tokens_withdrawn"):
            count = tokens.withdraw(book, account.reference)
        tell(say("hub.account.tokens_withdrawn", count=count, name=account.name))
        return
    with changing(log, account.reference, "token"):
        token = tokens.give(book, account.reference)
    tell(say("hub.account.token", name=account.name))
    tell(token)


def _history(log: Log, book: Book, arguments: argparse.Namespace) -> None:
    of = book.named(arguments.name).reference if arguments.name else ""
    lines = changes(log, of)
    if arguments.json:
        tell_json([line._asdict() for line in lines])
        return
    if not lines:
        tell(say("hub.access.none"))
    names = {account.reference: account.name for account in book.all()}
    for line in lines:
        tell(line_of(line, names, whole=True))


def _tell_link(log: Log, book: Book, account: Account, url: str) -> None:
    with changing(log, account.reference, "linked"):
        token = book.link(account.reference)
    tell(say("hub.account.link", name=account.name))
    tell(f"{url.rstrip('/')}/lien/{token}")


def _workshop(log: Log, told: str) -> str:
    """The one workshop registered here whose number begins so."""
    found = [
        shop
        for (shop,) in log.store.query("SELECT workshop FROM trust")
        if shop.startswith(told.lower())
    ]
    if len(found) != 1:
        raise RecordsError("workshop_unknown", workshop=told)
    return str(found[0])
