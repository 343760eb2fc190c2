"""Addresses that are called when something of the network changes, and how far each was told.

Kept in `hub.db`: the secret is needed to sign, so who reads the file can forge a call, and nothing
else: a call only names what changed.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.hub.accounts import database
from bench.hub.accounts.book import Book
from bench.records.errors import RecordsError

MOST, MOST_URL = 20, 500
SECRET = "whsec_"  # as Standard Webhooks writes them
_COLUMNS = "reference, url, secret, told, tries, due, trouble"


class Webhook(NamedTuple):
    """`told`: the number of the last event it was told of; `due`: when it is tried again, in
    seconds; `trouble`: why the last try failed, "" where it did not."""

    reference: str
    url: str
    secret: bytes
    told: int
    tries: int
    due: float
    trouble: str


def new_reference() -> str:
    """By which an address is named, and taken away."""
    return secrets.token_hex(4)


def add(book: Book, url: str, told: int, *, reference: str = "") -> Webhook:
    """A new address, told of what comes after event `told`. Raises `RecordsError`:
    `webhook_url`, `webhook_most`."""
    if not _may_be_called(url):
        raise RecordsError("webhook_url", url=url[:100])
    made = Webhook(reference or new_reference(), url, secrets.token_bytes(32), told, 0, 0.0, "")
    with database.act(book.folder, writes=True) as db:
        ((count,),) = db.execute("SELECT count(*) FROM webhook")
        if count >= MOST:
            raise RecordsError("webhook_most", most=MOST)
        db.execute("INSERT INTO webhook VALUES (?, ?, ?, ?, ?, ?, ?)", made)
    return made


def written(secret: bytes) -> str:
    """A secret as the receiver's library takes it."""
    return SECRET + base64.b64encode(secret).decode()


def every(book: Book) -> list[Webhook]:
    """All of them."""
    with database.act(book.folder) as db:
        rows = db.execute(f"SELECT {_COLUMNS} FROM webhook ORDER BY reference").fetchall()
    return [Webhook._make(row) for row in rows]


def named(book: Book, reference: str) -> Webhook:
    """Raises `RecordsError` (`webhook_unknown`)."""
    for hook in every(book):
        if hook.reference == reference:
            return hook
    raise RecordsError("webhook_unknown", reference=reference[:40])


def remove(book: Book, reference: str) -> None:
    """Call it no more."""
    with database.act(book.folder, writes=True) as db:
        db.execute("DELETE FROM webhook WHERE reference = ?", (reference,))


def note(book: Book, hook: Webhook) -> None:
    """Keep how far it was told, and when it is due."""
    with database.act(book.folder, writes=True) as db:
        db.execute(
            "UPDATE webhook SET told = ?, tries = ?, due = ?, trouble = ? WHERE reference = ?",
            (hook.told, hook.tries, hook.due, hook.trouble, hook.reference),
        )


def _may_be_called(url: str) -> bool:
    """By TLS, or on this machine; without a name and password in it."""
    if len(url) > MOST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        told = urlsplit(url)
        host, _ = told.hostname or "", told.port
    except ValueError:
        return False
    if not host or "@" in told.netloc:
        return False
    return told.scheme == "https" or (told.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
