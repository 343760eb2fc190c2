"""`etabli hub webhook`: the addresses that are called when something of the network changes."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from bench.errors.sentence import tell, tell_json
from bench.hub.access import changing
from bench.hub.accounts import webhooks
from bench.hub.accounts.book import Book
from bench.opening.context import Context
from bench.records.log import Log
from bench.words.catalogue import say

_TOLD = ("reference", "url", "told", "tries", "trouble")  # never the secret


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `Failure`, `RecordsError`."""
    book = Book(context.data.make(), lambda: context.clock.now().timestamp())
    if arguments.act == "add":
        new = webhooks.new_reference()
        with _log(context) as log, changing(log, new, "webhook_added"):
            ((newest,),) = log.store.query("SELECT coalesce(max(n), 0) FROM event")
            made = webhooks.add(book, arguments.url, newest, reference=new)
        tell(say("hub.webhook.secret", reference=made.reference))
        tell(webhooks.written(made.secret))
        return
    if arguments.act == "remove":
        hook = webhooks.named(book, arguments.reference)
        with _log(context) as log, changing(log, hook.reference, "webhook_removed"):
            webhooks.remove(book, hook.reference)
        tell(say("hub.webhook.removed", reference=arguments.reference))
        return
    found = webhooks.every(book)
    if getattr(arguments, "json", False):
        tell_json([{name: getattr(each, name) for name in _TOLD} for each in found])
        return
    if not found:
        tell(say("hub.webhook.none"))
    for hook in found:
        trouble = say("hub.webhook.trouble", why=hook.trouble) if hook.trouble else ""
        tell(f"{hook.reference} {hook.url} {trouble}".rstrip())


@contextlib.contextmanager
def _log(context: Context) -> Iterator[Log]:
    log = context.open_log(record_jobs=False)
    try:
        yield log
    finally:
        log.store.close()
