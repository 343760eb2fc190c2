"""Secrets by which a program asks in the name of an account: random, shown once, kept as hashes."""

from __future__ import annotations

import re
import secrets

from bench.hub.accounts import database
from bench.hub.accounts.book import Account, Book, read, secret_hash

PREFIX = "etabli_"  # so that one left in a text is recognised for what it is
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def give(book: Book, account: str) -> str:
    """A new token of an account (its reference), with all that the account may."""
    token = PREFIX + secrets.token_urlsafe(32)
    with database.act(book.folder, writes=True) as db:
        told = (secret_hash(token), account, book.now_s())
        db.execute("INSERT INTO token VALUES (?, ?, ?)", told)
    return token


def whose(book: Book, token: str) -> Account | None:
    """The account of a token; `None` where it is none, or was withdrawn."""
    if not _TOKEN.fullmatch(token):
        return None
    with database.act(book.folder) as db:
        row = db.execute(
            "SELECT a.reference, name, role, workshop, person, password <> '', totp <> x''"
            " FROM token JOIN account AS a ON a.reference = token.account WHERE hash = ?",
            (secret_hash(token),),
        ).fetchone()
    return read(row) if row else None


def withdraw(book: Book, account: str) -> int:
    """All tokens of an account open nothing any more; gives how many there were."""
    with database.act(book.folder, writes=True) as db:
        return db.execute("DELETE FROM token WHERE account = ?", (account,)).rowcount


def counts(book: Book) -> dict[str, int]:
    """How many tokens each account has, by its reference."""
    with database.act(book.folder) as db:
        return dict(db.execute("SELECT account, count(*) FROM token GROUP BY account").fetchall())
