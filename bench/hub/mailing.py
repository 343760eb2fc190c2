"""Sends notices by mail: made from the record once an hour at most for an account, kept on the disk
until the mail server took them, tried again for three days. A thread of its own: no page and no
bag waits for a mail server.
"""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Iterator

from bench.hub.accounts import mail
from bench.hub.accounts.book import Account
from bench.hub.accounts.mail import Address, Server
from bench.hub.mails import delivery, letters, notices
from bench.hub.pages.page import Site

LOOK_S = 10.0
_AT_ONCE = 20  # by one line
_STOP_S = 2.0  # what is under way at a stop is sent again, perhaps; nothing is lost


class Mailing:
    """Of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._failed = False

    def run(self, over: threading.Event) -> None:
        """Until it is over; what fails of ours is said once, and tried again."""
        while not over.wait(LOOK_S):
            try:
                self.look()
                self._failed = False
            except Exception as error:  # noqa: BLE001 - a fault here ends no hub
                if not self._failed:
                    traceback.print_exception(error)
                self._failed = True

    def look(self) -> None:
        """Write what is new, then hand over what waits. Raises `RecordsError` (`store_*`)."""
        book = self._site.accounts
        server = mail.server(book)
        if server is None:
            return
        due = mail.due(book)
        if due:
            known = {account.reference: account for account in book.all()}
            for address in due:
                if account := known.get(address.account):
                    self._write(server, account, address)
        self._send(server)

    def _write(self, server: Server, account: Account, address: Address) -> None:
        site = self._site
        with site.reading() as log:
            now, late_days = site.clock.now(), server.late_days
            news = notices.since(log, account, address, now=now, late_days=late_days)
        made = letters.letter(server, address, news, site.accounts) if news.notices else None
        wait = mail.EACH_S if made else mail.LOOK_S
        due = site.accounts.now_s() + wait
        kept = address._replace(told=news.told, standing=news.standing, due=due)
        mail.looked(site.accounts, kept, made)

    def _send(self, server: Server) -> None:
        book = self._site.accounts
        batch = mail.waiting(book, _AT_ONCE)
        if not batch:
            return
        outcomes = delivery.deliver(server, batch, self._site.clock.now())
        for sent, outcome in zip(batch, outcomes, strict=True):
            if outcome.trouble:
                mail.failed(book, sent, outcome.trouble, final=outcome.final)
            else:
                mail.arrived(book, sent)


@contextlib.contextmanager
def mailing(site: Site) -> Iterator[None]:
    """In a thread of its own while the block lasts."""
    over = threading.Event()
    thread = threading.Thread(target=Mailing(site).run, args=(over,), name="mails", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_STOP_S)
