"""A mail as somebody reads it: what is new, in the account's language, each with its page."""

from __future__ import annotations

from bench.hub.accounts import mail
from bench.hub.accounts.book import Book
from bench.hub.accounts.mail import Address, Mail, Server
from bench.hub.mails.notices import WHERE, News, Notice
from bench.words.catalogue import asked_in, say


def letter(server: Server, address: Address, news: News, book: Book) -> Mail:
    """Due at once, not kept yet."""
    with asked_in(address.language):
        days = server.late_days
        lines = [line for notice in news.notices for line in _lines(server, notice, days)]
        body = "\n".join(
            [say("hub.mail.hello"), "", *lines, "--", say("hub.mail.stop"), f"{server.base}/compte"]
        )
        return mail.new_mail(
            book, address.account, address.address, say("hub.mail.subject"), body + "\n"
        )


def _lines(server: Server, notice: Notice, days: int) -> list[str]:
    said = say(f"hub.mail.notice.{notice.kind}", count=notice.many, days=days)
    changes = [f"  - {say(f'hub.access.{change}')}" for change in dict.fromkeys(notice.changes)]
    return [said, *changes, f"  {server.base}{WHERE[notice.kind]}", ""]
