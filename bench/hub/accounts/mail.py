"""Notices by mail: by which server they go, to which address of an account, and what waits.

Kept in `hub.db`. An address counts once somebody typed the code that was sent to it. What waits is
bounded: a new mail to an account is made when the one before is gone. The password of the mail
server is not here: it lies in a file of its own.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from bench.hub.accounts import database
from bench.hub.accounts.book import Book, secret_hash
from bench.records.errors import RecordsError

SECURITIES = ("starttls", "tls", "none")  # none: to a server of this machine alone
MOST_ADDRESS, MOST_BASE = 254, 200  # characters
CODE_S = 24 * 3600.0  # a code that was sent holds so long
EACH_S, LOOK_S = 3600.0, 300.0  # between two mails to one account; between two looks for news
LONGEST_S, GIVEN_UP_S = 3600.0, 3 * 24 * 3600.0
AGAIN_S = 60.0  # after the first failure
_TRIES = 5  # of a code
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


class Server(NamedTuple):
    """`base`: where the pages are, as people type it; `late_days`: after so many days without a
    bag a workshop is late; `password_file`: "" where the server asks for none."""

    host: str
    port: int
    security: str
    user: str
    password_file: str
    sender: str
    base: str
    late_days: int


class Address(NamedTuple):
    """`code`: hash of one that waits, b"" once it is confirmed; `told`: the number of the last
    event that was looked at; `due`: when it is looked again; `standing`: what was told and still
    stands; `trouble`: why the last mail did not arrive, "" where it did."""

    account: str
    address: str
    kinds: tuple[str, ...]
    language: str
    code: bytes
    until: float
    told: int
    due: float
    standing: dict[str, dict[str, int]]
    trouble: str

    @property
    def confirmed(self) -> bool:
        return not self.code and self.until == 0


class Mail(NamedTuple):
    """One that waits. `made`, `due`: seconds; `trouble`: why the last try failed."""

    reference: str
    account: str
    address: str
    subject: str
    body: str
    made: float
    tries: int
    due: float
    trouble: str


def is_address(text: str) -> bool:
    """Whether mail can go there: plain ASCII, one line, no name, nothing quoted."""
    local, _, _ = text.partition("@")
    return len(text) <= MOST_ADDRESS and len(local) <= 64 and bool(_ADDRESS.fullmatch(text))


# -- the server --------------------------------------------------------------------


def checked(server: Server) -> Server:
    """A setting that can be used. Raises `RecordsError`: `mail_host`, `mail_security`,
    `mail_address`, `mail_base`, `mail_user`, `mail_days`."""
    host = bool(re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", server.host))
    if not host or not 0 < server.port < 65536:
        raise RecordsError("mail_host", host=server.host[:100], port=server.port)
    if server.security not in SECURITIES or (
        server.security == "none" and not _is_here(server.host)
    ):
        raise RecordsError("mail_security", security=server.security[:20])
    if not is_address(server.sender):
        raise RecordsError("mail_address", address=server.sender[:100])
    if bool(server.user) != bool(server.password_file) or not server.user.isprintable():
        raise RecordsError("mail_user")
    if not 1 <= server.late_days <= 366:
        raise RecordsError("mail_days", days=server.late_days)
    return server._replace(base=_base(server.base))


def _base(told: str) -> str:
    """Raises `RecordsError` (`mail_base`)."""
    wrong = RecordsError("mail_base", url=told[:100])
    try:
        parts = urlsplit(told)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    whole = told.isascii() and told.isprintable() and len(told) <= MOST_BASE and " " not in told
    plain = host and parts.path in ("", "/") and not (parts.query or parts.fragment)
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))
    if not whole or not plain or not safe or "@" in parts.netloc:
        raise wrong
    return f"{parts.scheme}://{parts.netloc}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def server(book: Book) -> Server | None:
    """`None`: nobody set one, nothing is sent."""
    with database.act(book.folder) as db:
        row = db.execute("SELECT * FROM mail_server").fetchone()
    return Server._make(row) if row else None


def set_server(book: Book, new: Server | None, newest: int) -> None:
    """By it from now on; `None`: by none. What happened without a server (up to event `newest`)
    is told to nobody."""
    with database.act(book.folder, writes=True) as db:
        known = db.execute("SELECT 1 FROM mail_server").fetchone()
        db.execute("DELETE FROM mail_server")
        if new is None:
            db.execute("DELETE FROM mail")
            return
        db.execute("INSERT INTO mail_server VALUES (?, ?, ?, ?, ?, ?, ?, ?)", new)
        if not known:
            db.execute("UPDATE mail_address SET told = ?", (newest,))


# -- addresses of accounts -----------------------------------------------------------


def of(book: Book, account: str) -> Address | None:
    """The address of an account."""
    return next(iter(_addresses(book, "account = ?", account)), None)


def every(book: Book) -> list[Address]:
    """All of them, for who looks after the hub."""
    return _addresses(book, "1 = 1")


def due(book: Book) -> list[Address]:
    """Those that were confirmed, are to be looked at now, and have no mail that waits."""
    now = book.now_s()
    where = (
        "code = x'' AND until = 0 AND (due <= ? OR due > ?)"
        " AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.account = mail_address.account)"
    )
    return _addresses(book, where, now, now + EACH_S)  # or the clock was put back


def _addresses(book: Book, where: str, *values: object) -> list[Address]:
    with database.act(book.folder) as db:
        rows = db.execute(f"SELECT * FROM mail_address WHERE {where} ORDER BY account", values)
        found = [Address._make(row) for row in rows.fetchall()]
    return [
        each._replace(
            kinds=tuple(filter(None, str(each.kinds).split(" "))),
            standing=msgspec.json.decode(str(each.standing), type=dict[str, dict[str, int]]),
        )
        for each in found
    ]


def new_code() -> str:
    """To be typed by who reads mail at an address."""
    return f"{secrets.randbelow(10**8):08}"


def ask(book: Book, wanted: Address, code: str, mails: Iterable[Mail]) -> None:
    """An address that counts once the code is typed; another of the account does no more."""
    with database.act(book.folder, writes=True) as db:
        db.execute("DELETE FROM mail_address WHERE account = ?", (wanted.account,))
        db.execute("DELETE FROM mail WHERE account = ?", (wanted.account,))
        until = book.now_s() + CODE_S
        _insert(db, wanted._replace(code=secret_hash(code) + bytes([_TRIES]), until=until))
        for mail in mails:
            _queue(db, mail)


def confirm(book: Book, account: str, typed: str, newest: int) -> bool:
    """Whether this is the code; from then on it is told of what comes after event `newest`. Five
    tries, a day."""
    with database.act(book.folder, writes=True) as db:
        row = db.execute(
            "SELECT code, until FROM mail_address WHERE account = ?", (account,)
        ).fetchone()
        if row is None or len(row[0]) != 33 or row[1] < book.now_s() or not row[0][32]:
            return False
        if not secrets.compare_digest(row[0][:32], secret_hash("".join(typed.split()))):
            left = row[0][:32] + bytes([row[0][32] - 1])
            db.execute("UPDATE mail_address SET code = ? WHERE account = ?", (left, account))
            return False
        db.execute(
            "UPDATE mail_address SET code = x'', until = 0, told = ?, due = 0 WHERE account = ?",
            (newest, account),
        )
    return True


def set_kinds(
    book: Book, account: str, kinds: Iterable[str], language: str, mails: Iterable[Mail] = ()
) -> None:
    """Of what it is told, and in which language; these mails go with it."""
    with database.act(book.folder, writes=True) as db:
        db.execute(
            "UPDATE mail_address SET kinds = ?, language = ? WHERE account = ?",
            (" ".join(kinds), language, account),
        )
        for mail in mails:
            _queue(db, mail)


def drop(book: Book, account: str, mails: Iterable[Mail] = ()) -> None:
    """No more mails to it, but these; nothing of the address stays in the file once they went."""
    with database.act(book.folder, writes=True) as db:
        db.execute("DELETE FROM mail_address WHERE account = ?", (account,))
        db.execute("DELETE FROM mail WHERE account = ?", (account,))
        for mail in mails:
            _queue(db, mail)
    database.scrub(book.folder)


# -- what waits -----------------------------------------------------------------------


def new_mail(book: Book, account: str, address: str, subject: str, body: str) -> Mail:
    """One that is due at once, not kept yet."""
    now = book.now_s()
    return Mail(secrets.token_hex(16), account, address, subject, body, now, 0, now, "")


def looked(book: Book, address: Address, mail: Mail | None) -> None:
    """Keep how far an account was told, with the mail that tells it: both or neither."""
    with database.act(book.folder, writes=True) as db:
        told = db.execute(
            "UPDATE mail_address SET told = ?, due = ?, standing = ?"
            " WHERE account = ? AND address = ? AND code = x''",
            (
                *(address.told, address.due, msgspec.json.encode(address.standing).decode()),
                *(address.account, address.address),
            ),
        )
        if mail is not None and told.rowcount:  # else it was changed meanwhile
            _queue(db, mail)


def waiting(book: Book, most: int) -> list[Mail]:
    """What is due, the longest waiting first."""
    now = book.now_s()
    with database.act(book.folder) as db:
        rows = db.execute(
            "SELECT * FROM mail WHERE due <= ? OR due > ? ORDER BY due, reference LIMIT ?",
            (now, now + LONGEST_S, most),
        ).fetchall()
    return [Mail._make(row) for row in rows]


def troubled(book: Book) -> list[Mail]:
    """What was tried in vain and waits to be tried again."""
    with database.act(book.folder) as db:
        rows = db.execute("SELECT * FROM mail WHERE trouble <> '' ORDER BY reference").fetchall()
    return [Mail._make(row) for row in rows]


def counts(book: Book) -> int:
    """How many wait."""
    with database.act(book.folder) as db:
        ((count,),) = db.execute("SELECT count(*) FROM mail")
    return int(count)


def arrived(book: Book, mail: Mail) -> None:
    """The server took it."""
    _gone(book, mail, "")


def failed(book: Book, mail: Mail, trouble: str, *, final: bool) -> None:
    """It did not: again later, twice as long each time; for three days, unless it is final."""
    now = book.now_s()
    if final or not mail.made <= now <= mail.made + GIVEN_UP_S:
        _gone(book, mail, trouble)
        return
    wait = min(AGAIN_S * 2**mail.tries, LONGEST_S)
    with database.act(book.folder, writes=True) as db:
        db.execute(
            "UPDATE mail SET tries = ?, due = ?, trouble = ? WHERE reference = ?",
            (min(mail.tries + 1, 20), now + wait, trouble, mail.reference),
        )


def _gone(book: Book, mail: Mail, trouble: str) -> None:
    with database.act(book.folder, writes=True) as db:
        db.execute("DELETE FROM mail WHERE reference = ?", (mail.reference,))
        db.execute(
            "UPDATE mail_address SET trouble = ? WHERE account = ? AND address = ?",
            (trouble, mail.account, mail.address),
        )


def _insert(db: sqlite3.Connection, told: Address) -> None:
    kept = (
        *(told.account, told.address, " ".join(told.kinds), told.language, told.code, told.until),
        *(told.told, told.due, msgspec.json.encode(told.standing).decode(), told.trouble),
    )
    db.execute("INSERT INTO mail_address VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)


def _queue(db: sqlite3.Connection, mail: Mail) -> None:
    db.execute("INSERT INTO mail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", mail)
