"""`etabli hub mail`: by which server notices go."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.hub.access import changing
from bench.hub.accounts import mail
from bench.hub.accounts.book import Book
from bench.hub.accounts.mail import Server
from bench.hub.mails import delivery
from bench.opening.context import Context
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.words.catalogue import say

_OF = "mail"  # what the record calls it


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `Failure`, `RecordsError`."""
    book = Book(context.data.make(), lambda: context.clock.now().timestamp())
    acts = {"set": _set, "off": _off, "test": _test}
    acts.get(arguments.act or "", _show)(context, book, arguments)


def _set(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    file = str(arguments.password_file.expanduser().absolute()) if arguments.password_file else ""
    wanted = Server(
        arguments.host,
        arguments.port,
        arguments.security,
        arguments.user,
        file,
        arguments.sender,
        arguments.url,
        arguments.late_days,
    )
    new = mail.checked(wanted)
    delivery.password_of(new)
    with _log(context) as log, changing(log, _OF, "mail_server"):
        mail.set_server(book, new, _newest(log))
    tell(say("hub.mail.set", host=new.host, port=new.port))


def _off(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    with _log(context) as log, changing(log, _OF, "mail_server"):
        mail.set_server(book, None, _newest(log))
    tell(say("hub.mail.unset"))


def _test(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    server = mail.server(book)
    if server is None:
        raise RecordsError("mail_unset")
    if not mail.is_address(arguments.address):
        raise RecordsError("mail_address", address=arguments.address[:100])
    told = mail.new_mail(
        book, "", arguments.address, say("hub.mail.test_subject"), say("hub.mail.test_body") + "\n"
    )
    (outcome,) = delivery.deliver(server, [told], context.clock.now())
    if outcome.trouble:
        raise Failure("hub.mail.test_failed", Exit.MACHINE, why=outcome.trouble)
    tell(say("hub.mail.tested", address=arguments.address))


def _show(context: Context, book: Book, arguments: argparse.Namespace) -> None:
    """The setting, and the addresses that mails did not reach; the password is in neither."""
    server = mail.server(book)
    names = {account.reference: account.name for account in book.all()}
    troubled = [each for each in mail.every(book) if each.trouble]
    if getattr(arguments, "json", False):
        failed = [{"account": names[each.account], "trouble": each.trouble} for each in troubled]
        told = server._asdict() if server else None
        tell_json({"server": told, "waiting": mail.counts(book), "failed": failed})
        return
    if server is None:
        tell(say("hub.mail.none"))
        return
    line = {"host": server.host, "port": server.port, "security": server.security}
    tell(say("hub.mail.line", **line, sender=server.sender, base=server.base))
    tell(say("hub.mail.waiting", count=mail.counts(book)))
    for each in troubled:
        tell(say("hub.mail.troubled", name=names[each.account], why=each.trouble))


def _newest(log: Log) -> int:
    ((newest,),) = log.store.query("SELECT coalesce(max(n), 0) FROM event")
    return int(newest)


@contextlib.contextmanager
def _log(context: Context) -> Iterator[Log]:
    log = context.open_log(record_jobs=False)
    try:
        yield log
    finally:
        log.store.close()
