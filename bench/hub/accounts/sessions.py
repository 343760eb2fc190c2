"""Open sessions: a random secret in a cookie, its hash here, an end however it is used."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from bench.hub.accounts import database
from bench.hub.accounts.book import Account, Book, read, secret_hash

IDLE_S = 2 * 3600  # without a page
LONGEST_S = 12 * 3600  # a working day
_WRITE_S = 60  # `seen` is written this often at most: a read must not cost a write


def new_secret() -> str:
    """256 bits from the kernel, for a cookie."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """What a form of this session carries: nobody can make it who cannot read the cookie."""
    return hmac.new(secret.encode("utf-8", "replace"), b"etabli form", hashlib.sha256).hexdigest()


def form_fits(secret: str, token: str) -> bool:
    """Whether a form was drawn for this session."""
    return bool(secret) and hmac.compare_digest(
        form_token(secret).encode(), token.encode("utf-8", "replace")
    )


def begin(book: Book, account: str) -> str:
    """A session under a new secret, which is given: never one that somebody came with."""
    token, now = new_secret(), book.now_s()
    with database.act(book.folder, writes=True) as db:
        db.execute(
            "DELETE FROM session WHERE seen < ? OR begun < ?", (now - IDLE_S, now - LONGEST_S)
        )
        db.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?)", (secret_hash(token), account, now, now)
        )
    return token


def end(book: Book, secret: str) -> None:
    """Sign out."""
    with database.act(book.folder, writes=True) as db:
        db.execute("DELETE FROM session WHERE hash = ?", (secret_hash(secret),))


def whose(book: Book, secret: str) -> Account | None:
    """Whose session this is, while it holds; a look keeps it open."""
    if not secret:
        return None
    name, now = secret_hash(secret), book.now_s()
    with database.act(book.folder) as db:
        row = db.execute(
            "SELECT a.reference, name, role, workshop, person, password <> '', totp <> x'', seen"
            " FROM session JOIN account AS a ON a.reference = session.account"
            " WHERE hash = ? AND seen > ? AND begun > ?",
            (name, now - IDLE_S, now - LONGEST_S),
        ).fetchone()
    if row is None:
        return None
    if now - row[-1] > _WRITE_S:
        with database.act(book.folder, writes=True) as db:
            db.execute("UPDATE session SET seen = ? WHERE hash = ?", (now, name))
    return read(row[:-1])
