"""`etabli hub webhook`: the addresses that are called when something of the network changes."""

from __future__ import annotations

import argparse

from bench.errors.sentence import tell, tell_json
from bench.hub.accounts import webhooks
from bench.hub.accounts.book import Book
from bench.opening.context import Context
from bench.words.catalogue import say

_TOLD = ("reference", "url", "told", "tries", "trouble")  # never the secret


def keep(context: Context, arguments: argparse.Namespace) -> None:
    """Does what is asked. Raises `Failure`, `RecordsError`."""
    book = Book(context.data.make(), lambda: context.clock.now().timestamp())
    if arguments.act == "add":
        log = context.open_log(record_jobs=False)
        try:
            ((newest,),) = log.store.query("SELECT coalesce(max(n), 0) FROM event")
        finally:
            log.store.close()
        made = webhooks.add(book, arguments.url, newest)
        tell(say("hub.webhook.secret", reference=made.reference))
        tell(webhooks.written(made.secret))
        return
    if arguments.act == "remove":
        webhooks.remove(book, arguments.reference)
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
