"""The accounts: made, listed, removed; signed in by password, second factor and link."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.hub.accounts import database, passwords, totp
from bench.hub.accounts.roles import ACCOUNTS, Role
from bench.records.errors import RecordsError

LINK_S = 48 * 3600
MOST_NAME = 80  # characters
_COLUMNS = "reference, name, role, workshop, person, password <> '', totp <> x''"


@dataclass(frozen=True)
class Account:
    """An account as it is read. `workshop`: of a supervisor; `person`: the reference that a
    prescriber or a donor has in the record."""

    reference: str
    name: str
    role: Role
    workshop: str = ""
    person: str = ""
    has_password: bool = False
    has_totp: bool = False


def read(row: tuple[str, str, str, str, str, int, int]) -> Account:
    reference, name, role, workshop, person, password, second = row
    return Account(reference, name, Role(role), workshop, person, bool(password), bool(second))


def secret_hash(token: str) -> bytes:
    """How a random secret of ours is kept: who reads the file cannot use it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def made(name: str, role: str, *, workshop: str = "", person: str = "") -> Account:
    """An account that is nowhere yet, under a random reference. Raises `RecordsError`:
    `account_name`, `account_role`, `account_workshop`, `account_person`."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise RecordsError("account_name", most=MOST_NAME)
    if role not in ACCOUNTS:
        raise RecordsError("account_role", role=role, roles=", ".join(ACCOUNTS))
    if bool(workshop) != (role == Role.SUPERVISOR):
        raise RecordsError("account_workshop")
    if bool(person) != (role in (Role.PRESCRIBER, Role.DONOR)):
        raise RecordsError("account_person")
    return Account(secrets.token_hex(8), name, Role(role), workshop, person)


class Book:
    """All accounts of a hub. Each call opens the file for itself: any thread may ask.

    Every method raises `RecordsError` (`store_*`) where the file fails.
    """

    def __init__(self, folder: Path, now_s: Callable[[], float]) -> None:
        self.folder, self.now_s = folder, now_s
        database.prepare(folder)

    def add(self, name: str, role: str, *, workshop: str = "", person: str = "") -> Account:
        """Make an account and keep it. Raises `RecordsError`, as `made` and `keep` do."""
        account = made(name, role, workshop=workshop, person=person)
        self.keep(account)
        return account

    def keep(self, account: Account) -> None:
        """A new one, without a password. Raises `RecordsError` (`account_exists`)."""
        who = (account.reference, account.name, folded(account.name), str(account.role))
        told = (*who, account.workshop, account.person, self.now_s())
        try:
            with database.act(self.folder, writes=True) as db:
                db.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, '', x'', 0, ?)", told)
        except RecordsError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                raise RecordsError("account_exists", name=account.name) from error
            raise

    def all(self) -> list[Account]:
        """By name."""
        with database.act(self.folder) as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM account ORDER BY folded").fetchall()
        return [read(row) for row in rows]

    def named(self, name: str) -> Account:
        """Raises `RecordsError` (`account_unknown`)."""
        with database.act(self.folder) as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM account WHERE folded = ?", (folded(name),)
            ).fetchone()
        if row is None:
            raise RecordsError("account_unknown", name=name)
        return read(row)

    def remove(self, reference: str) -> None:
        """With its sessions and links; nothing of it stays in the file."""
        with database.act(self.folder, writes=True) as db:
            db.execute("DELETE FROM account WHERE reference = ?", (reference,))
        database.scrub(self.folder)

    # -- passwords ------------------------------------------------------------

    def signed(self, name: str, password: str, typed: str) -> Account | None:
        """Who this is; `None` where name, password or code is wrong: which of them is not said."""
        with database.act(self.folder) as db:
            row = db.execute(
                f"SELECT {_COLUMNS}, password FROM account WHERE folded = ?", (folded(name),)
            ).fetchone()
        right = passwords.fits(row[-1] if row else "", password)
        if row is None or not right:
            return None
        account = read(row[:-1])
        return account if not account.has_totp or self._second(account, typed) else None

    def confirms(self, account: str, password: str) -> bool:
        """Whether this is the password of an account: asked again before it changes."""
        with database.act(self.folder) as db:
            row = db.execute(
                "SELECT password FROM account WHERE reference = ?", (account,)
            ).fetchone()
        return passwords.fits(row[0] if row else "", password)

    def set_password(self, account: str, password: str, *others: str) -> None:
        """A new password, of several accounts perhaps; their sessions and links end."""
        kept = passwords.hashed(password)
        with database.act(self.folder, writes=True) as db:
            for each in (account, *others):
                db.execute("UPDATE account SET password = ? WHERE reference = ?", (kept, each))
                db.execute("DELETE FROM session WHERE account = ?", (each,))
                db.execute("DELETE FROM link WHERE account = ?", (each,))

    # -- links ----------------------------------------------------------------

    def link(self, account: str) -> str:
        """The secret of a link by which the person chooses a password, once, within 48 hours.

        An earlier one, the second factor, every session and token end: whoever asks for it lost
        something.
        """
        token = secrets.token_urlsafe(32)
        with database.act(self.folder, writes=True) as db:
            db.execute("DELETE FROM link WHERE account = ?", (account,))
            db.execute("DELETE FROM session WHERE account = ?", (account,))
            db.execute("DELETE FROM token WHERE account = ?", (account,))
            db.execute("UPDATE account SET totp = x'' WHERE reference = ?", (account,))
            db.execute(
                "INSERT INTO link VALUES (?, ?, ?)",
                (secret_hash(token), account, self.now_s() + LINK_S),
            )
        return token

    def of_link(self, token: str) -> Account | None:
        """Whose link this is, while it holds."""
        with database.act(self.folder) as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM account JOIN link ON link.account = reference"
                " WHERE link.hash = ? AND link.until > ?",
                (secret_hash(token), self.now_s()),
            ).fetchone()
        return read(row) if row else None

    # -- second factor --------------------------------------------------------

    def set_totp(self, account: str, secret: bytes, typed: str) -> bool:
        """Ask for a code from now on, once one was typed that fits. b"": no more."""
        step = totp.step_of(secret, typed, self.now_s(), 0) if secret else 0
        if step is None:
            return False
        with database.act(self.folder, writes=True) as db:
            db.execute(
                "UPDATE account SET totp = ?, totp_step = ? WHERE reference = ?",
                (secret, step, account),
            )
        return True

    def _second(self, account: Account, typed: str) -> bool:
        """Takes a code, once: two at the same moment do not both get in."""
        with database.act(self.folder, writes=True) as db:
            secret, last = db.execute(
                "SELECT totp, totp_step FROM account WHERE reference = ?", (account.reference,)
            ).fetchone()
            step = totp.step_of(secret, typed, self.now_s(), last)
            if step is not None:
                db.execute(
                    "UPDATE account SET totp_step = ? WHERE reference = ?",
                    (step, account.reference),
                )
        return step is not None


def folded(name: str) -> str:
    """A name as it is looked up, and as tries of it are counted."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()
