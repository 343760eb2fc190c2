"""Passwords: kept as argon2id, tried a few at a time, slow whether or not the name exists."""

from __future__ import annotations

import functools
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200  # characters; the longest is hashed whole, so it is bounded
_HASHER = PasswordHasher()  # RFC 9106, low memory: 64 MiB a try
_AT_ONCE = threading.Semaphore(2)  # 64 MiB each: a crowd that signs in must not fill the memory


def hashed(password: str) -> str:
    """The argon2id hash to keep, with its parameters and salt."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Whether this is the password. `kept` "": there is none, and the same time passes."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))


def weakness(password: str, name: str) -> str:
    """Why a new password is refused: `short`, `long`, `name`, `same`; "" where it is not."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST:
        return "name"
    return "same" if len(set(password)) < 4 else ""
