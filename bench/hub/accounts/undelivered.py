"""What the hub wants to say to somebody and cannot: mails, and calls of other programs."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.hub.accounts import mail, webhooks
from bench.hub.accounts.book import Book

_PATIENCE_S = 3600.0  # a mail server may be away for so long
_MOST_SAID = 120  # characters
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
_TRIES = 3  # of a call; each waits twice as long as the one before


class Undelivered(NamedTuple):
    """`kind`: mail, call; `name`: of the account, or of the machine that is called, never an
    address; `why`: as the other side said it."""

    kind: str
    name: str
    why: str


def quoted(said: str) -> str:
    """What another machine answered, as it may be shown: one line, without addresses. Mail servers
    repeat whose mail they refuse, and who looks after the hub reads it."""
    line = "".join(sign if sign.isprintable() else " " for sign in said)
    return _ADDRESS.sub("…", line)[:_MOST_SAID]


def undelivered(book: Book) -> list[Undelivered]:
    """What somebody should look at, mails first, by name."""
    names = {account.reference: account.name for account in book.all()}
    why = {each.account: each.trouble for each in mail.every(book) if each.trouble}
    late = book.now_s() - _PATIENCE_S
    why |= {each.account: each.trouble for each in mail.troubled(book) if each.made < late}
    told = [Undelivered("mail", names[of], said) for of, said in why.items() if of in names]
    hooks = [each for each in webhooks.every(book) if each.tries >= _TRIES and each.trouble]
    calls = [Undelivered("call", urlsplit(each.url).hostname or "", each.trouble) for each in hooks]
    return sorted(told) + sorted(calls)
