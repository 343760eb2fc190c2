"""`etabli hub account`: who may look at the pages."""

from __future__ import annotations

import argparse
import dataclasses

from bench.errors.sentence import tell, tell_json
from bench.hub.accounts import tokens
from bench.hub.accounts.book import Account, Book
from bench.opening.context import Context
from bench.records.errors import RecordsError
from bench.words.catalogue import say


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `Failure`, `RecordsError`."""
    book = Book(context.data.make(), lambda: context.clock.now().timestamp())
    acts = {"add": _add, "remove": _remove, "password": _password, "token": _token}
    acts.get(arguments.act or "", _list)(context, book, arguments)


def _add(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    shop = _workshop(context, arguments.workshop) if arguments.workshop else ""
    account = book.add(
        arguments.name, arguments.role, workshop=shop, person=arguments.reference.strip()
    )
    _tell_link(book, account, arguments.url)


def _list(context: Context, book: Book, arguments: argparse.Namespace) -> None:
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


def _remove(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    account = book.named(arguments.name)
    book.remove(account.reference)
    tell(say("hub.account.removed", name=account.name))


def _password(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    _tell_link(book, book.named(arguments.name), arguments.url)


def _token(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    account = book.named(arguments.name)
    if arguments.revoke:
        count = tokens.withdraw(book, account.reference)
        tell(say("hub.account.tokens_withdrawn", count=count, name=account.name))
        return
    tell(say("hub.account.token", name=account.name))
    tell(tokens.give(book, account.reference))


def _tell_link(book: Book, account: Account, url: str) -> None:
    token = book.link(account.reference)
    tell(say("hub.account.link", name=account.name))
    tell(f"{url.rstrip('/')}/lien/{token}")


def _workshop(context: Context, told: str) -> str:
    """The one workshop registered here whose number begins so."""
    log = context.open_log(record_jobs=False)
    try:
        found = [
            shop
            for (shop,) in log.store.query("SELECT workshop FROM trust")
            if shop.startswith(told.lower())
        ]
    finally:
        log.store.close()
    if len(found) != 1:
        raise RecordsError("workshop_unknown", workshop=told)
    return str(found[0])
